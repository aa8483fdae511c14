// Tables of a judge's verdicts, from scored items or from the items of a run: all in one, or by subset for a comparison.
import { DataError } from '../core/errors.js';
import { printable } from '../core/text.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { Gold, ScoredItem } from '../schema/recorded-judgment.js';
import type { ShortcutValues } from '../schema/shortcuts.js';
import { asListed, goldOf, scoresOf, shownOf } from './given-frame.js';
import { SHOWN, VerdictTable, type TableItem } from './verdict-table.js';

/** Tables by subset. Only the counts of an item are kept. */
export class JudgeTables {
  readonly #bySubset = new Map<string, VerdictTable>();
  /** By subset and item. */
  readonly #shortcuts = new Map<string, ShortcutValues>();

  /** What trivial judges see of an item of a subset, where that is known. */
  shortcutsOf(subset: string, itemId: string): ShortcutValues | undefined {
    return this.#shortcuts.get(`${subset}\u0000${itemId}`);
  }

  /** The tables by subset. */
  get bySubset(): ReadonlyMap<string, VerdictTable> {
    return this.#bySubset;
  }

  /** Other tables made of these, by the same subsets. */
  mapped(change: (table: VerdictTable) => VerdictTable): JudgeTables {
    const made = new JudgeTables();
    for (const [subset, table] of this.#bySubset) made.#bySubset.set(subset, change(table));
    return made;
  }

  get nItems(): number {
    return [...this.#bySubset.values()].reduce((sum, { nItems }) => sum + nItems, 0);
  }

  /**
   * Adds a scored item. The verdicts of a repeated item count as samples. @throws DataError when the item had another gold label before
   * @throws RangeError beyond 65,535 verdicts of one kind of one item and order
   */
  addScored(item: Omit<ScoredItem, 'judge'>): void {
    const { subset, itemId, gold, cluster, shortcuts } = item;
    const table = this.#known(subset, { itemId, gold, cluster });
    if (shortcuts) this.#shortcuts.set(`${subset}\u0000${itemId}`, shortcuts);
    for (const shown of SHOWN) table.addVotes(itemId, shown, item[shown]);
  }

  /**
   * Adds the greedy verdicts of a run's item, whose subset is its slice by default.
   * @throws as {@link addScored}
   */
  addEvaluated(item: EvaluatedItem, subset = item.slice): void {
    addVerdictsOf(item, this.#known(subset, tableItemOf(item)), 'greedy');
  }

  #known(subset: string, item: TableItem): VerdictTable {
    const { itemId, gold } = item;
    const table = this.#bySubset.get(subset) ?? new VerdictTable();
    this.#bySubset.set(subset, table);
    const index = table.find(itemId);
    const before = index === undefined ? null : table.goldOf(index);
    if (!table.addItem(item))
      throw goldDiffers(`${subset}/${itemId}`, `${String(before)} and ${String(gold)}`);
    return table;
  }
}

/** The greedy verdicts of a run's items. */
export function tableOf(items: Iterable<EvaluatedItem>): VerdictTable {
  return tableOfEvaluated(items, 'greedy');
}

/** The sampled verdicts of a run's items. */
export function tableOfVotes(items: Iterable<EvaluatedItem>): VerdictTable {
  return tableOfEvaluated(items, 'votes');
}

function tableOfEvaluated(items: Iterable<EvaluatedItem>, of: 'greedy' | 'votes'): VerdictTable {
  const table = new VerdictTable();
  for (const item of items) {
    table.addItem(tableItemOf(item));
    addVerdictsOf(item, table, of);
  }
  return table;
}

function tableItemOf(item: EvaluatedItem): TableItem {
  const { itemId, cluster, winner, loser } = item;
  const responses = winner && loser ? asListed({ winner, loser }, item) : undefined;
  return { itemId, gold: goldOf(item), cluster, responses, scores: scoresOf(item) };
}

function addVerdictsOf(item: EvaluatedItem, table: VerdictTable, of: 'greedy' | 'votes'): void {
  for (const { order, verdict, votes } of item.orders) {
    const shown = shownOf(order, item);
    if (of === 'greedy') table.addVerdicts(item.itemId, shown, verdict);
    else if (votes) table.addVotes(item.itemId, shown, votes);
  }
}

/** A named judge. */
export interface NamedJudge {
  name: string;
  tables: JudgeTables;
}

/**
 * Shares gold labels and clusters among judges: those that only some of them have are copied to the others. @throws DataError naming the first item
 * with two labels and its judges
 */
export function agreeOnGold(judges: readonly NamedJudge[]): void {
  const subsets = new Set(judges.flatMap(({ tables }) => [...tables.bySubset.keys()]));
  for (const subset of subsets) {
    const agreed = new VerdictTable();
    const tables = judges.flatMap(({ name, tables: { bySubset } }) => {
      const table = bySubset.get(subset);
      return table ? [{ name, table }] : [];
    });
    for (const { name, table } of tables) {
      for (const [itemId, index] of table.items()) {
        const gold = table.goldOf(index);
        if (agreed.addItem({ itemId, gold, cluster: table.clusterOf(index) })) continue;
        const other = tables.find((known) => goldIn(known.table, itemId) !== null);
        throw goldDiffers(
          `${subset}/${itemId}`,
          `${String(gold)} of ${name} and ${other ? `${String(goldIn(other.table, itemId))} of ${other.name}` : 'another'}`,
        );
      }
    }
    for (const { table } of tables) {
      for (const [itemId, own] of table.items()) {
        // Nothing of the others is missing here.
        if (table.goldOf(own) !== null && table.clusterOf(own) !== undefined) continue;
        const index = agreed.find(itemId);
        if (index !== undefined) table.addItem(agreed.item(itemId, index));
      }
    }
  }
}

function goldIn(table: VerdictTable, itemId: string): Gold | null {
  const index = table.find(itemId);
  return index === undefined ? null : table.goldOf(index);
}

function goldDiffers(item: string, received: string): DataError {
  return new DataError({
    subject: printable(item),
    expected: 'the same gold label in all inputs',
    received: printable(received),
    remedy:
      'The inputs are of different benchmarks, or list the pairs in different orders. Score them again on the same items.',
  });
}

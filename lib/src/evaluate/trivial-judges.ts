// A judge beside judges that understand nothing: what it is worth beyond position, length, format and words.
import type { TrivialReport } from '../schema/comparison-report.js';
import type { Gold } from '../schema/recorded-judgment.js';
import { TRIVIAL_JUDGE_NAMES, type ShortcutValues, type TrivialJudge } from '../schema/shortcuts.js';
import { ShortcutReader } from '../shortcuts/index.js';
import type { GoldItem } from './benchmarks/index.js';
import { corrected } from './comparison-family.js';
import { clusterOf, goldOf } from './given-frame.js';
import { gatherPairs, PairedScores } from './paired-scores.js';
import { labelOf, scoreSumOf, SHOWN, VerdictTable } from './verdict-table.js';
import { nVotes } from './votes.js';

/** Of the tests, as of the comparison of two judges. */
const TEST = { seed: 1, nResamples: 10_000, nPermutations: 10_000 };

/** What trivial judges see of an item of a table by its id; undefined where nothing is known of it. */
export type ValuesOf = (itemId: string) => ShortcutValues | undefined;

/** Takes an item for the trivial judges. Two empty responses are those of a benchmark whose texts are not known. */
export function readShortcuts(reader: ShortcutReader, item: GoldItem): void {
  const { itemId: pairId, instruction, winner, loser } = item;
  if (winner === '' && loser === '') return;
  const [first, second] = item.givenFirst === 'loser' ? [loser, winner] : [winner, loser];
  reader.add({ pairId, instruction, first, second, gold: goldOf(item), cluster: clusterOf(item) });
}

/** By list of items, since all judges of a benchmark share them. */
const knownValues = new WeakMap<readonly GoldItem[], ReadonlyMap<string, ShortcutValues>>();

/** What trivial judges see of items, by id; computed once for a list. */
export function shortcutValues(items: readonly GoldItem[]): ReadonlyMap<string, ShortcutValues> {
  const known = knownValues.get(items);
  if (known) return known;
  const reader = new ShortcutReader();
  for (const item of items) readShortcuts(reader, item);
  const values = reader.values();
  knownValues.set(items, values);
  return values;
}

/** The same where a pair is listed the other way round. */
export function reversed(values: ShortcutValues): ShortcutValues {
  return Object.fromEntries(Object.entries(values).map(([name, [first, second]]) => [name, [second, first]]));
}

/**
 * Compares a judge with each trivial judge, on the items that both have a verdict on, in the orders in which the judge was shown them.
 * Where it was shown both, the one that always chooses the first is right in one of them.
 * @param tables the judge's verdicts; items of two tables are different items
 */
export function compareWithTrivial(
  judge: string,
  tables: readonly { table: VerdictTable; valuesOf: ValuesOf }[],
): TrivialReport {
  const compared = TRIVIAL_JUDGE_NAMES.flatMap((baseline) => {
    const scores = new PairedScores();
    for (const { table, valuesOf } of tables)
      gatherPairs({ baseline: trivialTable(table, baseline, valuesOf), judge: table }, [scores]);
    if (scores.n === 0) return [];
    const figures = scores.figures(TEST);
    const baselineAccuracy =
      baseline === 'first' && tables.every(({ table }) => isShownBothWays(table))
        ? { ...figures.baselineAccuracy, low: 0.5, high: 0.5, method: 'by construction: in both orders' }
        : figures.baselineAccuracy;
    return [{ judge, baseline, subset: null, ...figures, baselineAccuracy }];
  });
  return { judge, comparisons: corrected(compared) };
}

/** Whether always choosing the first is right in exactly one of two orders of every item that has a gold label. */
function isShownBothWays(table: VerdictTable): boolean {
  return [...table.items()].every(([, index]) => {
    const gold = table.goldOf(index);
    if (gold === null) return true;
    const nOrders = SHOWN.filter((shown) => scoreSumOf(table, index, shown).size > 0).length;
    return gold !== 'tie' && nOrders !== 1;
  });
}

/** The verdicts of a trivial judge on the items of another, one in each order in which that was shown the item. */
function trivialTable(table: VerdictTable, name: TrivialJudge, valuesOf: ValuesOf): VerdictTable {
  const trivial = new VerdictTable();
  for (const [itemId, index] of table.items()) {
    trivial.addItem({ itemId, gold: table.goldOf(index), cluster: table.clusterOf(index) });
    const chosen = name === 'first' ? null : chosenBy(valuesIn(table, index, valuesOf(itemId))[name]);
    for (const shown of SHOWN) {
      if (nVotes(table.votesOf(index, shown)) === 0) continue;
      const kind = name === 'first' ? 'A' : chosen === null ? 'unparsed' : labelOf(chosen, shown);
      trivial.addVerdicts(itemId, shown, { kind });
    }
  }
  return trivial;
}

/** What is known of an item; the lengths of its responses may be known without their texts. */
function valuesIn(table: VerdictTable, index: number, values: ShortcutValues = {}): ShortcutValues {
  const [first, second] = table.responsesOf(index) ?? [];
  if (first?.nCharacters === undefined || second?.nCharacters === undefined) return values;
  if (first.nCharacters + second.nCharacters === 0) return values;
  return { longer: [first.nCharacters, second.nCharacters], ...values };
}

function chosenBy(values: readonly [number, number] | undefined): Gold | null {
  if (!values) return null;
  const [first, second] = values;
  return first === second ? 'tie' : first > second ? 'first' : 'second';
}

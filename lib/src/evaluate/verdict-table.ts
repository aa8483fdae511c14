// Verdicts counted by item and order; every score is computed from this table. It holds counts, not texts, in typed columns, so that a
// million judgments take some tens of megabytes.
import { checkNumber, checkOneOf, COUNT, refuse } from '../core/statistics/checks.js';
import type { Gold, Respondent, Shown } from '../schema/recorded-judgment.js';
import { UNPARSED_REASONS, type UnparsedReason, type Verdict, type VoteCount } from '../schema/verdict.js';
import { majority, nVotes } from './votes.js';

/** The two orders in which a pair can be shown. */
export const SHOWN: readonly Shown[] = ['given', 'swapped'];

const KINDS = ['A', 'B', 'tie', 'unparsed'] as const;
const GOLD_LABELS = ['first', 'second', 'tie'] as const;
const GOLDS = [null, ...GOLD_LABELS] as const;
/** Why there is no verdict where only that was recorded. */
const NO_VERDICT = 'no-verdict';
/** Counters of one item and order: three kinds of verdict, and what has none by its reason. */
const COUNTERS = ['A', 'B', 'tie', NO_VERDICT, ...UNPARSED_REASONS] as const;
const FIRST_UNSCORED = COUNTERS.indexOf(NO_VERDICT);
const NOTHING: Readonly<Record<string, number>> = {};
const CELLS = 2 * COUNTERS.length;
const MOST_PER_CELL = 0xffff;

/** An item as the table knows it. */
export interface TableItem {
  itemId: string;
  /** null where no gold label is known. */
  gold: Gold | null;
  /** Its cluster, of whichever subset; absent: the item is one of its own. */
  cluster?: string | undefined;
  /** Metadata of the two responses, as the benchmark lists them. */
  responses?: readonly [Respondent, Respondent] | undefined;
  /** Human votes, where gold is their majority. */
  humanVotes?: HumanVotes | undefined;
  /** Scores or grades that the judge gave each response alone. */
  scores?: readonly [number, number] | undefined;
}

/** Human votes on a pair as the benchmark lists it. */
export type HumanVotes = Readonly<Record<Gold, number>>;

/** Verdicts by item; items keep the order in which they were added. */
export class VerdictTable {
  readonly #indexById = new Map<string, number>();
  #gold = new Uint8Array(64);
  #counts = new Uint16Array(64 * CELLS);
  readonly #clusters = new Map<number, string>();
  /** By item; empty for most sets. */
  readonly #responses = new Map<number, readonly [Respondent, Respondent]>();
  readonly #humanVotes = new Map<number, HumanVotes>();
  readonly #scores = new Map<number, readonly [number, number]>();

  get nItems(): number {
    return this.#indexById.size;
  }

  /** Whether any item has metadata of responses. */
  get knowsResponses(): boolean {
    return this.#responses.size > 0;
  }

  /**
   * Adds an item; its verdicts may be added before or after. The first cluster that is given counts.
   * @returns false when the item already has another gold label; then it is unchanged
   * @throws RangeError for another gold label than there are
   */
  addItem({ itemId, gold, cluster, responses, humanVotes, scores }: TableItem): boolean {
    if (gold !== null) checkOneOf(gold, 'VerdictTable(gold)', GOLD_LABELS);
    const index = this.#indexOf(itemId);
    const known = GOLDS[this.#gold[index] ?? 0] ?? null;
    if (gold !== null && known !== null && known !== gold) return false;
    if (cluster !== undefined && !this.#clusters.has(index)) this.#clusters.set(index, cluster);
    if (responses) this.#responses.set(index, responses);
    if (humanVotes) this.#humanVotes.set(index, humanVotes);
    if (scores) this.#scores.set(index, scores);
    if (gold !== null) this.#gold[index] = GOLDS.indexOf(gold);
    return true;
  }

  /**
   * Counts verdicts of an item. @param verdict.reason of `unparsed`, where it is known
   * @throws RangeError beyond 65,535 of one kind of one item and order, and for another kind, reason, order or number
   */
  addVerdicts(
    itemId: string,
    shown: Shown,
    { kind, reason, times = 1 }: { kind: Verdict['kind']; reason?: UnparsedReason; times?: number },
  ): void {
    checkOneOf(shown, 'VerdictTable(shown)', SHOWN);
    checkOneOf(kind, 'VerdictTable(kind)', KINDS);
    if (reason !== undefined) checkOneOf(reason, 'VerdictTable(reason)', UNPARSED_REASONS);
    checkNumber(times, 'VerdictTable(times)', COUNT);
    this.#count(itemId, shown, { counter: kind === 'unparsed' ? (reason ?? NO_VERDICT) : kind, times });
  }

  #count(
    itemId: string,
    shown: Shown,
    { counter, times }: { counter: (typeof COUNTERS)[number]; times: number },
  ): void {
    const cell = this.#cell(this.#indexOf(itemId), shown) + COUNTERS.indexOf(counter);
    const count = (this.#counts[cell] ?? 0) + times;
    if (count > MOST_PER_CELL)
      throw new RangeError(
        `${itemId}: expected at most ${MOST_PER_CELL} verdicts of one kind, received more`,
      );
    this.#counts[cell] = count;
  }

  /** Counts all votes of an item in an order. @throws RangeError as {@link addVerdicts} */
  addVotes(itemId: string, shown: Shown, votes: VoteCount): void {
    nVotes(votes); // checks that none is missing
    for (const kind of KINDS) this.addVerdicts(itemId, shown, { kind, times: votes[kind] });
  }

  /** Counts all verdicts of an item of another table, with their reasons. @throws RangeError as {@link addVerdicts} */
  addVerdictsOf(itemId: string, from: VerdictTable, index: number): void {
    for (const shown of SHOWN) {
      const counts = from.#countersOf(index, shown);
      for (const [i, counter] of COUNTERS.entries()) {
        const times = counts[i] ?? 0;
        if (times > 0) this.#count(itemId, shown, { counter, times });
      }
    }
  }

  /** The index of an item, or undefined. */
  find(itemId: string): number | undefined {
    return this.#indexById.get(itemId);
  }

  /** Every item with its index. */
  items(): IterableIterator<[itemId: string, index: number]> {
    return this.#indexById.entries();
  }

  goldOf(index: number): Gold | null {
    return GOLDS[this.#gold[index] ?? 0] ?? null;
  }

  /** The cluster of an item; undefined for one of its own. */
  clusterOf(index: number): string | undefined {
    return this.#clusters.get(index);
  }

  responsesOf(index: number): readonly [Respondent, Respondent] | undefined {
    return this.#responses.get(index);
  }

  humanVotesOf(index: number): HumanVotes | undefined {
    return this.#humanVotes.get(index);
  }

  scoresOf(index: number): readonly [number, number] | undefined {
    return this.#scores.get(index);
  }

  /** The metadata of an item, under an id. */
  item(itemId: string, index: number): TableItem {
    return {
      itemId,
      gold: this.goldOf(index),
      cluster: this.clusterOf(index),
      responses: this.responsesOf(index),
      humanVotes: this.humanVotesOf(index),
      scores: this.scoresOf(index),
    };
  }

  /** The number of verdicts of a kind. */
  countOf(index: number, shown: Shown, kind: Verdict['kind']): number {
    return this.votesOf(index, shown)[kind];
  }

  votesOf(index: number, shown: Shown): VoteCount {
    const [A = 0, B = 0, tie = 0, ...without] = this.#countersOf(index, shown);
    return { A, B, tie, unparsed: without.reduce((sum, n) => sum + n, 0) };
  }

  /** How many verdicts of an item name nothing in an order, by reason. */
  unparsedOf(index: number, shown: Shown): Readonly<Record<string, number>> {
    const counts = this.#countersOf(index, shown);
    const reasons: Record<string, number> = {};
    let n = 0;
    for (let i = FIRST_UNSCORED; i < COUNTERS.length; i++) {
      const times = counts[i] ?? 0;
      if (times > 0) reasons[COUNTERS[i] ?? NO_VERDICT] = times;
      n += times;
    }
    return n === 0 ? NOTHING : reasons;
  }

  #countersOf(index: number, shown: Shown): Uint16Array {
    const cell = this.#cell(index, shown);
    return this.#counts.subarray(cell, cell + COUNTERS.length);
  }

  #cell(index: number, shown: Shown): number {
    if (!(Number.isInteger(index) && index >= 0 && index < this.nItems))
      refuse('VerdictTable(index)', `the index of one of ${this.nItems} items`, index);
    return index * CELLS + (shown === 'given' ? 0 : COUNTERS.length);
  }

  #indexOf(itemId: string): number {
    const known = this.#indexById.get(itemId);
    if (known !== undefined) return known;
    const index = this.#indexById.size;
    this.#indexById.set(itemId, index);
    if (index >= this.#gold.length) this.#grow();
    return index;
  }

  #grow(): void {
    const gold = new Uint8Array(this.#gold.length * 2);
    gold.set(this.#gold);
    this.#gold = gold;
    const counts = new Uint16Array(this.#counts.length * 2);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

/** How a publication counts verdicts that name no side; absent: unchanged. */
export type Convention = Readonly<Partial<Record<'tie' | 'unparsed', Verdict['kind']>>>;

/** A verdict by a convention. */
export function countedAs(kind: Verdict['kind'], convention: Convention): Verdict['kind'] {
  return kind === 'A' || kind === 'B' ? kind : (convention[kind] ?? kind);
}

/** Several subsets as one table; items with the same id in different subsets stay separate. A single subset is returned unchanged. */
export function pooledSubsets(subsets: ReadonlyMap<string, VerdictTable>): VerdictTable {
  const [only, ...others] = subsets.values();
  if (only && others.length === 0) return only;
  const all = new VerdictTable();
  for (const [subset, table] of subsets) {
    for (const [itemId, index] of table.items()) {
      const id = JSON.stringify([subset, itemId]);
      all.addItem(table.item(id, index));
      all.addVerdictsOf(id, table, index);
    }
  }
  return all;
}

/** Why an order has no verdict: the reason of all of its samples, where that is one. @param unparsed by reason */
export function reasonIn(unparsed: Readonly<Record<string, number>>): string {
  const [only = NO_VERDICT, ...others] = Object.keys(unparsed);
  return others.length === 0 ? only : NO_VERDICT;
}

/** One verdict per order: the majority of the samples, by a convention. */
export function majorities(table: VerdictTable, convention: Convention = {}): VerdictTable {
  const counted = new VerdictTable();
  for (const [itemId, index] of table.items()) {
    counted.addItem(table.item(itemId, index));
    for (const shown of SHOWN) {
      const votes = table.votesOf(index, shown);
      if (nVotes(votes) === 0) continue;
      const reason = UNPARSED_REASONS.find((name) => name === reasonIn(table.unparsedOf(index, shown)));
      counted.addVerdicts(itemId, shown, {
        kind: countedAs(majority(votes).kind, convention),
        ...(reason && { reason }),
      });
    }
  }
  return counted;
}

/** A table as its publication counts it: its {@link majorities}, or the same table where nothing is counted differently. */
export function byConvention(table: VerdictTable, convention: Convention = {}): VerdictTable {
  return Object.keys(convention).length === 0 ? table : majorities(table, convention);
}

/** The sum and the number of scores. */
export interface ScoreSum {
  sum: number;
  size: number;
}

/**
 * Scores of an item's verdicts in one order against its gold label: right 1, wrong 0; a tie 1/2, but 1 where gold is a tie. Unparsed
 * verdicts have no score.
 */
export function scoreSumOf(table: VerdictTable, index: number, shown: Shown): ScoreSum {
  const gold = table.goldOf(index);
  if (gold === null) return { sum: 0, size: 0 };
  const a = table.countOf(index, shown, 'A');
  const b = table.countOf(index, shown, 'B');
  const ties = table.countOf(index, shown, 'tie');
  const right = labelOf(gold, shown);
  const sum = right === 'tie' ? ties : (right === 'A' ? a : b) + ties / 2;
  return { sum, size: a + b + ties };
}

/** The correct verdict for a gold label in an order. */
export function labelOf(gold: Gold, shown: Shown): 'A' | 'B' | 'tie' {
  if (gold === 'tie') return 'tie';
  return (gold === 'first') === (shown === 'given') ? 'A' : 'B';
}

/** A verdict in an order, as the outcome for the pair as its benchmark lists it. */
export function namedBy(kind: Verdict['kind'], shown: Shown): Gold | null {
  if (kind === 'unparsed') return null;
  if (kind === 'tie') return 'tie';
  return (kind === 'A') === (shown === 'given') ? 'first' : 'second';
}

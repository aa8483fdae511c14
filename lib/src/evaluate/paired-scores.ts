// Comparison of two judges on the same items: scores gathered item by item, the paired difference with its interval and p, and the smallest
// detectable difference.
import { deriveRandom } from '../core/random.js';
import { mcnemarTest } from '../core/statistics/mcnemar.js';
import { pairedBootstrapInterval, signFlipTest } from '../core/statistics/paired.js';
import { minimumDetectableDifference } from '../core/statistics/power.js';
import { TypeCounts } from '../core/statistics/type-counts.js';
import type { JudgeComparison, UnscoredReasons } from '../schema/comparison-report.js';
import type { Comparison, Estimate } from '../schema/estimate.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import { tableOf } from './judge-tables.js';
import { ShareCounter } from './share-counter.js';
import { scoreSumOf, SHOWN, type VerdictTable } from './verdict-table.js';
import { nVotes } from './votes.js';

/** How a comparison is tested. */
export interface TestOptions {
  /** Seed of the random streams. */
  seed: number;
  /** Resamples of the bootstrap. */
  nResamples: number;
  /** Random sign patterns where the test is not exact. */
  nPermutations: number;
}

/** The comparison of two judges, before the correction for several tests. */
export type PairedFigures = Omit<JudgeComparison, 'judge' | 'baseline' | 'subset' | 'finding' | 'pHolm'>;

/** An item that both judges were scored on, or why it is not compared. */
type Pairing =
  | {
      kind: 'scored';
      /** Mean scores over the orders that both were scored in, 0 to 1. */
      baseline: number;
      judge: number;
      /** Judge minus baseline. */
      difference: number;
      /** Whether each judge has one single score of this item, 0 or 1. */
      isSingle: boolean;
    }
  | { kind: 'unscored'; reason: keyof UnscoredReasons };

/** Gathers items; see {@link gatherPairs}. Memory grows with the number of distinct differences, not of items. */
export class PairedScores {
  readonly #differences = new TypeCounts();
  readonly #baseline = new ShareCounter();
  readonly #judge = new ShareCounter();
  readonly #unscored: UnscoredReasons = { oneJudgeOnly: 0, noGold: 0, noCommonOrder: 0, noVerdict: 0 };
  #n = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #areSingle = true;
  #onlyBaselineRight = 0;
  #onlyJudgeRight = 0;

  /** Items that both were scored on. */
  get n(): number {
    return this.#n;
  }

  /** Items that both were shown, scored or not. */
  get nSeenByBoth(): number {
    const { noGold, noCommonOrder, noVerdict } = this.#unscored;
    return this.#n + noGold + noCommonOrder + noVerdict;
  }

  add(pairing: Pairing): void {
    if (pairing.kind === 'unscored') {
      this.addUnscored(pairing.reason, 1);
      return;
    }
    const { baseline, judge, difference, isSingle } = pairing;
    this.#n++;
    this.#sum += difference;
    this.#sumOfSquares += difference * difference;
    this.#differences.add(difference);
    // Every item weighs the same, however many orders it has, so that the two accuracies differ by the difference.
    this.#baseline.add({ sum: baseline * SHOWN.length, size: SHOWN.length });
    this.#judge.add({ sum: judge * SHOWN.length, size: SHOWN.length });
    this.#areSingle &&= isSingle;
    if (difference < 0) this.#onlyBaselineRight++;
    if (difference > 0) this.#onlyJudgeRight++;
  }

  addUnscored(reason: keyof UnscoredReasons, nItems: number): void {
    this.#unscored[reason] += nItems;
  }

  /** The figures so far: nulls where no item was scored by both. */
  figures({ seed, nResamples, nPermutations }: TestOptions): PairedFigures {
    const unscored = Object.values(this.#unscored).reduce((sum, nItems) => sum + nItems, 0);
    const ofItems = (counter: ShareCounter): Estimate => ({ ...counter.estimate(), n: this.#n, unscored });
    const standardDeviation = this.#standardDeviation();
    return {
      difference: this.#n === 0 ? null : this.#sum / this.#n,
      n: this.#n,
      unscored,
      ...pairedBootstrapInterval(this.#differences, { random: deriveRandom(seed, 'bootstrap'), nResamples }),
      pValue: signFlipTest(this.#differences, { random: deriveRandom(seed, 'sign-flip'), nPermutations }),
      minimumDetectable:
        standardDeviation === null || standardDeviation === 0
          ? null
          : minimumDetectableDifference({ nItems: this.#n, standardDeviation }),
      method: 'paired bootstrap 95% over items; two-sided sign-flip test',
      mcNemarMidP:
        this.#n > 0 && this.#areSingle
          ? mcnemarTest({ onlyFirst: this.#onlyBaselineRight, onlySecond: this.#onlyJudgeRight }).midP
          : null,
      baselineAccuracy: ofItems(this.#baseline),
      judgeAccuracy: ofItems(this.#judge),
      unscoredReasons: { ...this.#unscored },
    };
  }

  /** Of the differences, n - 1; null for fewer than two. */
  #standardDeviation(): number | null {
    if (this.#n < 2) return null;
    const mean = this.#sum / this.#n;
    const squares = this.#sumOfSquares - this.#n * mean * mean;
    return Math.sqrt(Math.max(0, squares) / (this.#n - 1));
  }
}

/**
 * Pairs the items of two tables of the same subset and hands each to all gatherers.
 * @param tables undefined where a judge was not shown the subset
 */
export function gatherPairs(
  { baseline, judge }: { baseline: VerdictTable | undefined; judge: VerdictTable | undefined },
  gatherers: readonly PairedScores[],
): void {
  let nInBoth = 0;
  for (const [itemId, index] of baseline?.items() ?? []) {
    const judgeIndex = judge?.find(itemId);
    if (!baseline || !judge || judgeIndex === undefined) continue;
    nInBoth++;
    const pairing = pairingOf({ table: baseline, index }, { table: judge, index: judgeIndex });
    for (const gatherer of gatherers) gatherer.add(pairing);
  }
  const nInOne = (baseline?.nItems ?? 0) + (judge?.nItems ?? 0) - 2 * nInBoth;
  for (const gatherer of gatherers) gatherer.addUnscored('oneJudgeOnly', nInOne);
}

interface Place {
  table: VerdictTable;
  index: number;
}

function pairingOf(baseline: Place, judge: Place): Pairing {
  if (baseline.table.goldOf(baseline.index) === null || judge.table.goldOf(judge.index) === null)
    return { kind: 'unscored', reason: 'noGold' };
  const sums = { baseline: 0, judge: 0, difference: 0 };
  const nScores = { baseline: 0, judge: 0 };
  let nOrders = 0;
  let haveCommonOrder = false;
  for (const shown of SHOWN) {
    haveCommonOrder ||= wasShown(baseline, shown) && wasShown(judge, shown);
    const before = scoreSumOf(baseline.table, baseline.index, shown);
    const after = scoreSumOf(judge.table, judge.index, shown);
    nScores.baseline += before.size;
    nScores.judge += after.size;
    if (before.size === 0 || after.size === 0) continue;
    const scores = { baseline: before.sum / before.size, judge: after.sum / after.size };
    sums.baseline += scores.baseline;
    sums.judge += scores.judge;
    sums.difference += scores.judge - scores.baseline;
    nOrders++;
  }
  if (nOrders === 0) return { kind: 'unscored', reason: haveCommonOrder ? 'noVerdict' : 'noCommonOrder' };
  return {
    kind: 'scored',
    baseline: sums.baseline / nOrders,
    judge: sums.judge / nOrders,
    difference: sums.difference / nOrders,
    isSingle:
      nScores.baseline === 1 &&
      nScores.judge === 1 &&
      Number.isInteger(sums.baseline) &&
      Number.isInteger(sums.judge),
  };
}

function wasShown({ table, index }: Place, shown: (typeof SHOWN)[number]): boolean {
  return nVotes(table.votesOf(index, shown)) > 0;
}

/** How two judges are compared. */
export interface CompareOptions {
  /** Seed of the random streams of the bootstrap and the test. */
  seed: number;
  nResamples?: number;
}

/**
 * Compares two judges on the items of a run: the difference in mean score over the orders that both were scored in, with a paired
 * bootstrap interval (items resampled whole) and a paired sign-flip test.
 */
export function compareJudges(
  earlier: readonly EvaluatedItem[],
  later: readonly EvaluatedItem[],
  options: CompareOptions,
): Comparison {
  return compareTables(tableOf(earlier), tableOf(later), options);
}

/** Compares two tables. Both orders of an item and all its samples are one observation. */
export function compareTables(
  earlier: VerdictTable,
  later: VerdictTable,
  { seed, nResamples = 10_000 }: CompareOptions,
): Comparison {
  const scores = new PairedScores();
  gatherPairs({ baseline: earlier, judge: later }, [scores]);
  const figures = scores.figures({ seed, nResamples, nPermutations: nResamples });
  const { difference, n, unscored, low, high, pValue, minimumDetectable, method } = figures;
  return { difference, n, unscored, low, high, pValue, minimumDetectable, method };
}

// Comparison of two judges on the same items: scores gathered item by item, the paired difference with its interval and p, and the smallest
// detectable difference.
import { deriveRandom } from '../core/random.js';
import { bootstrapRatio } from '../core/statistics/bootstrap.js';
import { signFlipTestResult } from '../core/statistics/paired.js';
import { minimumDetectableDifference } from '../core/statistics/power.js';
import { TypeCounts } from '../core/statistics/type-counts.js';
import type { JudgeComparison, UnscoredReasons } from '../schema/comparison-report.js';
import type { Comparison, Estimate } from '../schema/estimate.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import { tableOf } from './judge-tables.js';
import { ShareCounter } from '../core/statistics/share-counter.js';
import { scoreSumOf, SHOWN, type ScoreSum, type VerdictTable } from './verdict-table.js';
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
export type Pairing =
  | {
      kind: 'scored';
      /** Mean scores over the orders that both were scored in, 0 to 1. */
      baseline: number;
      judge: number;
      /** Judge minus baseline. */
      difference: number;
      /** Orders that both were scored in. */
      nOrders: number;
      /** Whether each judge has one single score of this item, 0 or 1. */
      isSingle: boolean;
    }
  | { kind: 'unscored'; reason: keyof UnscoredReasons };

/** Gathers items; see {@link gatherPairs}. Memory grows with the number of distinct differences and of named clusters, not of items. */
export class PairedScores {
  readonly #alone = new TypeCounts();
  /** The differences of a cluster's items. */
  readonly #shared = new Map<string, ScoreSum>();
  readonly #baseline = new ShareCounter();
  readonly #judge = new ShareCounter();
  readonly #unscored: UnscoredReasons = { oneJudgeOnly: 0, noGold: 0, noCommonOrder: 0, noVerdict: 0 };
  #n = 0;
  /** Orders of an item, at most. */
  #nOrders = 0;
  #areSingle = true;

  /** Items that both were scored on. */
  get n(): number {
    return this.#n;
  }

  /** Items that both were shown, scored or not. */
  get nSeenByBoth(): number {
    const { noGold, noCommonOrder, noVerdict } = this.#unscored;
    return this.#n + noGold + noCommonOrder + noVerdict;
  }

  /** @param cluster items of one cluster are not independent; undefined for an item that is one of its own */
  add(pairing: Pairing, cluster: string | undefined): void {
    if (pairing.kind === 'unscored') {
      this.addUnscored(pairing.reason, 1);
      return;
    }
    const { baseline, judge, difference, nOrders, isSingle } = pairing;
    this.#n++;
    this.#nOrders = Math.max(this.#nOrders, nOrders);
    if (cluster === undefined) {
      this.#alone.add(difference);
    } else {
      const { sum, size } = this.#shared.get(cluster) ?? { sum: 0, size: 0 };
      this.#shared.set(cluster, { sum: sum + difference, size: size + 1 });
    }
    // Every item weighs the same, however many orders it has, so that the two accuracies differ by the difference.
    this.#baseline.addOne(baseline, { cluster });
    this.#judge.addOne(judge, { cluster });
    this.#areSingle &&= isSingle;
  }

  addUnscored(reason: keyof UnscoredReasons, nItems: number): void {
    this.#unscored[reason] += nItems;
  }

  /** The figures so far: nulls where no item was scored by both. */
  figures({ seed, nResamples, nPermutations }: TestOptions): PairedFigures {
    const unscored = Object.values(this.#unscored).reduce((sum, nItems) => sum + nItems, 0);
    const counts = { n: this.#n, unscored };
    const ofItems = (counter: ShareCounter): Estimate => ({ ...counter.estimate(this.#nOrders), ...counts });
    const { clusters, sums } = this.#clusters();
    const nClusters = clusters.nItems;
    const difference = clusters.ratio();
    const interval = bootstrapRatio(clusters, { random: deriveRandom(seed, 'bootstrap'), nResamples });
    const flipped = signFlipTestResult(sums, { random: deriveRandom(seed, 'sign-flip'), nPermutations });
    const standardDeviation = difference === null ? null : deviationPerItem(clusters, difference, this.#n);
    const isSingle = this.#areSingle && flipped !== null;
    return {
      difference,
      ...counts,
      nClusters,
      ...interval,
      pValue: flipped?.pValue ?? null,
      minimumDetectable:
        standardDeviation === null || standardDeviation === 0
          ? null
          : minimumDetectableDifference({ nItems: this.#n, standardDeviation }),
      method: [
        interval.low === null && nClusters > 0
          ? `no interval: ${nClusters === 1 ? 'one cluster shows no spread' : `${nClusters} clusters, all alike`}`
          : `paired bootstrap 95%, ${nClusters} clusters, t adjustment`,
        'two-sided sign-flip test of whole clusters',
        ...(isSingle && nClusters < this.#n ? ["its mid-p in the place of McNemar's"] : []),
      ].join('; '),
      // Of items that are not in clusters it is McNemar's own.
      mcNemarMidP: isSingle ? flipped.midP : null,
      baselineAccuracy: ofItems(this.#baseline),
      judgeAccuracy: ofItems(this.#judge),
      unscoredReasons: { ...this.#unscored },
    };
  }

  /** The clusters with their sums of differences and sizes, and the sums alone, which the sign-flip test takes. */
  #clusters(): { clusters: TypeCounts; sums: TypeCounts } {
    if (this.#shared.size === 0) return { clusters: this.#alone, sums: this.#alone };
    const [clusters, sums] = [new TypeCounts(), new TypeCounts()];
    const shared = [...this.#shared.values()].map((cluster) => ({ ...cluster, times: 1 }));
    for (const { sum, size, times } of [...this.#alone.types(), ...shared]) {
      clusters.add(sum, size, times);
      sums.add(sum, 1, times);
    }
    return { clusters, sums };
  }
}

/**
 * The standard deviation of independent items whose mean would vary as much as that of these clusters does; null for fewer than two. For
 * clusters of one item it is that of their differences, n - 1.
 */
function deviationPerItem(clusters: TypeCounts, difference: number, n: number): number | null {
  const m = clusters.nItems;
  const residuals = clusters.types().map(({ sum, size, times }) => times * (sum - difference * size) ** 2);
  const squares = residuals.reduce((total, residual) => total + residual, 0);
  return m < 2 ? null : Math.sqrt(((m / (m - 1)) * squares) / n);
}

/** Two tables of the same subset; undefined where a judge was not shown it. */
export interface TablePair {
  baseline: VerdictTable | undefined;
  judge: VerdictTable | undefined;
}

/** Pairs the items of two tables of the same subset and hands each to all gatherers. */
export function gatherPairs({ baseline, judge }: TablePair, gatherers: readonly PairedScores[]): void {
  let nInBoth = 0;
  for (const [itemId, index] of baseline?.items() ?? []) {
    const judgeIndex = judge?.find(itemId);
    if (!baseline || !judge || judgeIndex === undefined) continue;
    nInBoth++;
    const pairing = pairingOf({ table: baseline, index }, { table: judge, index: judgeIndex });
    const cluster = baseline.clusterOf(index);
    for (const gatherer of gatherers) gatherer.add(pairing, cluster);
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
    nOrders,
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
 * bootstrap interval and a paired sign-flip test, both of whole clusters of items.
 */
export function compareJudges(
  earlier: readonly EvaluatedItem[],
  later: readonly EvaluatedItem[],
  options: CompareOptions,
): Comparison {
  return compareTables(tableOf(earlier), tableOf(later), options);
}

/** Compares two tables. All items of a cluster, in both orders and with all samples, are one observation. */
export function compareTables(
  earlier: VerdictTable,
  later: VerdictTable,
  { seed, nResamples = 10_000 }: CompareOptions,
): Comparison {
  const scores = new PairedScores();
  gatherPairs({ baseline: earlier, judge: later }, [scores]);
  const figures = scores.figures({ seed, nResamples, nPermutations: nResamples });
  const { difference, n, nClusters, unscored, low, high, pValue, minimumDetectable, method } = figures;
  return { difference, n, nClusters, unscored, low, high, pValue, minimumDetectable, method };
}

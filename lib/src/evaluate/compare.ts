// Comparison of two judges item by item: the paired difference, its interval, its p, and what could have been seen at all.
import type { Comparison } from '../schema/estimate.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import { tableOf } from './metrics.js';
import { gatherPairs, PairedScores } from './paired-scores.js';
import type { VerdictTable } from './verdict-table.js';

/** How two judges are compared. */
export interface CompareOptions {
  /** Names the random streams of the bootstrap and the test. */
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

/** The same of two tables. Both orders of an item and all its samples are one observation. */
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

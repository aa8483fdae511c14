// Direct standardisation over two strata: what a share would be if both strata were equally common
// (J. L. Fleiss, B. Levin and M. C. Paik 2003, Statistical Methods for Rates and Proportions, chapter 19).
import { refuse } from './checks.js';
import { ClusteredShareAccumulator, type Interval, Z_95 } from './interval.js';
import { studentTBound } from './student-t.js';

/** Some scores of one cluster: their sum, 0 to `size`, and how many there are, whole, from 0. */
export interface ClusterScores {
  readonly sum: number;
  readonly size: number;
  /** Its name; absent for a cluster that has no other scores, in either stratum. */
  readonly cluster?: string;
}

/** The clusters of one stratum, one by one or already summed. */
export type Stratum = ClusteredShareAccumulator | Iterable<ClusterScores>;

/** The mean of two strata's shares. */
export interface StandardisedShare extends Interval {
  /** null when a stratum is empty. */
  value: number | null;
  /** null when a stratum is empty or has one cluster only, which shows no spread; so are the ends of the interval. */
  standardError: number | null;
  /** Scores in both strata. */
  n: number;
  /** Clusters in either stratum. */
  nClusters: number;
}

/**
 * The mean of the shares of two strata, whatever their sizes. A judge's preference for long answers, say, is the mean of its share of the
 * longer one where that is the better answer and where it is the worse one: quality is held even, so that the share is 1/2 for a judge
 * without the preference.
 *
 * Standard error: sqrt(v1 + v2 + 2 c) / 2 with the cluster-robust variances of the two shares, and their covariance over the clusters that
 * are named in both. 95% interval: Student's t with the number of clusters less two as degrees of freedom, clipped to [0, 1]. A stratum
 * whose clusters are all alike shows no spread; its variance is then that of its Wilson interval, so that a few such clusters do not look
 * certain.
 * @throws RangeError where a sum of scores is outside 0 to its size, and for a stratum that is neither form
 */
export function standardisedShare(first: Stratum, second: Stratum): StandardisedShare {
  const [a, b] = [accumulated(first), accumulated(second)];
  const [shareA, shareB] = [a.result(), b.result()];
  const { covariance, nCommon } = a.covarianceWith(b);
  const nClusters = shareA.nClusters + shareB.nClusters - nCommon;
  const counts = { n: shareA.n + shareB.n, nClusters };
  const unknown = { standardError: null, low: null, high: null };
  if (shareA.value === null || shareB.value === null) return { value: null, ...unknown, ...counts };
  const value = (shareA.value + shareB.value) / 2;
  const [varianceA, varianceB] = [varianceOf(a), varianceOf(b)];
  if (varianceA === null || varianceB === null) return { value, ...unknown, ...counts };
  const standardError = Math.sqrt(Math.max(0, varianceA + varianceB + 2 * covariance)) / 2;
  const margin = studentTBound(0.95, Math.max(1, nClusters - 2)) * standardError;
  return {
    value,
    standardError,
    low: Math.max(0, value - margin),
    high: Math.min(1, value + margin),
    ...counts,
  };
}

function varianceOf(stratum: ClusteredShareAccumulator): number | null {
  const variance = stratum.variance();
  const { low, high } = stratum.result();
  return variance === 0 && low !== null && high !== null ? ((high - low) / (2 * Z_95)) ** 2 : variance;
}

function accumulated(stratum: Stratum): ClusteredShareAccumulator {
  if (stratum instanceof ClusteredShareAccumulator) return stratum;
  if (typeof (stratum as Partial<Iterable<ClusterScores>> | null)?.[Symbol.iterator] !== 'function')
    refuse('standardisedShare', 'a list of clusters, or their accumulator', stratum);
  const accumulator = new ClusteredShareAccumulator();
  for (const { sum, size, cluster } of stratum) accumulator.addTo(cluster, sum, size);
  return accumulator;
}

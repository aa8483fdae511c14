// How well a difference between two members of a pair foretells the better one: the area under the ROC curve, with clusters.
import { checkNumbers } from './checks.js';
import type { Interval } from './interval.js';
import { studentTBound } from './student-t.js';

/** An area under the curve: 1/2 says nothing, 1 and 0 tell every pair. */
export interface PairedAuc extends Interval {
  /** null for no pairs. */
  value: number | null;
}

/**
 * The area under the ROC curve of a difference by which pairs with the better member first are told from the same pairs the other way
 * round: the chance that d > -d' for two pairs, ties counted half. With its 95% interval: structural components as of E. R. DeLong et al.
 * (1988, Biometrics 44:837-845), summed over clusters (N. A. Obuchowski 1997, Biometrics 53:567-578), on the logit scale (M. S. Pepe 2003,
 * The Statistical Evaluation of Medical Tests, 5.2.4), with Student's t for m - 1 clusters. Takes n log n time.
 * @param differences better minus worse, one for each pair
 * @param clusters of the pairs, in the same order; clusters are taken for independent
 * @returns an interval of nulls for fewer than two clusters, and where the components show no spread
 * @throws RangeError for a difference that is not a finite number
 */
export function pairedAuc(differences: readonly number[], clusters: readonly string[]): PairedAuc {
  checkNumbers(differences, 'pairedAuc(differences)');
  const n = differences.length;
  if (n === 0) return { value: null, low: null, high: null };
  const sorted = Float64Array.from(differences).sort();
  const components = differences.map((d) => 1 - (nBelow(sorted, -d) + nBelow(sorted, -d, true)) / (2 * n));
  const value = components.reduce((sum, component) => sum + component, 0) / n;
  // A pair is once on each side, so that its component counts twice.
  const byCluster = new Map<string, number>();
  components.forEach((component, i) => {
    const cluster = clusters[i] ?? '';
    byCluster.set(cluster, (byCluster.get(cluster) ?? 0) + (2 * (component - value)) / n);
  });
  const m = byCluster.size;
  const squares = [...byCluster.values()].reduce((sum, influence) => sum + influence * influence, 0);
  if (m < 2 || value <= 0 || value >= 1 || squares < 1e-20) return { value, low: null, high: null };
  const error = Math.sqrt((m / (m - 1)) * squares) / (value * (1 - value));
  const margin = studentTBound(0.95, m - 1) * error;
  const logit = Math.log(value / (1 - value));
  return { value, low: 1 / (1 + Math.exp(margin - logit)), high: 1 / (1 + Math.exp(-margin - logit)) };
}

/** Numbers of a sorted list that are below a bound, or not above it. */
function nBelow(sorted: Float64Array, bound: number, orEqual = false): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle] ?? 0;
    if (value < bound || (orEqual && value === bound)) low = middle + 1;
    else high = middle;
  }
  return low;
}

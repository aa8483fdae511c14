// Confidence intervals for shares, with and without clusters.
import { checkList, checkNumber, checkNumbers, COUNT, refuse, SHARE, SIZE } from './checks.js';

/** An interval; both ends are null when there is nothing to estimate from. */
export interface Interval {
  low: number | null;
  high: number | null;
}

/** The 97.5% quantile of the standard normal distribution, for two-sided 95% intervals. */
export const Z_95 = 1.959963984540054;

/**
 * Wilson score interval, 95%, of a share (E. B. Wilson 1927, JASA 22:209-212).
 * @param share observed share, 0 to 1; for n = 0, where it would be 0 / 0, it is not looked at
 * @param n number of independent observations it was seen in; need not be whole; 0 gives nulls
 * @throws RangeError for another share or n
 * @example wilsonInterval(150 / 200, 200); // 150 right of 200
 */
export function wilsonInterval(share: number, n: number): Interval {
  checkNumber(n, 'wilsonInterval(n)', SIZE);
  if (n === 0) return { low: null, high: null };
  checkNumber(share, 'wilsonInterval(share)', SHARE);
  const z2 = Z_95 * Z_95;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const margin = (Z_95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - margin), high: Math.min(1, centre + margin) };
}

/** A share over clustered observations, e.g. the two orders of one item. */
export interface ClusteredShare extends Interval {
  /** The share; null for no observations. */
  value: number | null;
  /** How many observations were scored; not whole where they are weighted. */
  n: number;
  nClusters: number;
}

/** Relative tolerance by which a sum of computed scores may exceed its size. */
const SUM_ROUNDING = 1e-9;

/**
 * Adds clusters of scores in [0, 1] one by one and keeps their count and five sums, in constant memory.
 *
 * The result has a 95% Wilson interval at the effective sample size (E. L. Korn and B. I. Graubard 1998, Survey Methodology 24:193-201):
 * n_eff = p (1 - p) / v, where v is the variance of the ratio mean over clusters, v = m / (m - 1) * sum over clusters of (sum of scores - p
 * * size)^2 / n^2. n_eff is bounded by 1 and n; where it is undefined (all clusters alike, one cluster) it is the number of clusters.
 */
export class ClusteredShareAccumulator {
  #nClusters = 0;
  #size = 0;
  #sum = 0;
  #sumSquared = 0;
  #sumTimesSize = 0;
  #sizeSquared = 0;

  /**
   * Takes `times` clusters with this sum of scores over `size` scores; those of size 0 are skipped.
   * @param sum 0 to `size`; above it by no more than rounding it counts as `size`
   * @param size 0 to 1e100; need not be whole, where scores are weighted
   * @param times whole, from 0
   * @throws RangeError for anything else
   */
  add(sum: number, size: number, times = 1): void {
    checkNumber(size, 'ClusteredShareAccumulator(size)', SIZE);
    if (!(typeof sum === 'number' && sum >= 0 && sum <= size * (1 + SUM_ROUNDING)))
      refuse('ClusteredShareAccumulator(sum)', `the sum of ${size} scores from 0 to 1`, sum);
    // Nearly always 1, once for each item of a benchmark.
    if (times !== 1) checkNumber(times, 'ClusteredShareAccumulator(times)', COUNT);
    if (size === 0) return;
    const total = Math.min(sum, size);
    this.#nClusters += times;
    this.#size += size * times;
    this.#sum += total * times;
    this.#sumSquared += total * total * times;
    this.#sumTimesSize += total * size * times;
    this.#sizeSquared += size * size * times;
  }

  /** The current share, with its interval. */
  result(): ClusteredShare {
    const [n, m] = [this.#size, this.#nClusters];
    if (n === 0) return { value: null, n: 0, nClusters: 0, low: null, high: null };
    const share = this.#sum / n;
    const variance = this.variance() ?? 0;
    const nEffective = variance > 0 ? Math.min(n, Math.max(1, (share * (1 - share)) / variance)) : m;
    return { value: share, n, nClusters: m, ...wilsonInterval(share, nEffective) };
  }

  /** Cluster-robust variance of the share, the v above; null for fewer than two clusters. */
  variance(): number | null {
    const [n, m] = [this.#size, this.#nClusters];
    return m < 2 ? null : ((m / (m - 1)) * this.#squaredResiduals()) / (n * n);
  }

  /**
   * Sum of (sum - p * size)^2 = S2 - 2 p SN + p^2 N2. Scores are mostly multiples of 1/2, so the three sums are exact and
   * only this last step rounds. It is taken for the rarer side, right or wrong (both have the same residuals), since next
   * to p = 1 it would be a small difference of large numbers.
   */
  #squaredResiduals(): number {
    const rightIsRarer = this.#sum <= this.#size - this.#sum;
    const p = (rightIsRarer ? this.#sum : this.#size - this.#sum) / this.#size;
    const squares = rightIsRarer
      ? this.#sumSquared
      : this.#sizeSquared - 2 * this.#sumTimesSize + this.#sumSquared;
    const products = rightIsRarer ? this.#sumTimesSize : this.#sizeSquared - this.#sumTimesSize;
    const positive = squares + p * p * this.#sizeSquared;
    const residuals = positive - 2 * p * products;
    // For clusters that are all alike the remainder is rounding error, so the variance is 0.
    return residuals <= 8 * Number.EPSILON * positive ? 0 : residuals;
  }
}

/**
 * The mean of scores in [0, 1] that come in clusters, with the 95% interval of {@link ClusteredShareAccumulator}.
 * @param clusters one list of scores per cluster; null for an observation without a score, which is counted and not averaged. Clusters
 * without a score are skipped.
 * @returns the share, and how many observations were unscored
 * @throws RangeError for scores that are neither 0 to 1 nor null
 * @example clusteredShare([[1, null], [0, 1]]); // 2 of 3 scores, in 2 clusters; 1 unscored
 */
export function clusteredShare(
  clusters: readonly (readonly (number | null)[])[],
): ClusteredShare & { unscored: number } {
  checkList(clusters, 'clusteredShare');
  const accumulator = new ClusteredShareAccumulator();
  let unscored = 0;
  clusters.forEach((observed, i) => {
    checkNumbers(observed, `clusteredShare(clusters[${i}])`, { expected: SHARE, orNull: true });
    const scores = observed.filter((score) => score !== null);
    unscored += observed.length - scores.length;
    accumulator.add(
      scores.reduce((total, score) => total + score, 0),
      scores.length,
    );
  });
  return { ...accumulator.result(), unscored };
}

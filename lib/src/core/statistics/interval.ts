// Confidence intervals for shares, with and without clusters.
import { checkList, checkNumber, checkNumbers, COUNT, refuse, SHARE, SIZE } from './checks.js';
import { studentTBound } from './student-t.js';

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

/** A share over clustered observations, e.g. the two orders of one item, or all items of one prompt. */
export interface ClusteredShare extends Interval {
  /** The share; null for no observations. */
  value: number | null;
  /** How many observations were scored; not whole where they are weighted. */
  n: number;
  nClusters: number;
  /** The variance of the share over that of as many independent scores; null for fewer than two clusters, and where all are alike. */
  designEffect: number | null;
}

/** Scores of one cluster, or of several items of one: their sum, and how many there are. */
interface Scores {
  sum: number;
  size: number;
}

/** What all formulas need of any number of clusters. */
interface Sums extends Scores {
  nClusters: number;
  sumSquared: number;
  sumTimesSize: number;
  sizeSquared: number;
}

/** Relative tolerance by which a sum of computed scores may exceed its size. */
const SUM_ROUNDING = 1e-9;

/**
 * Adds clusters of scores in [0, 1] and keeps their count and five sums, in constant memory but for clusters of several items.
 *
 * The result has a 95% Wilson interval at the effective sample size of E. L. Korn and B. I. Graubard (1998, Survey Methodology 24:193-201),
 * n_eff = n / deff * (t(n - 1) / t(m - 1))^2, at most n (J. D. Parker et al. 2017, National Center for Health Statistics Data Presentation
 * Standards for Proportions, Vital and Health Statistics 2(175)). t are Student's 97.5% quantiles, m is the number of clusters, and deff is
 * the variance of the ratio mean over clusters, m / (m - 1) * sum over clusters of (sum of scores - p * size)^2 / n^2, over
 * p (1 - p) / (n - 1). Where all clusters are alike, deff is unknown; n_eff is then m, as if the scores of a cluster were one. One cluster
 * has no interval.
 */
export class ClusteredShareAccumulator {
  readonly #alone: Sums = { nClusters: 0, sum: 0, size: 0, sumSquared: 0, sumTimesSize: 0, sizeSquared: 0 };
  readonly #shared = new Map<string, Scores>();

  /**
   * Takes `times` clusters with this sum of scores over `size` scores; those of size 0 are skipped.
   * @param sum 0 to `size`; above it by no more than rounding it counts as `size`
   * @param size 0 to 1e100; need not be whole, where scores are weighted
   * @param times whole, from 0
   * @throws RangeError for anything else
   */
  add(sum: number, size: number, times = 1): void {
    const total = checkedSum(sum, size);
    // Nearly always 1, once for each item of a benchmark.
    if (times !== 1) checkNumber(times, 'ClusteredShareAccumulator(times)', COUNT);
    addClusters(this.#alone, { sum: total, size }, times);
  }

  /**
   * Takes some scores of a cluster, beside those that it has.
   * @param cluster its name; undefined for one that has no other scores
   * @throws RangeError as {@link add}
   */
  addTo(cluster: string | undefined, sum: number, size: number): void {
    if (cluster === undefined || size === 0) {
      this.add(sum, size);
      return;
    }
    const known = this.#shared.get(cluster) ?? { sum: 0, size: 0 };
    this.#shared.set(cluster, { sum: known.sum + checkedSum(sum, size), size: known.size + size });
  }

  /**
   * The current share, with its interval.
   * @param scoresPerUnit scores that each unit of size stands for, where sizes are weights: they bound n_eff
   */
  result(scoresPerUnit = 1): ClusteredShare {
    checkNumber(scoresPerUnit, 'ClusteredShareAccumulator(scoresPerUnit)', SIZE);
    const { nClusters, size, sum } = this.#sums();
    const n = size * scoresPerUnit;
    const value = n === 0 ? null : sum / size;
    const variance = this.variance();
    if (value === null || variance === null)
      return { value, n, nClusters, low: null, high: null, designEffect: null };
    if (variance === 0)
      return { value, n, nClusters, ...wilsonInterval(value, Math.min(n, nClusters)), designEffect: null };
    const designEffect = n > 1 ? (variance * (n - 1)) / (value * (1 - value)) : 1;
    const degrees = Math.max(nClusters, Math.round(n)) - 1;
    const few = studentTBound(0.95, degrees) / studentTBound(0.95, nClusters - 1);
    const nEffective = Math.min(n, (n / designEffect) * few * few);
    return { value, n, nClusters, ...wilsonInterval(value, nEffective), designEffect };
  }

  /** Cluster-robust variance of the share, the v above; null for fewer than two clusters. */
  variance(): number | null {
    const sums = this.#sums();
    const m = sums.nClusters;
    return m < 2 ? null : ((m / (m - 1)) * squaredResiduals(sums)) / sums.size ** 2;
  }

  /**
   * How the shares of two strata vary together, by the clusters named in both.
   * @returns their covariance, and how many those clusters are
   */
  covarianceWith(other: ClusteredShareAccumulator): { covariance: number; nCommon: number } {
    const [own, others] = [this.#sums(), other.#sums()];
    const residual = ({ sum, size }: Scores, { sum: all, size: n }: Sums): number =>
      (sum - (all / n) * size) / n;
    const products = [...this.#shared].flatMap(([cluster, scores]) => {
      const same = other.#shared.get(cluster);
      return same ? [residual(scores, own) * residual(same, others)] : [];
    });
    const m = own.nClusters + others.nClusters - products.length;
    const sum = products.reduce((total, product) => total + product, 0);
    return { covariance: m < 2 ? 0 : (m / (m - 1)) * sum, nCommon: products.length };
  }

  #sums(): Sums {
    if (this.#shared.size === 0) return this.#alone;
    const sums = { ...this.#alone };
    for (const scores of this.#shared.values()) addClusters(sums, scores, 1);
    return sums;
  }
}

/** The sum, at most the size. @throws RangeError for a sum outside 0 to the size */
function checkedSum(sum: number, size: number): number {
  checkNumber(size, 'ClusteredShareAccumulator(size)', SIZE);
  if (!(typeof sum === 'number' && sum >= 0 && sum <= size * (1 + SUM_ROUNDING)))
    refuse('ClusteredShareAccumulator(sum)', `the sum of ${size} scores from 0 to 1`, sum);
  return Math.min(sum, size);
}

function addClusters(sums: Sums, { sum, size }: Scores, times: number): void {
  if (size === 0) return;
  sums.nClusters += times;
  sums.size += size * times;
  sums.sum += sum * times;
  sums.sumSquared += sum * sum * times;
  sums.sumTimesSize += sum * size * times;
  sums.sizeSquared += size * size * times;
}

/**
 * Sum of (sum - p * size)^2 = S2 - 2 p SN + p^2 N2. Scores are mostly multiples of 1/2, so the three sums are exact and
 * only this last step rounds. It is taken for the rarer side, right or wrong (both have the same residuals), since next
 * to p = 1 it would be a small difference of large numbers.
 */
function squaredResiduals({ sum, size, sumSquared, sumTimesSize, sizeSquared }: Sums): number {
  const rightIsRarer = sum <= size - sum;
  const p = (rightIsRarer ? sum : size - sum) / size;
  const squares = rightIsRarer ? sumSquared : sizeSquared - 2 * sumTimesSize + sumSquared;
  const products = rightIsRarer ? sumTimesSize : sizeSquared - sumTimesSize;
  const positive = squares + p * p * sizeSquared;
  const residuals = positive - 2 * p * products;
  // For clusters that are all alike the remainder is rounding error, so the variance is 0.
  return residuals <= 8 * Number.EPSILON * positive ? 0 : residuals;
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

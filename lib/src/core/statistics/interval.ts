// Confidence intervals for shares, with and without clusters.

/** An interval; both ends are null when there is nothing to estimate from. */
export interface Interval {
  low: number | null;
  high: number | null;
}

/** The 97.5% quantile of the standard normal distribution, for two-sided 95% intervals. */
const Z_95 = 1.959963984540054;

/**
 * Wilson score interval, 95%, of a share (E. B. Wilson 1927, JASA 22:209-212).
 * @param share observed share, 0 to 1
 * @param n number of independent observations it was seen in; need not be whole; 0 gives nulls
 */
export function wilsonInterval(share: number, n: number): Interval {
  if (n <= 0) return { low: null, high: null };
  const z2 = Z_95 * Z_95;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const margin = (Z_95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - margin), high: Math.min(1, centre + margin) };
}

/** A share over clustered observations, e.g. the two orders of one item. */
export interface ClusteredShare extends Interval {
  /** null for no observations. */
  share: number | null;
  nObservations: number;
  nClusters: number;
}

/**
 * The mean of scores in [0, 1] that come in clusters, with a 95% Wilson interval at the effective sample size
 * (E. L. Korn and B. I. Graubard 1998, Survey Methodology 24:193-201): n_eff = p (1 - p) / v, where v is the
 * variance of the ratio mean over clusters, v = m / (m - 1) * sum over clusters of (sum of scores - p * size)^2 / n^2.
 * n_eff is held between 1 and n; where it is undefined (all scores alike, one cluster) it is the number of clusters.
 * @param clusters one list of scores per cluster; empty lists are passed over
 */
export function clusteredShare(clusters: readonly (readonly number[])[]): ClusteredShare {
  const filled = clusters.filter((scores) => scores.length > 0);
  const sums = filled.map((scores) => scores.reduce((total, score) => total + score, 0));
  const n = filled.reduce((total, scores) => total + scores.length, 0);
  const m = filled.length;
  if (n === 0) return { share: null, nObservations: 0, nClusters: 0, low: null, high: null };
  const share = sums.reduce((total, sum) => total + sum, 0) / n;
  let squares = 0;
  filled.forEach((scores, i) => {
    squares += ((sums[i] ?? 0) - share * scores.length) ** 2;
  });
  const variance = m > 1 ? ((m / (m - 1)) * squares) / (n * n) : 0;
  const nEffective = variance > 0 ? Math.min(n, Math.max(1, (share * (1 - share)) / variance)) : m;
  return { share, nObservations: n, nClusters: m, ...wilsonInterval(share, nEffective) };
}

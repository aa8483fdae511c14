// Paired comparison of two judges on the same items: bootstrap interval and permutation test.
import type { Random } from '../random.js';
import type { Interval } from './interval.js';

/** The value at a quantile of a sorted list (type 7 of Hyndman and Fan 1996: linear between order statistics). */
export function quantile(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) throw new RangeError('quantile: expected a non-empty list');
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below] ?? 0;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)] ?? lower;
  return lower + (position - below) * (upper - lower);
}

/** The mean of a list; null for an empty one. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
}

/** The sample standard deviation (n - 1); null for fewer than two values. */
export function standardDeviation(values: readonly number[]): number | null {
  const centre = mean(values);
  if (centre === null || values.length < 2) return null;
  return Math.sqrt(values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * Percentile bootstrap interval, 95%, of the mean of per-item differences (B. Efron and R. Tibshirani 1993, chapter 13).
 * Items are resampled whole, so both orders of an item stay together.
 * @param differences one difference per item, later judge minus earlier
 */
export function pairedBootstrapInterval(
  differences: readonly number[],
  { random, nResamples = 2000 }: { random: Random; nResamples?: number },
): Interval {
  const n = differences.length;
  if (n === 0) return { low: null, high: null };
  const means = new Float64Array(nResamples);
  for (let resample = 0; resample < nResamples; resample++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[random.below(n)] ?? 0;
    means[resample] = sum / n;
  }
  means.sort();
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/**
 * Two-sided paired permutation test: under the null hypothesis each item's difference is as likely with either sign
 * (R. A. Fisher 1935). Monte Carlo with the +1 correction of B. Phipson and G. K. Smyth 2010, so p is never 0.
 * @returns p in (0, 1], or null for no items
 */
export function signFlipTest(
  differences: readonly number[],
  { random, nPermutations = 5000 }: { random: Random; nPermutations?: number },
): number | null {
  const informative = differences.filter((difference) => difference !== 0);
  if (differences.length === 0) return null;
  if (informative.length === 0) return 1;
  const observed = Math.abs(informative.reduce((total, difference) => total + difference, 0));
  // Sums of the same terms in another order differ in the last bits; they must still count as equal.
  const threshold = observed - 1e-9;
  let nAsExtreme = 0;
  for (let permutation = 0; permutation < nPermutations; permutation++) {
    let sum = 0;
    for (let i = 0; i < informative.length;) {
      let bits = random.uint32();
      for (let b = 0; b < 32 && i < informative.length; b++, i++, bits >>>= 1) {
        sum += bits & 1 ? (informative[i] ?? 0) : -(informative[i] ?? 0);
      }
    }
    if (Math.abs(sum) >= threshold) nAsExtreme++;
  }
  return (nAsExtreme + 1) / (nPermutations + 1);
}

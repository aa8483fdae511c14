// Summaries of a list of numbers: mean, standard deviation, quantile.
import { checkNumber, checkNumbers, refuse, SHARE } from './checks.js';

/**
 * The value at a quantile of a sorted list (type 7 of R. J. Hyndman and Y. Fan 1996, The American Statistician
 * 50:361-365: linear between order statistics).
 * @param sorted ascending
 * @param q 0 to 1
 * @throws RangeError for an empty list, one that is not ascending, values that are not finite, and another q
 */
export function quantile(sorted: Float64Array | readonly number[], q: number): number {
  checkNumbers(sorted, 'quantile');
  checkNumber(q, 'quantile(q)', SHARE);
  if (sorted.length === 0) refuse('quantile', 'at least one value', sorted);
  for (let i = 1; i < sorted.length; i++) {
    if (Number(sorted[i]) < Number(sorted[i - 1]))
      refuse('quantile', `ascending values at index ${i}`, sorted[i]);
  }
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below] ?? 0;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)] ?? lower;
  return lower + (position - below) * (upper - lower);
}

/** The mean of a list; null for an empty one. @throws RangeError for a value that is not finite, null too */
export function mean(values: readonly number[]): number | null {
  checkNumbers(values, 'mean');
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
}

/** The sample standard deviation (n - 1); null for fewer than two values. @throws RangeError as {@link mean} */
export function standardDeviation(values: readonly number[]): number | null {
  checkNumbers(values, 'standardDeviation');
  const centre = mean(values);
  if (centre === null || values.length < 2) return null;
  return Math.sqrt(values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1));
}

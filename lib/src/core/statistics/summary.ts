// Summaries of a list of numbers: mean, standard deviation, quantile.

/**
 * The value at a quantile of a sorted list (type 7 of R. J. Hyndman and Y. Fan 1996, The American Statistician
 * 50:361-365: linear between order statistics).
 * @param sorted ascending
 * @param q 0 to 1
 * @throws RangeError for an empty list
 */
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

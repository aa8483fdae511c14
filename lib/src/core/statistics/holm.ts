// Holm's correction for several tests at once (S. Holm 1979, Scandinavian Journal of Statistics 6:65-70).
import { checkNumbers, SHARE } from './checks.js';

/**
 * Adjusted p values: rejecting those at or below alpha keeps the chance of any false rejection at alpha, however the tests depend on each
 * other. The i-th smallest of m is multiplied by m - i + 1, bounded by 1 above and by the adjusted p before it below.
 * @param pValues 0 to 1; null for a test that could not be made, which stays null and does not count in m
 * @returns adjusted p values, in the order of the input
 * @throws RangeError for a p outside 0 to 1
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  checkNumbers(pValues, 'holm(pValues)', { expected: SHARE, orNull: true });
  const made = pValues.flatMap((p, index) => (p === null ? [] : [{ p, index }]));
  made.sort((a, b) => a.p - b.p);
  const adjusted = pValues.map((): number | null => null);
  let least = 0;
  made.forEach(({ p, index }, rank) => {
    least = Math.max(least, Math.min(1, (made.length - rank) * p));
    adjusted[index] = least;
  });
  return adjusted;
}

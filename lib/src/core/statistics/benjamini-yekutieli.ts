// The false discovery rate of several tests at once, whatever their dependence.
import { checkNumbers, SHARE } from './checks.js';

/**
 * Adjusted p values of Y. Benjamini and D. Yekutieli 2001, Annals of Statistics 29:1165-1188: rejecting those at or below q keeps the
 * expected share of false rejections at q, however the tests depend on each other. The i-th smallest of m is multiplied by
 * m / i (1 + 1/2 + ... + 1/m), bounded by 1 and by the adjusted p after it.
 * @param pValues 0 to 1
 * @returns adjusted p values, in the order of the input
 * @throws RangeError for a p outside 0 to 1
 */
export function benjaminiYekutieli(pValues: readonly number[]): number[] {
  checkNumbers(pValues, 'benjaminiYekutieli(pValues)', { expected: SHARE });
  const m = pValues.length;
  const harmonic = pValues.reduce((sum, _, i) => sum + 1 / (i + 1), 0);
  const descending = pValues.map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p);
  const adjusted = pValues.map(() => 1);
  let most = 1;
  descending.forEach(({ p, index }, place) => {
    most = Math.min(most, (p * m * harmonic) / (m - place));
    adjusted[index] = most;
  });
  return adjusted;
}

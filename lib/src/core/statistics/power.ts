// How small a paired difference a benchmark can show, and how many items a difference needs (normal approximation; for instance
// J. Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, chapter 2).
import { checkNumber, COUNT, type Expected, FINITE, FROM_0, INSIDE_0_TO_1, refuse, SHARE } from './checks.js';
import { normalQuantile } from './normal.js';

const SMALL_ALPHA = 1e-6;
const ALPHA: Expected = { words: 'a number from 1e-300 to below 1', holds: (p) => p >= 1e-300 && p < 1 };

/** Requirements of a two-sided test. */
export interface PowerOptions {
  /** Standard deviation of the per-item differences, from 0. For two shares see {@link pairedShareDeviation}. */
  standardDeviation: number;
  /** Chance of finding the difference, from alpha up to below 1; default 0.8. */
  power?: number;
  /** Chance of a false finding, two-sided, from 1e-300 to below 1; default 0.05. */
  alpha?: number;
}

/**
 * The true mean difference that a paired two-sided test finds with the given power:
 * (z(1 - alpha / 2) + z(power)) * standard deviation / sqrt(n).
 * @param options.nItems items that both judges are scored on; whole, from 0
 * @returns in the units of the standard deviation; null for no items
 * @throws RangeError for a setting out of range
 */
export function minimumDetectableDifference({
  nItems,
  ...options
}: PowerOptions & { nItems: number }): number | null {
  checkNumber(nItems, 'minimumDetectableDifference(nItems)', COUNT);
  const perRootItem = standardErrorsApart(options) * options.standardDeviation;
  return nItems === 0 ? null : perRootItem / Math.sqrt(nItems);
}

/**
 * How many items, at least, show this true mean difference with the given power; the inverse of
 * {@link minimumDetectableDifference}, rounded up.
 * @param options.difference any number but 0; its sign makes no difference
 * @returns from 1
 * @throws RangeError for a setting out of range, and for a difference that needs more than 2^53 items
 */
export function nItemsToDetect({ difference, ...options }: PowerOptions & { difference: number }): number {
  checkNumber(difference, 'nItemsToDetect(difference)', FINITE);
  const rootOfItems = (standardErrorsApart(options) * options.standardDeviation) / difference;
  const nItems = Math.max(1, Math.ceil(rootOfItems * rootOfItems));
  if (!Number.isSafeInteger(nItems))
    refuse('nItemsToDetect', 'a difference that at most 2^53 items show, other than 0', difference);
  return nItems;
}

/**
 * Standard deviation of the per-item difference of two shares: differences are -1, 0 and 1, and a share q of items is
 * discordant, so the mean square is q and the variance q - d^2.
 * @param discordance q, share of items that one judge alone has right, 0 to 1
 * @param difference d, difference of the two shares, from -q to q
 * @throws RangeError for anything else
 */
export function pairedShareDeviation(discordance: number, difference: number): number {
  checkNumber(discordance, 'pairedShareDeviation(discordance)', SHARE);
  checkNumber(difference, 'pairedShareDeviation(difference)', FINITE);
  if (Math.abs(difference) > discordance)
    refuse('pairedShareDeviation', `a difference from -${discordance} to ${discordance}`, difference);
  return Math.sqrt(discordance - difference * difference);
}

function standardErrorsApart({ standardDeviation, power = 0.8, alpha = 0.05 }: PowerOptions): number {
  checkNumber(standardDeviation, 'power(standardDeviation)', FROM_0);
  checkNumber(alpha, 'power(alpha)', ALPHA);
  checkNumber(power, 'power(power)', INSIDE_0_TO_1);
  // Below alpha the sum of the two quantiles can turn negative, and no difference is detected so rarely.
  if (power < alpha) refuse('power', `power from alpha, ${alpha}, up`, power);
  // For a small alpha the lower quantile, since 1 - alpha / 2 loses its digits.
  const upper = alpha < SMALL_ALPHA ? -normalQuantile(alpha / 2) : normalQuantile(1 - alpha / 2);
  return upper + normalQuantile(power);
}

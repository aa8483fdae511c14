// How small a paired difference a benchmark can show, and how many items a difference needs (normal approximation; for instance
// J. Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, chapter 2).
import { normalQuantile } from './normal.js';

/** Requirements of a two-sided test. */
export interface PowerOptions {
  /** Standard deviation of the per-item differences, from 0. For two shares see {@link pairedShareDeviation}. */
  standardDeviation: number;
  /** Chance of finding the difference, from alpha up to below 1; default 0.8. */
  power?: number;
  /** Chance of a false finding, two-sided, between 0 and 1; default 0.05. */
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
  if (!(Number.isSafeInteger(nItems) && nItems >= 0)) {
    throw new RangeError(`minimumDetectableDifference: expected a whole number of items, received ${nItems}`);
  }
  const perRootItem = standardErrorsApart(options) * options.standardDeviation;
  return nItems === 0 ? null : perRootItem / Math.sqrt(nItems);
}

/**
 * How many items, at least, show this true mean difference with the given power; the inverse of
 * {@link minimumDetectableDifference}, rounded up.
 * @param options.difference any number but 0; its sign makes no difference
 * @returns from 1
 * @throws RangeError for a setting out of range
 */
export function nItemsToDetect({ difference, ...options }: PowerOptions & { difference: number }): number {
  if (!Number.isFinite(difference) || difference === 0) {
    throw new RangeError(`nItemsToDetect: expected a finite difference other than 0, received ${difference}`);
  }
  const rootOfItems = (standardErrorsApart(options) * options.standardDeviation) / difference;
  return Math.max(1, Math.ceil(rootOfItems * rootOfItems));
}

/**
 * Standard deviation of the per-item difference of two shares: differences are -1, 0 and 1, and a share q of items is
 * discordant, so the mean square is q and the variance q - d^2.
 * @param discordance q, share of items that one judge alone has right, 0 to 1
 * @param difference d, difference of the two shares, from -q to q
 * @throws RangeError for anything else
 */
export function pairedShareDeviation(discordance: number, difference: number): number {
  if (!(discordance <= 1 && Math.abs(difference) <= discordance)) {
    throw new RangeError(
      `pairedShareDeviation: expected |difference| <= discordance <= 1, received ${difference} and ${discordance}`,
    );
  }
  return Math.sqrt(discordance - difference * difference);
}

function standardErrorsApart({ standardDeviation, power = 0.8, alpha = 0.05 }: PowerOptions): number {
  if (!(standardDeviation >= 0 && standardDeviation < Infinity)) {
    throw new RangeError(`power: expected a standard deviation from 0, received ${standardDeviation}`);
  }
  if (!(alpha > 0 && alpha < 1))
    throw new RangeError(`power: expected alpha between 0 and 1, received ${alpha}`);
  // Below alpha the sum of the two quantiles can turn negative, and no difference is detected so rarely.
  if (!(power >= alpha && power < 1)) {
    throw new RangeError(`power: expected power from alpha to below 1, received ${power}`);
  }
  return normalQuantile(1 - alpha / 2) + normalQuantile(power);
}

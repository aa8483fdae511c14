// Figures and texts as words of a page.
import type { Estimate } from '../../src/schema/estimate.js';

/** A share in percent with one digit; a dash where it is not known. */
export function percentOf(share: number | null): string {
  return share === null ? '–' : (100 * share).toFixed(1);
}

/** Value, interval, n and unscored. */
export function withInterval({ value, low, high, n, unscored }: Estimate): string {
  const interval = low === null || high === null ? '' : ` [${percentOf(low)}, ${percentOf(high)}]`;
  return `${percentOf(value)}${interval}, ${n}${unscored > 0 ? `, unscored ${unscored}` : ''}`;
}

// Formats figures. A missing value is a dash, never a number.
import { checkNumber, FINITE, SHARE } from '../core/statistics/checks.js';
import { printable } from '../core/text.js';
import type { Comparison, Estimate } from '../schema/estimate.js';

/** The text for a missing value. */
export const NO_VALUE = '–';

/**
 * A share, or a difference of shares, as percent with one decimal, e.g. `83.2`.
 * @throws RangeError for what is neither a number nor null, as all of this file
 * @example percent(0.8321); // '83.2'
 */
export function percent(share: number | null): string {
  if (share === null) return NO_VALUE;
  checkNumber(share, 'percent', FINITE);
  return (100 * share).toFixed(1);
}

/**
 * A share with its interval, if it has one, e.g. `83.2 [80.1, 85.9]`.
 * @example percentWithInterval(run.iterations[0].metrics.accuracy); // '83.2 [80.1, 85.9]'
 */
export function percentWithInterval({ value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>): string {
  return low === null ? percent(value) : `${percent(value)} [${percent(low)}, ${percent(high)}]`;
}

/**
 * A paired difference in points with its interval, if it has one, e.g. `+21.3 [+18.0, +24.6]`.
 * @example pointsWithInterval(comparison.overall[0]); // '+21.3 [+18.0, +24.6]'
 */
export function pointsWithInterval({
  difference,
  low,
  high,
}: Pick<Comparison, 'difference' | 'low' | 'high'>): string {
  return low === null ? points(difference) : `${points(difference)} [${points(low)}, ${points(high)}]`;
}

/** The same of an estimate of a difference. */
export function estimatedPoints({ value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>): string {
  return pointsWithInterval({ difference: value, low, high });
}

/** An area under the curve with its interval, if it has one, e.g. `0.71 [0.66, 0.75]`. */
export function aucText({ value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>): string {
  const fixed = (number: number | null): string => number?.toFixed(2) ?? NO_VALUE;
  return low === null ? fixed(value) : `${fixed(value)} [${fixed(low)}, ${fixed(high)}]`;
}

/**
 * A p value, e.g. `0.013` or `< 0.001`.
 * @example pValue(0.0004); // '< 0.001'
 */
export function pValue(p: number | null): string {
  if (p === null) return NO_VALUE;
  checkNumber(p, 'pValue', SHARE);
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Milliseconds as `850 ms`, `12.3 s` `3 min 20 s` or `5 h 12 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds >= 6000) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A time in ISO 8601 to the minute, e.g. `2026-03-01 09:30`. */
export function toMinute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/**
 * A count with thousands separators, e.g. `12,345`.
 * @example count(12345); // '12,345'
 */
export function count(n: number): string {
  checkNumber(n, 'count', FINITE);
  return n.toLocaleString('en-US');
}

/**
 * Counts by reason, the largest first.
 * @example byReason({ 'no-marker': 3, truncated: 1200 }); // 'truncated 1,200, no-marker 3'
 */
export function byReason(counts: Readonly<Record<string, number>>): string {
  const largestFirst = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return largestFirst.map(([reason, n]) => `${printable(reason)} ${count(n)}`).join(', ');
}

/** How many observations have no score, and why where it is known, e.g. `4: truncated 3, refusal 1` or `refusal 1`. */
export function unscored({
  unscored: n,
  unscoredReasons = {},
}: Pick<Estimate, 'unscored' | 'unscoredReasons'>): string {
  const nReasons = Object.keys(unscoredReasons).length;
  if (n === 0 || nReasons === 0) return count(n);
  return `${nReasons > 1 ? `${count(n)}: ` : ''}${byReason(unscoredReasons)}`;
}

/**
 * The figure of a judge with all that belongs to it: interval, n, how ties count, and what is unscored.
 * @example headline(metrics.accuracy); // '83.2 [80.1, 85.9] % of 1,196 verdicts right, ties counted half, unscored truncated 4'
 */
export function headline(accuracy: Estimate): string {
  return headlineParts(accuracy).join('');
}

/** {@link headline} in parts, of which the second and the last are the counts. */
export function headlineParts(accuracy: Estimate): [string, verdicts: string, string, unscored: string] {
  const verdicts = counted(accuracy.n, 'verdict');
  return [
    `${percentWithInterval(accuracy)} % of `,
    verdicts,
    ' right, ties counted half, unscored ',
    unscored(accuracy),
  ];
}

/** A count with its noun, e.g. `1 run` or `1,200 runs`. */
export function counted(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? '' : 's'}`;
}

/** An amount in US dollars, e.g. `$1,234.50` or `$0.0042`; a smaller amount is `< $0.0001`, so that `$0.00` means zero. */
export function usd(costUsd: number | null): string {
  if (costUsd === null) return NO_VALUE;
  if (costUsd > 0 && costUsd < 0.0001) return '< $0.0001';
  const nDecimals = costUsd > 0 && costUsd < 0.01 ? 4 : 2;
  const options = { minimumFractionDigits: nDecimals, maximumFractionDigits: nDecimals };
  return `$${costUsd.toLocaleString('en-US', options)}`;
}

/** A difference in points, with its sign, e.g. `+21.3`. */
export function points(difference: number | null): string {
  return difference === null ? NO_VALUE : `${difference >= 0 ? '+' : ''}${percent(difference)}`;
}

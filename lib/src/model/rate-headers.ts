// Rate limits in the headers of an answer.
// Reference: https://platform.openai.com/docs/guides/rate-limits (x-ratelimit-*)
import { retryAfterMs } from '../core/retry-after.js';

/** Headers by lower-case name. */
export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

/** The pause that the server asked for, in milliseconds; null when it asked for none. */
export function askedPauseMs(headers: HeaderValues, now: number): number | null {
  const inMs = textOf(headers['retry-after-ms']);
  if (/^\d+(\.\d+)?$/.test(inMs)) return Number(inMs);
  return retryAfterMs(textOf(headers['retry-after']), { date: textOf(headers.date), now });
}

/**
 * How long until a limit that is used up is filled again, in milliseconds; 0 where none is. Of requests and tokens the longer one counts.
 */
export function usedUpMs(headers: HeaderValues): number {
  let longest = 0;
  for (const kind of ['requests', 'tokens']) {
    const remaining = textOf(headers[`x-ratelimit-remaining-${kind}`]);
    if (remaining === '' || Number(remaining) !== 0) continue;
    longest = Math.max(longest, durationMs(textOf(headers[`x-ratelimit-reset-${kind}`])) ?? 0);
  }
  return longest;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `1s`, `6m0s`, `20ms` or `1.5` (seconds), in milliseconds; null for anything else. */
export function durationMs(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    sum += Number(amount) * (UNITS_MS[unit ?? ''] ?? 0);
  return sum;
}

function textOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? (value[0] ?? '') : (value ?? '')).trim();
}

// Rate limits in the headers of an answer.
// Reference: https://platform.openai.com/docs/guides/rate-limits (x-ratelimit-*)
import { retryAfterMs } from '../core/retry-after.js';
import { printable } from '../core/text.js';

/** Headers by lower-case name. */
export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

/** A pause that an answer asks for. */
export interface AskedPause {
  /** 0 or more. */
  ms: number;
  /** The header that asks for it, with its value: `retry-after: 20`. */
  header: string;
}

/** The pause that the server asked for, else how long until a limit that is used up is filled again; null for neither. */
export function askedPause(headers: HeaderValues, now: number): AskedPause | null {
  const inMs = textOf(headers['retry-after-ms']);
  if (/^\d+(\.\d+)?$/.test(inMs)) return pauseOf('retry-after-ms', inMs, Number(inMs));
  const value = textOf(headers['retry-after']);
  const date = textOf(headers.date);
  const ms = resetMs(value, now) ?? retryAfterMs(value, { date, now });
  return ms === null ? usedUp(headers, now) : pauseOf('retry-after', value, ms);
}

/** The names of limits: what is left, and when it is filled again. */
const LIMITS: readonly (readonly [remaining: string, reset: string])[] = [
  // OpenAI, Azure, Groq, Mistral and others.
  ['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  // OpenRouter and GitHub write times, Together seconds: https://openrouter.ai/docs/api/reference/limits
  ['x-ratelimit-remaining', 'x-ratelimit-reset'],
  // https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-03
  ['ratelimit-remaining', 'ratelimit-reset'],
  // https://docs.anthropic.com/en/api/rate-limits
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
    (kind) => [`anthropic-ratelimit-${kind}-remaining`, `anthropic-ratelimit-${kind}-reset`] as const,
  ),
];

/** How long until a limit that is used up is filled again; null where none is. Of several the longest counts. */
export function usedUp(headers: HeaderValues, now: number): AskedPause | null {
  let longest: AskedPause | null = null;
  for (const [remainingName, resetName] of LIMITS) {
    const remaining = textOf(headers[remainingName]);
    if (remaining === '' || Number(remaining) !== 0) continue;
    const reset = textOf(headers[resetName]);
    const ms = resetMs(reset, now) ?? 0;
    if (ms > (longest?.ms ?? 0)) longest = pauseOf(resetName, reset, ms);
  }
  return longest;
}

function pauseOf(name: string, value: string, ms: number): AskedPause {
  return { ms, header: `${name}: ${printable(value, 60)}` };
}

/** Numbers from here on are no durations in seconds, which would be 31 years, but times: seconds since 1970, and from 10^12 on ms. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/**
 * How long until a reset, in milliseconds: a duration, a time as a number, or as RFC 3339 writes it. A time that is over is 0.
 * @returns null for anything else
 */
function resetMs(text: string, now: number): number | null {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (number >= EPOCH_SECONDS) return Math.max(0, (number >= EPOCH_MS ? number : number * 1000) - now);
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? durationMs(text) : Math.max(0, time - now);
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

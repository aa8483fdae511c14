// The pause that a server requests. Reference: RFC 9110, 10.2.3.

/**
 * The pause of a `Retry-After` header, in milliseconds; null where it is missing or invalid.
 * @param value seconds or a date
 * @param date the header `Date` of the same response: a date is relative to the server's own clock, if known
 * @param now milliseconds since 1970, for servers that send no `Date`
 */
export function retryAfterMs(
  value: string | null | undefined,
  { date, now }: { date?: string | null | undefined; now: number },
): number | null {
  const text = value?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const until = Date.parse(text);
  if (Number.isNaN(until)) return null;
  const serverNow = Date.parse(date ?? '');
  return Math.max(0, until - (Number.isNaN(serverNow) ? now : serverNow));
}

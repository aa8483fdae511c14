// Times as text.

/** The last day of a four-digit year, the limit of ISO times; a server may ask for any pause. */
const LAST_TIME_MS = Date.UTC(9999, 11, 31);

/** A time as ISO 8601 writes it. @param ms milliseconds since 1970; later than the year 9999 is its last day */
export function isoTime(ms: number): string {
  return new Date(Math.min(ms, LAST_TIME_MS)).toISOString();
}

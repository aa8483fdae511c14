// Python's view of white space, for rules that must read a text as the Python programs of the field do.
// Reference: https://docs.python.org/3/library/stdtypes.html#str.isspace

/** What Python's `str.strip()` leaves of a text. Unlike `trim()` it takes U+001C to U+001F and U+0085, and leaves U+FEFF. */
export function stripLikePython(text: string): string {
  // A loop, since a pattern for white space before the end takes quadratic time on long runs of it.
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  return OTHER_SPACES.has(code) || (code >= 0x2000 && code <= 0x200a);
}
const OTHER_SPACES = new Set([0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);

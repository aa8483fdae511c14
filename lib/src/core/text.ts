// Makes external texts (of servers, models, files) safe for a terminal or a message.

/** Longest external text that an error message repeats, in characters. */
export const LONGEST_QUOTE = 300;

/** Replaces runs of control characters, line ends included, and marks of text direction with a space. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
}

/** A text without control characters, cut to `longest` characters. */
export function printable(text: string, longest = LONGEST_QUOTE): string {
  const clean = withoutControls(text).trim();
  return clean.length <= longest ? clean : `${clean.slice(0, longest)}…`;
}

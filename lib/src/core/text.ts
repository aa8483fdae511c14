// Texts of others - servers, models, files - made fit for a terminal or a message.

/** Longest text of another's that an error message repeats, in characters. */
export const LONGEST_QUOTE = 300;

/** A text in which runs of control characters, line ends included, and signs that turn the direction of writing are a blank. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
}

/** A text without control characters, cut to `longest` characters. */
export function printable(text: string, longest = LONGEST_QUOTE): string {
  const clean = withoutControls(text).trim();
  return clean.length <= longest ? clean : `${clean.slice(0, longest)}…`;
}

// Makes external texts (of servers, models, files) safe for a terminal or a message.

/** Longest external text that an error message repeats, in characters. */
export const LONGEST_QUOTE = 300;

/** Replaces runs of control characters, line ends included, and marks of text direction with a space. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
}

/** Control characters but tab and line feed, and what changes the direction of a text or hides a line end. */
const INVISIBLE = /[\p{Bidi_Control}\u2028\u2029]|(?![\t\n])\p{Cc}/gu;

/**
 * A text of a model, as it may be shown over several lines: its control characters and marks of direction stand as visible signs, such as
 * `␛` and `⟨U+202E⟩`, so that they change neither a terminal nor what a reader sees.
 */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(INVISIBLE, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    // The Unicode block "Control Pictures".
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '␡' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** A text without control characters, cut to `longest` characters. */
export function printable(text: string, longest = LONGEST_QUOTE): string {
  const clean = withoutControls(text).trim();
  return clean.length <= longest ? clean : `${clean.slice(0, longest)}…`;
}

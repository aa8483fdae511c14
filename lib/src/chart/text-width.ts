// Widths of texts, for laying out charts where no browser measures them. Vega's own estimate, 0.8 of the font size for every letter, leaves
// a third of a chart empty.

/** Advance widths of Liberation Sans, the font of this package, from the space to `~`, in thousandths of the font size. */
const WIDTHS =
  `278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556
1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556
333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584`
    .split(/\s+/)
    .map(Number);
/** Of most other letters, and of those that are as wide as high, as the Chinese are. */
const OTHER = 700;
const FULL = 1000;
const FULL_WIDTH = /[\u1100-\u11ff\u2e80-\uffdc\u{1f000}-\u{3ffff}]/u;
/** Readers may have a wider font without serifs, or show it bold. */
const ROOM = 1.15;

/** A bound of the width of a text in any usual font without serifs. @param fontSize in pixels, as the result */
export function textWidth(text: string, fontSize: number): number {
  let sum = 0;
  for (const letter of text) {
    sum += WIDTHS[(letter.codePointAt(0) ?? 0) - 32] ?? (FULL_WIDTH.test(letter) ? FULL : OTHER);
  }
  return (ROOM * sum * fontSize) / 1000;
}

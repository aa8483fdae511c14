// When two instructions are the same text.

/** White space other than a single space; most texts have none, so that nothing is copied. */
const TO_ONE_BLANK = /\s{2,}|[^\S ]/g;

/** The text by which instructions are compared: without differences in case, white space and Unicode form. */
export function normalisedText(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(TO_ONE_BLANK, ' ').trim();
}

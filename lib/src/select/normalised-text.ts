// When two instructions are the same text.

/** White space that is not one blank already: in most texts there is none, so that nothing is copied. */
const TO_ONE_BLANK = /\s{2,}|[^\S ]/g;

/** The text by which two instructions count as the same: case, white space and how an accent is encoded do not distinguish. */
export function normalisedText(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(TO_ONE_BLANK, ' ').trim();
}

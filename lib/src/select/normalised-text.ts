// When two instructions are the same text.

/** The text by which two instructions count as the same: case, white space and how an accent is encoded do not distinguish. */
export function normalisedText(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
}

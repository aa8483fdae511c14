// Cells of CSV files that spreadsheets show as they are.
import { visibleText } from './text.js';

/** Spreadsheets take a cell that begins so for a formula, and run it; a text of a model may be one. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** A text as a cell: its control characters as signs, an apostrophe before what would be a formula, in quotes where it needs them (RFC 4180). */
export function csvCell(text: string): string {
  const shown = visibleText(text);
  const plain = FORMULA.test(text) ? `'${shown}` : shown;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

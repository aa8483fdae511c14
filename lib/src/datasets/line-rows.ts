// Rows of a plain text file: every line is one, with the column `text`.
import type { Row } from './row.js';
import { textLines } from './text-lines.js';

/**
 * The lines of a text file, gzipped or not, as rows `{text}` without white space around it; blank lines are skipped. A line that is
 * not UTF-8, holds a zero byte or is too long is a bad row.
 * @throws DataError when the file cannot be read
 */
export async function* lineRows(path: string): AsyncGenerator<Row> {
  for await (const batch of textLines(path)) {
    for (const { line, ...read } of batch) {
      if ('problem' in read) yield { ...read, line };
      // Text has no zero bytes; UTF-16 without a byte order mark and binary files do.
      else if (read.text.includes('\0')) yield { problem: 'a zero byte, which no text holds', line };
      else yield { row: { text: read.text.trim() }, line };
    }
  }
}

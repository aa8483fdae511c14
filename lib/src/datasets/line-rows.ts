// Rows of a plain text file: every line is one, with the column `text`.
import { TextDecoder } from 'node:util';
import { byteLines, LINE_TOO_LONG } from './byte-lines.js';
import type { Row } from './row.js';

/**
 * The lines of a text file, gzipped or not, as rows `{text}` without white space around it; blank lines are passed over. A line that is
 * not UTF-8, holds a zero byte or is too long is a bad row.
 * @throws DataError when the file cannot be read
 */
export async function* lineRows(path: string): AsyncGenerator<Row> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for await (const batch of byteLines(path)) {
    for (const bytes of batch) {
      line++;
      const row = asTextRow(bytes, decoder);
      if (row !== null) yield { ...row, line };
    }
  }
}

function asTextRow(
  bytes: Buffer | null,
  decoder: TextDecoder,
): { row: { text: string } } | { problem: string } | null {
  if (bytes === null) return { problem: LINE_TOO_LONG };
  // Text has none; UTF-16 without a byte order mark and binary files do.
  if (bytes.includes(0)) return { problem: 'a zero byte, which no text holds' };
  try {
    const text = decoder.decode(bytes).trim();
    return text === '' ? null : { row: { text } };
  } catch {
    return { problem: 'not UTF-8' };
  }
}

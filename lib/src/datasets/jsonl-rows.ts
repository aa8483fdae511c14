// Rows of a JSON Lines file, https://jsonlines.org: one JSON object a line, UTF-8.
import { TextDecoder } from 'node:util';
import { DataError, messageOf } from '../core/errors.js';
import { printable } from '../core/text.js';
import { byteLines, LINE_TOO_LONG } from './byte-lines.js';
import { asRow, type Row, type UnreadableRow } from './row.js';

/** A file whose first lines, this many, are all not JSON is no JSON Lines file. Blank lines do not count. */
const N_LINES_TO_BELIEVE = 20;

/**
 * The rows of a JSON Lines file, gzipped or not; blank lines are passed over. Only a piece of the file and the line at hand are in memory;
 * a line that is too long for that is a bad row.
 * @throws DataError when the file cannot be read or its first lines are all not JSON
 */
export async function* jsonlRows(path: string): AsyncGenerator<Row> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // Held back until one line is JSON: then they are bad rows; before that the file may be something else.
  let doubts: UnreadableRow[] | null = [];
  let line = 0;
  reading: for await (const batch of byteLines(path)) {
    for (const bytes of batch) {
      line++;
      const parsed = parse(bytes, decoder);
      if (parsed === null) continue;
      if (doubts === null) {
        yield 'problem' in parsed ? { ...parsed, line } : asRow(parsed.value, line);
      } else if ('problem' in parsed) {
        doubts.push({ ...parsed, line });
        if (doubts.length >= N_LINES_TO_BELIEVE) break reading;
      } else {
        yield* doubts;
        doubts = null;
        yield asRow(parsed.value, line);
      }
    }
  }
  const [first] = doubts ?? [];
  if (first) {
    throw new DataError({
      subject: `${path}:${first.line}`,
      expected: 'JSON Lines, one object a line',
      received: first.problem,
      remedy: 'Check the format of the file; a JSON array or CSV is read when the format says so.',
    });
  }
}

/** A line as JSON; null for a blank one. */
function parse(bytes: Buffer | null, decoder: TextDecoder): { value: unknown } | { problem: string } | null {
  if (bytes === null) return { problem: LINE_TOO_LONG };
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { problem: 'not UTF-8' };
  }
  if (text.trim() === '') return null;
  try {
    return { value: JSON.parse(text) };
  } catch (thrown) {
    return { problem: `not JSON: ${printable(messageOf(thrown), 160)}` };
  }
}

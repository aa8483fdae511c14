// Rows of a JSON Lines file, https://jsonlines.org: one JSON object a line, UTF-8.
import { DataError, messageOf } from '../core/errors.js';
import { printable } from '../core/text.js';
import { asRow, type Row, type UnreadableRow } from './row.js';
import { textLines } from './text-lines.js';

/** A file whose first lines, this many, are all not JSON is not a JSON Lines file. Blank lines do not count. */
const N_LINES_TO_BELIEVE = 20;

/**
 * The rows of a JSON Lines file, gzipped or not; blank lines are skipped. Only a piece of the file and its lines are in memory;
 * a line that is too long for that is a bad row.
 * @throws DataError when the file cannot be read or its first lines are all not JSON
 */
export async function* jsonlRows(path: string): AsyncGenerator<Row> {
  // Held back until one line is JSON: then they are bad rows; before that the file may be something else.
  let doubts: UnreadableRow[] | null = [];
  reading: for await (const batch of textLines(path)) {
    for (const read of batch) {
      const row = 'problem' in read ? { isJson: false as const, row: read } : parse(read);
      if (doubts === null) yield row.row;
      else if (row.isJson) {
        yield* doubts;
        doubts = null;
        yield row.row;
      } else {
        doubts.push(row.row);
        if (doubts.length >= N_LINES_TO_BELIEVE) break reading;
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

function parse({
  text,
  line,
}: {
  text: string;
  line: number;
}): { isJson: true; row: Row } | { isJson: false; row: UnreadableRow } {
  try {
    return { isJson: true, row: asRow(JSON.parse(text), line) };
  } catch (thrown) {
    return { isJson: false, row: { problem: `not JSON: ${printable(messageOf(thrown), 160)}`, line } };
  }
}

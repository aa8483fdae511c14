// Rows of a JSON Lines file, https://jsonlines.org: one JSON object a line, UTF-8.
import { TextDecoder } from 'node:util';
import { DataError, messageOf } from '../core/errors.js';
import { printable } from '../core/text.js';
import { unpackedBytes } from './file-bytes.js';
import { asRow, type Row, type UnreadableRow } from './row.js';

const NEWLINE = 0x0a;

/** A file whose first lines, this many, are all not JSON is no JSON Lines file. Blank lines do not count. */
const N_LINES_TO_BELIEVE = 20;

/**
 * The rows of a JSON Lines file, gzipped or not; blank lines are passed over. Only the line at hand is in memory.
 * @throws DataError when the file cannot be read or its first lines are all not JSON
 */
export async function* jsonlRows(path: string): AsyncGenerator<Row> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // Held back until one line is JSON: then they are bad rows; before that the file may be something else.
  let doubts: UnreadableRow[] | null = [];
  let line = 0;
  for await (const bytes of lines(path)) {
    line++;
    const parsed = parse(bytes, decoder);
    if (parsed === null) continue;
    if (doubts === null) {
      yield 'problem' in parsed ? { ...parsed, line } : asRow(parsed.value, line);
    } else if ('problem' in parsed) {
      doubts.push({ ...parsed, line });
      if (doubts.length >= N_LINES_TO_BELIEVE) break;
    } else {
      yield* doubts;
      doubts = null;
      yield asRow(parsed.value, line);
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
function parse(bytes: Buffer, decoder: TextDecoder): { value: unknown } | { problem: string } | null {
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

/** Lines as bytes, without their ends. Pieces of a long line are joined once, so its cost does not grow with its square. */
async function* lines(path: string): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  for await (const chunk of unpackedBytes(path)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      yield pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}

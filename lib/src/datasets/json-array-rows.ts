// Rows of a file that is one JSON value: an array of objects, or an object whose keys are columns.
import { DataError, messageOf } from '../core/errors.js';
import { printable } from '../core/text.js';
import { textBytes } from './file-bytes.js';
import { asRow, type Row } from './row.js';

/** The longest array that is read, in bytes: all of it is in memory, as bytes, as text and as elements. */
const LONGEST_ARRAY = 256 * 1024 * 1024;

/**
 * The elements of a JSON array, gzipped or not, or the rows of columns of one length, as `to_dict` of the Hugging Face library `datasets`
 * writes them; what is no list stands in every row. The file is read whole.
 * @throws DataError when the file cannot be read, is neither, or is longer than 256 MiB
 */
export async function* jsonArrayRows(path: string): AsyncGenerator<Row> {
  const chunks: Buffer[] = [];
  let nBytes = 0;
  for await (const chunk of textBytes(path)) {
    chunks.push(chunk);
    nBytes += chunk.length;
    if (nBytes > LONGEST_ARRAY) throw tooLong(path);
  }
  let elements: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    elements = JSON.parse(text);
  } catch (cause) {
    throw notAnArray(path, printable(messageOf(cause), 160), cause);
  }
  const rows = Array.isArray(elements) ? (elements as unknown[]) : rowsOfColumns(elements);
  if (rows === null) throw notAnArray(path, 'another JSON value');
  let line = 0;
  for (const element of rows) yield asRow(element, ++line);
}

/** Null for what is no object of lists of one length. */
function rowsOfColumns(value: unknown): unknown[] | null {
  if (typeof value !== 'object' || value === null) return null;
  const columns = Object.entries(value) as [string, unknown][];
  const lengths = new Set(columns.flatMap(([, cells]) => (Array.isArray(cells) ? [cells.length] : [])));
  const [length, other] = lengths;
  if (length === undefined || other !== undefined) return null;
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(
      columns.map(([name, cells]): [string, unknown] => [name, Array.isArray(cells) ? cells[i] : cells]),
    ),
  );
}

function tooLong(path: string): DataError {
  return new DataError({
    subject: path,
    expected: `a JSON array of at most ${LONGEST_ARRAY / 1024 / 1024} MiB, since it is read whole`,
    received: 'a longer one',
    remedy: "Make JSON Lines of it, which is read line by line: jq -c '.[]'",
  });
}

function notAnArray(path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    subject: path,
    expected: 'one JSON array of objects, or an object of columns of one length',
    received,
    remedy: 'Check the format of the file; JSON Lines, one object a line, is also read.',
    cause,
  });
}

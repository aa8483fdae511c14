// Rows of a file that is one JSON array of objects.
import { DataError, messageOf } from '../core/errors.js';
import { printable } from '../core/text.js';
import { textBytes } from './file-bytes.js';
import { asRow, type Row } from './row.js';

/** The longest array that is read, in bytes: all of it is in memory, as bytes, as text and as elements. */
const LONGEST_ARRAY = 256 * 1024 * 1024;

/**
 * The elements of a JSON array, gzipped or not. The file is read whole.
 * @throws DataError when the file cannot be read, is not one JSON array, or is longer than 256 MiB
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
  if (!Array.isArray(elements)) throw notAnArray(path, 'another JSON value');
  let line = 0;
  for (const element of elements as unknown[]) yield asRow(element, ++line);
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
    expected: 'one JSON array of objects',
    received,
    remedy: 'Check the format of the file; JSON Lines, one object a line, is also read.',
    cause,
  });
}

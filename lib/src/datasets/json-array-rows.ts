// Rows of a file that is one JSON array of objects.
import { DataError, messageOf } from '../core/errors.js';
import { printable } from '../core/text.js';
import { unpackedBytes } from './file-bytes.js';
import { asRow, type Row } from './row.js';

/**
 * The elements of a JSON array, gzipped or not. The file is read whole, which half a gigabyte of text is too much for.
 * @throws DataError when the file cannot be read or is not one JSON array
 */
export async function* jsonArrayRows(path: string): AsyncGenerator<Row> {
  const chunks: Buffer[] = [];
  for await (const chunk of unpackedBytes(path)) chunks.push(chunk);
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

function notAnArray(path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    subject: path,
    expected: 'one JSON array of objects',
    received,
    remedy: 'Check the format of the file; JSON Lines, one object a line, is also read.',
    cause,
  });
}

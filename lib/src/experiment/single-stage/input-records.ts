// The input of a single stage: a file of any origin, checked as a whole before anything is paid for.
import type { z } from 'zod';
import { DataError } from '../../core/errors.js';
import { readError } from '../../core/files.js';
import { parseJsonLine, readJsonl } from '../../core/jsonl.js';
import { linesOf } from '../../core/lines.js';

/** The records of a file, all of them valid. */
export interface InputRecords<Value> {
  nRecords: number;
  /** Reads them as a stream; may be called several times. */
  read: () => AsyncGenerator<Value>;
}

/** What an input has to be. */
export interface InputKind<Schema extends z.ZodType> {
  schema: Schema;
  /** Must be unique in the file. */
  idOf: (value: z.output<Schema>) => string;
  signal: AbortSignal;
}

/**
 * Validates a file of records, with only their ids in memory.
 * @throws DataError naming file and line for what is not such a record, or has the id of an earlier one; DataError where there is none;
 *   the signal's reason when it aborts
 */
export async function checkedInput<Schema extends z.ZodType>(
  path: string,
  { schema, idOf, signal }: InputKind<Schema>,
): Promise<InputRecords<z.output<Schema>>> {
  const lineOfId = new Map<string, number>();
  let nLines = 0;
  try {
    for await (const line of linesOf(path)) {
      signal.throwIfAborted();
      nLines++;
      if (line.trim() === '') continue;
      const where = `${path}:${nLines}`;
      const id = idOf(parseJsonLine(line, schema, where));
      const earlier = lineOfId.get(id);
      if (earlier !== undefined) throw twice(where, id, earlier);
      lineOfId.set(id, nLines);
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw readError(path, thrown);
  }
  if (lineOfId.size === 0) throw emptyInput(path);
  return { nRecords: lineOfId.size, read: () => readJsonl(path, schema) };
}

/** The error of a file without records. */
export function emptyInput(path: string): DataError {
  return new DataError({
    subject: path,
    expected: 'at least one record',
    received: 'none',
    remedy: 'Check the drops of the previous stage and their reasons.',
  });
}

function twice(where: string, id: string, earlier: number): DataError {
  return new DataError({
    subject: where,
    expected: 'an id of its own in every line',
    received: `${id}, as in line ${earlier}`,
    remedy: 'Remove one of the two lines.',
  });
}

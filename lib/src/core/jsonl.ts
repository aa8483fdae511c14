// JSON by a schema: one text, or JSON Lines files, read and checked line by line.
import type { z } from 'zod';
import { DataError } from './errors.js';
import { readError } from './files.js';
import { linesOf } from './lines.js';

/** The problems that a schema finds in a value, as one line: `path: problem; path: problem`. */
export function schemaProblems(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${path.map(String).join('.') || '(root)'}: ${plainProblem(message)}`)
    .join('; ');
}

/** A message of zod without its words for what a user calls missing. */
export function plainProblem(message: string): string {
  return message
    .replace(/^Invalid input: expected (.+), received undefined$/, 'missing; expected $1')
    .replace(/^Invalid input: (?=expected )/, '')
    .replace(/^expected int, received number$/, 'expected a whole number');
}

/** A valid value, or the problems of its text. */
export type ParsedJson<Value> = { ok: true; value: Value } | { ok: false; problems: string };

/** Parses one JSON text by a schema; a byte order mark is skipped. Never throws; the problems do not repeat the text. */
export function parseJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): ParsedJson<z.output<Schema>> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { ok: false, problems: 'not JSON' };
  }
  const result = schema.safeParse(value);
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, problems: schemaProblems(result.error) };
}

/**
 * Reads records one by one; blank lines are skipped.
 * @throws DataError naming file and line when the file is missing, a line is not JSON, or a record does not fit the schema.
 */
export async function* readJsonl<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): AsyncGenerator<z.output<Schema>> {
  let lineNumber = 0;
  try {
    for await (const line of linesOf(path)) {
      lineNumber++;
      if (line.trim() === '') continue;
      yield parseJsonLine(line, schema, `${path}:${lineNumber}`);
    }
  } catch (thrown) {
    throw readError(path, thrown);
  }
}

/** Parses one line by a schema. @param where file and line, for the error @throws DataError */
export function parseJsonLine<Schema extends z.ZodType>(
  line: string,
  schema: Schema,
  where: string,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DataError({
      subject: where,
      expected: 'one JSON value',
      received: line.length > 80 ? `${line.slice(0, 80)}…` : line,
      remedy: 'Fix or remove that line.',
      cause,
    });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DataError({
    subject: where,
    expected: 'a record that fits its schema',
    received: schemaProblems(result.error),
    remedy: 'Fix or remove that line.',
    cause: result.error,
  });
}

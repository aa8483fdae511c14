// Looks up records of a JSON Lines file by id. Made for joining two files in the same order: then each is read once, from start to end.
import { open, type FileHandle } from 'node:fs/promises';
import type { z } from 'zod';
import { byteLinesOf, readRange, type ByteLine, type ByteRange } from './byte-lines.js';
import { DataError } from './errors.js';
import { readError } from './files.js';
import { parseJsonLine } from './jsonl.js';

/** A JSON Lines file with look-ups by id. Only the positions of the records and the current record are in memory. */
export class KeyedRecords<Value> {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #parse: (text: string, where: string) => Value;
  readonly #idOf: (value: Value) => string;
  readonly #lines: AsyncGenerator<ByteLine>;
  readonly #places = new Map<string, ByteRange & { line: number }>();
  #nLines = 0;
  #latest: { id: string; value: Value } | null = null;

  private constructor(
    path: string,
    file: FileHandle,
    record: { parse: (text: string, where: string) => Value; idOf: (value: Value) => string },
  ) {
    this.#path = path;
    this.#file = file;
    this.#parse = record.parse;
    this.#idOf = record.idOf;
    this.#lines = byteLinesOf(file);
  }

  /** Opens a file. @throws DataError when it cannot */
  static async open<Schema extends z.ZodType>(
    path: string,
    { schema, idOf }: { schema: Schema; idOf: (value: z.output<Schema>) => string },
  ): Promise<KeyedRecords<z.output<Schema>>> {
    try {
      const parse = (text: string, where: string): z.output<Schema> => parseJsonLine(text, schema, where);
      return new KeyedRecords(path, await open(path, 'r'), { parse, idOf });
    } catch (thrown) {
      throw readError(path, thrown);
    }
  }

  /**
   * The record of an id, or null where the file has none. Fast for ids in the order of the file.
   * @throws DataError when a line on the way does not fit the schema, or has the id of an earlier one
   */
  async find(id: string): Promise<Value | null> {
    if (this.#latest?.id === id) return this.#latest.value;
    const place = this.#places.get(id);
    const value = await this.#reading(() => (place ? this.#readAgain(place) : this.#readUntil(id)));
    if (value !== null) this.#latest = { id, value };
    return value;
  }

  /** Reads the rest of the file. @returns the number of its records @throws DataError as {@link find} does */
  async readToEnd(): Promise<number> {
    await this.#reading(() => this.#readUntil(null));
    return this.#places.size;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  /** @throws DataError for every failure */
  async #reading<Result>(read: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (thrown) {
      throw readError(this.#path, thrown);
    }
  }

  /** @param id null: to the end of the file */
  async #readUntil(id: string | null): Promise<Value | null> {
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      const { bytes, start, length } = next.value;
      this.#nLines++;
      const text = bytes.toString('utf8');
      if (text.trim() === '') continue;
      const where = `${this.#path}:${this.#nLines}`;
      const value = this.#parse(text, where);
      const found = this.#idOf(value);
      const earlier = this.#places.get(found);
      if (earlier) throw twice(where, found, earlier.line);
      this.#places.set(found, { start, length, line: this.#nLines });
      if (found === id) return value;
    }
    return null;
  }

  #readAgain({ line, ...range }: ByteRange & { line: number }): Value {
    const bytes = readRange(this.#file, range);
    return this.#parse(bytes.toString('utf8'), `${this.#path}:${line}`);
  }
}

function twice(where: string, id: string, line: number): DataError {
  return new DataError({
    subject: where,
    expected: 'a different id in every line',
    received: `${id}, as in line ${line}`,
    remedy: 'Remove one of the two lines.',
  });
}

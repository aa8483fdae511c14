// JSON records of one kind in a folder that several servers share: each appears in full, and the first writer of an id wins.
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { DataError } from '../../core/errors.js';
import {
  createExclusive,
  namesIn,
  readTextIfPresent,
  writeError,
  writeFileAtomic,
} from '../../core/files.js';
import { parseJson } from '../../core/jsonl.js';

/** What every record says about itself. */
export interface StoredRecord {
  id: string;
  /** Milliseconds since 1970. */
  createdMs: number;
}

/** The records of one kind; {@link RecordFolder.pathOf} says where each is. */
export class RecordFolder<Kept extends StoredRecord> {
  readonly folder: string;
  readonly #schema: z.ZodType<Kept>;
  readonly #idPattern: RegExp;
  readonly #ending: string;

  /**
   * @param options.idPattern ids become file names, so nothing else is looked up
   * @param options.ending what follows the id in the path of a record. Default `.json`; `/x.json` gives each record a folder.
   */
  constructor(options: { folder: string; schema: z.ZodType<Kept>; idPattern: RegExp; ending?: string }) {
    this.folder = options.folder;
    this.#schema = options.schema;
    this.#idPattern = options.idPattern;
    this.#ending = options.ending ?? '.json';
  }

  /** The path of a record, or of another file that belongs to it. Some file systems refuse colons. */
  pathOf(id: string, ending = this.#ending): string {
    return join(this.folder, `${id.replaceAll(':', '+')}${ending}`);
  }

  /** Keeps a new record. @returns whether its id was free @throws DataError */
  create(record: Kept): Promise<boolean> {
    return createExclusive(this.pathOf(record.id), JSON.stringify(record));
  }

  /** The record of this id, or null. @throws DataError when it is damaged */
  async find(id: string): Promise<Kept | null> {
    return this.#idPattern.test(id) ? readRecord(this.pathOf(id), this.#schema) : null;
  }

  /** All records, newest first. @throws DataError when one is damaged */
  async list(): Promise<Kept[]> {
    const names = await namesIn(this.folder);
    const places = this.#ending.startsWith('/')
      ? names.map((name) => `${name}${this.#ending}`)
      : names.filter((name) => name.endsWith(this.#ending));
    const records = await Promise.all(
      places.map((name) => readRecord(join(this.folder, name), this.#schema)),
    );
    return (
      records
        // Null: deleted since the folder was read.
        .filter((record) => record !== null)
        .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1))
    );
  }

  /** Deletes the record of this id, if there is one. */
  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }
}

/** The record in a JSON file, or null where there is none. @throws DataError when it is damaged */
export async function readRecord<Kept>(path: string, schema: z.ZodType<Kept>): Promise<Kept | null> {
  const text = await readTextIfPresent(path);
  if (text === null) return null;
  const read = parseJson(text, schema);
  if (read.ok) return read.value;
  throw new DataError({
    subject: path,
    expected: "a record of the server's state",
    received: read.problems,
    remedy: 'The file was changed or damaged: remove it, or point the server at another state folder.',
  });
}

/** Writes a file whose content follows from its name, so that it does not matter which of several writers comes last. */
export async function writeImmutable(path: string, content: Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFileAtomic(draft, content);
  try {
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw writeError(path, thrown);
  }
}

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

/** How a {@link RecordFolder} is opened. */
export interface RecordFolderOptions<Kept extends StoredRecord> {
  folder: string;
  schema: z.ZodType<Kept>;
  /** Ids become file names, so nothing else is looked up. */
  idPattern: RegExp;
  /** What follows the id in the path of a record. Default `.json`; `/x.json` gives each record a folder. */
  ending?: string;
  /** Called once with each damaged record. */
  report: (failure: DataError) => void;
}

/** The records of one kind; {@link RecordFolder.pathOf} says where each is. A damaged one is reported, and otherwise as if it were not there. */
export class RecordFolder<Kept extends StoredRecord> {
  readonly folder: string;
  readonly #schema: z.ZodType<Kept>;
  readonly #idPattern: RegExp;
  readonly #ending: string;
  readonly #report: (failure: DataError) => void;
  readonly #reported = new Set<string>();

  constructor({ folder, schema, idPattern, ending = '.json', report }: RecordFolderOptions<Kept>) {
    this.folder = folder;
    this.#schema = schema;
    this.#idPattern = idPattern;
    this.#ending = ending;
    this.#report = report;
  }

  /** The path of a record, or of another file that belongs to it. Some file systems refuse colons. */
  pathOf(id: string, ending = this.#ending): string {
    return join(this.folder, `${id.replaceAll(':', '+')}${ending}`);
  }

  /** Keeps a new record. @returns whether its id was free @throws DataError */
  create(record: Kept): Promise<boolean> {
    return createExclusive(this.pathOf(record.id), JSON.stringify(record));
  }

  /** Keeps a record in place of what is there. @throws DataError */
  replace(record: Kept): Promise<void> {
    return writeImmutable(this.pathOf(record.id), JSON.stringify(record));
  }

  /** The record of this id, or null. */
  async find(id: string): Promise<Kept | null> {
    return this.#idPattern.test(id) ? this.#read(this.pathOf(id)) : null;
  }

  /** All records, newest first. */
  async list(): Promise<Kept[]> {
    const names = await namesIn(this.folder);
    const places = this.#ending.startsWith('/')
      ? names.map((name) => `${name}${this.#ending}`)
      : names.filter((name) => name.endsWith(this.#ending));
    const records = await Promise.all(places.map((name) => this.#read(join(this.folder, name))));
    return (
      records
        // Null: damaged, or deleted since the folder was read.
        .filter((record) => record !== null)
        .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1))
    );
  }

  /** Deletes the record of this id, if there is one. */
  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }

  async #read(path: string): Promise<Kept | null> {
    try {
      return await readRecord(path, this.#schema);
    } catch (thrown) {
      if (!(thrown instanceof DataError)) throw thrown;
      if (!this.#reported.has(path)) this.#report(thrown);
      this.#reported.add(path);
      return null;
    }
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
export async function writeImmutable(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFileAtomic(draft, content);
  try {
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw writeError(path, thrown);
  }
}

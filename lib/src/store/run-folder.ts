// The folder of a run: what is where, what is complete, and who is writing.
import { join } from 'node:path';
import type { z } from 'zod';
import { DataError } from '../core/errors.js';
import { PartialFile, readTextIfPresent, writeFileAtomic } from '../core/files.js';
import { lockFolder } from '../core/folder-lock.js';
import { parseJson, readJsonl } from '../core/jsonl.js';
import { sealed, unsealed } from '../core/sealed-json.js';
import { RecordWriter } from './record-writer.js';

/** A folder whose files are whole or absent. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** A folder inside this one. */
  inside(name: string): RunFolder {
    return new RunFolder(join(this.path, name));
  }

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Records of a JSON Lines file. @throws DataError */
  records<Schema extends z.ZodType>(name: string, schema: Schema): AsyncGenerator<z.output<Schema>> {
    return readJsonl(this.file(name), schema);
  }

  /** Starts a JSON Lines file that appears only when committed. @throws DataError */
  async createRecords(name: string): Promise<RecordWriter> {
    return new RecordWriter(await PartialFile.create(this.file(name)));
  }

  /**
   * A JSON file, or null where there is none.
   * @throws DataError when it does not fit its schema, or its checksum (see {@link sealed}) is not that of its content
   */
  async readJson<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | null> {
    const text = await readTextIfPresent(this.file(name));
    if (text === null) return null;
    const parsed = parseJson(text, unsealed(schema));
    if (parsed.ok) return parsed.value;
    throw new DataError({
      subject: this.file(name),
      expected: 'a record of this version of the program',
      received: parsed.problems,
      remedy: 'Move that folder away and run again.',
    });
  }

  /**
   * A JSON file, or null where there is none or it is damaged, so that what it describes is done again.
   * @param onDamaged called with a message about the damage
   */
  async readIntact<Schema extends z.ZodType>(
    name: string,
    schema: Schema,
    onDamaged: (message: string) => void,
  ): Promise<z.output<Schema> | null> {
    try {
      return await this.readJson(name, schema);
    } catch (thrown) {
      if (!(thrown instanceof DataError)) throw thrown;
      onDamaged(`${thrown.subject} is damaged (${thrown.received}): what it describes is done again`);
      return null;
    }
  }

  /** Writes a JSON object whole, {@link sealed}, so that a later change is noticed. @throws DataError */
  writeRecord(name: string, value: object): Promise<void> {
    return this.writeJson(name, sealed(value));
  }

  /** Writes a JSON file whole. @throws DataError */
  writeJson(name: string, value: unknown): Promise<void> {
    return this.writeText(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Writes a text file whole. @throws DataError */
  writeText(name: string, text: string): Promise<void> {
    return writeFileAtomic(this.file(name), text);
  }

  /**
   * Takes the folder for this process; see {@link lockFolder}.
   * @returns a function that gives it back
   * @throws DataError
   */
  lock(): Promise<() => Promise<void>> {
    const taken = {
      subject: this.path,
      expected: 'a run that nothing else is working on',
      does: 'is working on it',
      self: 'another call in this process',
      remedy: 'Wait for it, or watch it with: autodidact status',
    };
    return lockFolder(this.path, { name: 'run', taken });
  }
}

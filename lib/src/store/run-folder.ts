// The folder of a run: what is where, what is complete, and who is writing.
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import {
  createExclusive,
  makeFolder,
  PartialFile,
  readTextIfPresent,
  writeFileAtomic,
} from '../core/files.js';
import { readJsonl, schemaProblems } from '../core/jsonl.js';
import { isProcessAlive, thisProcess, type ProcessIdentity } from '../core/process-identity.js';

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
  createRecords(name: string): Promise<PartialFile> {
    return PartialFile.create(this.file(name));
  }

  /** A JSON file, or null where there is none. @throws DataError when it does not fit its schema */
  async readJson<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | null> {
    const text = await readTextIfPresent(this.file(name));
    if (text === null) return null;
    let problems: string;
    try {
      const result = schema.safeParse(JSON.parse(text));
      if (result.success) return result.data;
      problems = schemaProblems(result.error);
    } catch {
      problems = 'not JSON';
    }
    throw new DataError({
      subject: this.file(name),
      expected: 'a record of this version of the program',
      received: problems,
      remedy: 'Move that folder away and run again.',
    });
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
   * Takes the folder for this process, or fails when a living process has it, this one included.
   *
   * Locks are numbered. The highest counts; when its process is dead, the next number may be taken, and of several that try only
   * one can create that file. Locks of the dead stay, so that their numbers are never given out again.
   * @returns a function that gives it back
   * @throws DataError
   */
  async lock(): Promise<() => Promise<void>> {
    await makeFolder(this.path);
    const content = JSON.stringify({ ...(await thisProcess()), taken: randomUUID() });
    for (;;) {
      const highest = await this.#highestLock();
      const found = highest === 0 ? null : await readTextIfPresent(this.#lockPath(highest));
      // Given back between the two looks.
      if (highest > 0 && found === null) continue;
      const holder = found === null ? null : parseLock(found);
      if (holder !== null && (await isProcessAlive(holder))) throw this.#isTaken(holder.pid);
      const lockPath = this.#lockPath(highest + 1);
      if (!(await createExclusive(lockPath, content))) continue;
      return async () => {
        if ((await readTextIfPresent(lockPath)) === content) await rm(lockPath, { force: true });
      };
    }
  }

  async #highestLock(): Promise<number> {
    const numbers = (await readdir(this.path)).map((name) =>
      Number(/^run\.lock\.(\d+)$/.exec(name)?.[1] ?? 0),
    );
    return Math.max(0, ...numbers);
  }

  #lockPath(number: number): string {
    return this.file(`run.lock.${number}`);
  }

  #isTaken(pid: number): DataError {
    return new DataError({
      subject: this.path,
      expected: 'a run that nobody is working on',
      received: `process ${pid} is working on it`,
      remedy: 'Wait for it, or watch it with: autodidact status',
    });
  }
}

const lockSchema = z.object({ pid: z.int(), startedAt: z.string().nullable() });

function parseLock(text: string): ProcessIdentity | null {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

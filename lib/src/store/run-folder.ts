// The folder of a run: what is where, what is complete, and who is writing.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { DataError, hasErrorCode } from '../core/errors.js';
import { makeFolder, PartialFile, readTextIfPresent, writeError, writeFileAtomic } from '../core/files.js';
import { readJsonl, schemaProblems } from '../core/jsonl.js';

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
   * Takes the folder for this process, or fails when a living process has it. The lock of a dead process is taken over.
   * @returns a function that gives it back
   * @throws DataError
   */
  async lock(pid: number): Promise<() => Promise<void>> {
    await makeFolder(this.path);
    const lockPath = this.file('run.lock');
    for (;;) {
      try {
        await writeFile(lockPath, String(pid), { flag: 'wx' });
        return () => rm(lockPath, { force: true });
      } catch (thrown) {
        if (!hasErrorCode(thrown, 'EEXIST')) throw writeError(lockPath, thrown);
      }
      const holder = Number(await readFile(lockPath, 'utf8').catch(() => ''));
      if (holder !== pid && isAlive(holder)) {
        throw new DataError({
          subject: this.path,
          expected: 'a run that no other process is working on',
          received: `process ${holder} is working on it`,
          remedy: 'Wait for it, or watch it with: autodidact status',
        });
      }
      await rm(lockPath, { force: true });
    }
  }
}

/** Whether a process of this id lives. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return hasErrorCode(thrown, 'EPERM');
  }
}

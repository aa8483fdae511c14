// What the system says of files.
import { stat } from 'node:fs/promises';
import { hasErrorCode } from '../core/errors.js';
import { readError } from '../core/files.js';

/** A file and what the system says of it. */
export interface FileFacts {
  path: string;
  nBytes: number;
  /** When it was last written to, in milliseconds since 1970. */
  modifiedMs: number;
}

/** Facts of files; those that are gone are left out. @throws DataError */
export async function factsOf(paths: readonly string[]): Promise<FileFacts[]> {
  const facts: FileFacts[] = [];
  for (const path of paths) {
    try {
      const { size, mtimeMs } = await stat(path);
      facts.push({ path, nBytes: size, modifiedMs: mtimeMs });
    } catch (thrown) {
      if (!hasErrorCode(thrown, 'ENOENT')) throw readError(path, thrown);
    }
  }
  return facts;
}

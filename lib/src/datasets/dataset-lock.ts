// One process at a time may write a data set into the cache.
import { DataError } from '../core/errors.js';
import { lockFolder } from '../core/folder-lock.js';

/**
 * Takes the folder of a data set for this process; see {@link lockFolder}.
 * @returns a function that gives it back
 * @throws DataError when a living process has it, or it cannot be written
 */
export function lockDataset(folder: string, name: string): Promise<() => Promise<void>> {
  const isTaken = (pid: number): DataError =>
    new DataError({
      subject: `data set ${name}`,
      expected: 'a data set that nobody else is getting',
      received: `process ${pid} is getting it`,
      remedy: 'Wait for it, then run the same command again.',
    });
  return lockFolder(folder, { name: 'pull', isTaken });
}

// A lock by which one process at a time works on a folder.
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, type ErrorParts } from './errors.js';
import { createExclusive, makeFolder, readTextIfPresent } from './files.js';
import { parseJson } from './jsonl.js';
import {
  isProcessAlive,
  processIdentitySchema,
  thisProcess,
  type ProcessIdentity,
} from './process-identity.js';

/**
 * What the error about a lock that is held says. `does` ends the sentence "process 17 ...", such as `is using it`; `self` begins it where
 * that is this process. Default: its number, too.
 */
export type TakenParts = Pick<ErrorParts, 'subject' | 'expected' | 'remedy'> & {
  does: string;
  self?: string;
};

/** A running process holds a lock. */
export class FolderTaken extends DataError {
  override readonly name = 'DataError';

  /** @param pid the process that holds it */
  constructor({ does, self, ...parts }: TakenParts, pid: number) {
    const who = pid === process.pid ? self : undefined;
    super({ ...parts, received: `${who ?? `process ${pid}`} ${does}` });
  }
}

/**
 * Locks a folder for this process, or fails when a running process holds the lock, this one included.
 *
 * Locks are files `<name>.lock.<number>`. The highest number is the current lock; when its process has ended, the next number may be
 * created, and of several processes only one succeeds. Old locks stay, so that their numbers are never used again.
 * @param options.name distinguishes locks of one folder: letters, digits and dashes only
 * @param options.owner the process that takes the lock. Default: this process
 * @returns a function that releases the lock
 * @throws FolderTaken; DataError when the lock cannot be written
 */
export async function lockFolder(
  folder: string,
  { name, taken, owner }: { name: string; taken: TakenParts; owner?: ProcessIdentity | undefined },
): Promise<() => Promise<void>> {
  const pathOf = (number: number): string => join(folder, `${name}.lock.${number}`);
  await makeFolder(folder);
  const content = JSON.stringify({ ...(owner ?? (await thisProcess())), taken: randomUUID() });
  for (;;) {
    const highest = await highestLock(folder, name);
    const found = highest === 0 ? null : await readTextIfPresent(pathOf(highest));
    // Released between the two checks.
    if (highest > 0 && found === null) continue;
    const holder = parseJson(found ?? '', processIdentitySchema);
    if (holder.ok && (await isProcessAlive(holder.value))) throw new FolderTaken(taken, holder.value.pid);
    const path = pathOf(highest + 1);
    if (!(await createExclusive(path, content))) continue;
    return async () => {
      if ((await readTextIfPresent(path)) === content) await rm(path, { force: true });
    };
  }
}

async function highestLock(folder: string, name: string): Promise<number> {
  const pattern = new RegExp(`^${name}\\.lock\\.(\\d+)$`);
  const numbers = (await readdir(folder)).map((file) => Number(pattern.exec(file)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

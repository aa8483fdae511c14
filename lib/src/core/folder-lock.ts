// A lock by which one process at a time works on a folder.
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DataError } from './errors.js';
import { createExclusive, makeFolder, readTextIfPresent } from './files.js';
import { parseJson } from './jsonl.js';
import { isProcessAlive, thisProcess, type ProcessIdentity } from './process-identity.js';

/**
 * Locks a folder for this process, or fails when a running process holds the lock, this one included.
 *
 * Locks are files `<name>.lock.<number>`. The highest number is the current lock; when its process has ended, the next number may be
 * created, and of several processes only one succeeds. Old locks stay, so that their numbers are never used again.
 * @param options.name distinguishes locks of one folder: letters, digits and dashes only
 * @param options.owner the process that takes the lock. Default: this process
 * @param options.isTaken the error where process `pid` holds the lock
 * @returns a function that releases the lock
 * @throws DataError, also when the lock cannot be written
 */
export async function lockFolder(
  folder: string,
  {
    name,
    isTaken,
    owner,
  }: { name: string; isTaken: (pid: number) => DataError; owner?: ProcessIdentity | undefined },
): Promise<() => Promise<void>> {
  const pathOf = (number: number): string => join(folder, `${name}.lock.${number}`);
  await makeFolder(folder);
  const content = JSON.stringify({ ...(owner ?? (await thisProcess())), taken: randomUUID() });
  for (;;) {
    const highest = await highestLock(folder, name);
    const found = highest === 0 ? null : await readTextIfPresent(pathOf(highest));
    // Released between the two checks.
    if (highest > 0 && found === null) continue;
    const holder = parseJson(found ?? '', holderSchema);
    if (holder.ok && (await isProcessAlive(holder.value))) throw isTaken(holder.value.pid);
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

const holderSchema = z.object({ pid: z.int(), startedAt: z.string().nullable() });

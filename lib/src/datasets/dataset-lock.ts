// One process at a time may write a data set into the cache.
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import { createExclusive, makeFolder, readTextIfPresent } from '../core/files.js';
import { isProcessAlive, thisProcess } from '../core/process-identity.js';

const holderSchema = z.object({ pid: z.int(), startedAt: z.string().nullable() });

/**
 * Takes the folder of a data set for this process. Locks are numbered and the highest counts, so that of several processes that
 * find a dead one's lock exactly one follows it.
 * @returns a function that gives it back
 * @throws DataError when a living process has it, or it cannot be written
 */
export async function lockDataset(folder: string, name: string): Promise<() => Promise<void>> {
  await makeFolder(folder);
  const own = JSON.stringify({ ...(await thisProcess()), taken: randomUUID() });
  for (;;) {
    const highest = await highestLock(folder);
    if (highest > 0) {
      const text = await readTextIfPresent(lockPath(folder, highest));
      // Given back since it was listed: look again.
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder !== null && (await isProcessAlive(holder))) throw isTaken(name, holder.pid);
    }
    const path = lockPath(folder, highest + 1);
    if (!(await createExclusive(path, own))) continue;
    return async () => {
      if ((await readTextIfPresent(path)) === own) await rm(path, { force: true });
    };
  }
}

async function highestLock(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).map((name) => Number(/^pull\.lock\.(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

function lockPath(folder: string, number: number): string {
  return join(folder, `pull.lock.${number}`);
}

function parseHolder(text: string): z.infer<typeof holderSchema> | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isTaken(name: string, pid: number): DataError {
  return new DataError({
    subject: `data set ${name}`,
    expected: 'a data set that nobody else is getting',
    received: `process ${pid} is getting it`,
    remedy: 'Wait for it, then run the same command again.',
  });
}

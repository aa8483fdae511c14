// Which processes use a store, and the lock under which they come and go.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError, hasErrorCode } from '../core/errors.js';
import { namesIn, readError } from '../core/files.js';
import { lockFolder } from '../core/folder-lock.js';
import { parseJson } from '../core/jsonl.js';
import { pause } from '../core/pause.js';
import { isProcessAlive } from '../core/process-identity.js';

const PAUSE_MS = 10;
/** Joining takes milliseconds, pruning may take a while. */
const JOIN_PATIENCE_MS = 30_000;
const HOLD_PATIENCE_MS = 2_000;
const processSchema = z.object({ pid: z.int(), startedAt: z.string().nullable() });

/** Folders of a store with one file for each process that writes to it, and one for each claim. */
export const usersFolder = (storeFolder: string): string => join(storeFolder, 'users');
export const claimsFolder = (storeFolder: string): string => join(storeFolder, 'claims');

/** The process id in the file of a user or of a claim; null where that process has left or died. */
export async function livingPid(content: string): Promise<number | null> {
  const parsed = parseJson(content, processSchema);
  return parsed.ok && (await isProcessAlive(parsed.value)) ? parsed.value.pid : null;
}

/**
 * Takes the lock of a store, after which no process joins or leaves, and removes what processes that left or died had there.
 * @param options.alone whether no living process may use the store; processes that only read are no users
 * @returns a function that gives it back
 * @throws DataError where a living process keeps the lock or uses the store; the signal's reason when it aborts
 */
export async function lockStore(
  folder: string,
  { alone, signal }: { alone: boolean; signal: AbortSignal },
): Promise<() => Promise<void>> {
  const unlock = await waitForLock(folder, {
    patienceMs: alone ? HOLD_PATIENCE_MS : JOIN_PATIENCE_MS,
    signal,
  });
  try {
    const user = await removeDead(folder);
    if (alone && user !== null) throw inUse(folder, user);
    return unlock;
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
}

async function waitForLock(
  folder: string,
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): Promise<() => Promise<void>> {
  let taken: DataError | null = null;
  const isTaken = (pid: number): DataError => (taken = inUse(folder, pid));
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      return await lockFolder(folder, { name: 'claims', isTaken });
    } catch (thrown) {
      if (thrown !== taken || waitedMs >= patienceMs) throw thrown;
    }
    await pause(PAUSE_MS, signal);
  }
}

/** Removes the files of users that left or died, and their claims. @returns the id of a user that is left, or null */
async function removeDead(storeFolder: string): Promise<number | null> {
  const living = new Map<string, number | null>();
  let user: number | null = null;
  for (const folder of [claimsFolder(storeFolder), usersFolder(storeFolder)]) {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      try {
        const content = await readFile(path, 'latin1');
        const pid = living.get(content) ?? (await livingPid(content));
        living.set(content, pid);
        if (pid === null) await rm(path, { force: true });
        else user = pid;
      } catch (thrown) {
        // A claim was given back meanwhile.
        if (!hasErrorCode(thrown, 'ENOENT')) throw readError(path, thrown);
      }
    }
  }
  return user;
}

function inUse(folder: string, pid: number): DataError {
  return new DataError({
    subject: folder,
    expected: 'completions that no other process is using',
    received: `process ${pid} is using them`,
    remedy: 'Wait until it has ended, or stop it; a run continues when it is started again.',
  });
}

// Lock of a store: processes join one at a time, and none while another holds the store for itself.
import { join } from 'node:path';
import { readTextIfPresent } from '../core/files.js';
import { FolderTaken, lockFolder, type TakenParts } from '../core/folder-lock.js';
import { pause } from '../core/pause.js';
import { isProcessAlive } from '../core/process-identity.js';
import { ClaimTable, decodeRecord } from './claim-table.js';

/** The log of claims of a store. */
export const CLAIMS_FILE = 'claims.log';
const PAUSE_MS = 10;
/** Those who join take milliseconds. */
const HOLD_PATIENCE_MS = 2_000;

/**
 * Takes the lock of a store, waiting while a living process has it.
 * @param options.patienceMs how long to wait at most; 0 tries once
 * @returns a function that gives it back
 * @throws DataError where it is still taken or cannot be taken; the signal's reason when it aborts
 */
export async function lockStore(
  folder: string,
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): Promise<() => Promise<void>> {
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      return await lockFolder(folder, { name: 'claims', taken: inUse(folder) });
    } catch (thrown) {
      if (!(thrown instanceof FolderTaken) || waitedMs >= patienceMs) throw thrown;
    }
    await pause(PAUSE_MS, signal);
  }
}

/**
 * Holds a store so that nobody writes to it. Processes that only read notice what is changed meanwhile.
 * @returns a function that gives it back
 * @throws DataError where a living process uses it; the signal's reason when it aborts
 */
export async function holdStore(folder: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const unlock = await lockStore(folder, { patienceMs: HOLD_PATIENCE_MS, signal });
  try {
    const table = new ClaimTable('');
    for (const line of ((await readTextIfPresent(join(folder, CLAIMS_FILE))) ?? '').split('\n')) {
      const record = decodeRecord(line);
      if (record !== null) table.apply(record);
    }
    for (const process of table.members.values()) {
      if (await isProcessAlive(process)) throw new FolderTaken(inUse(folder), process.pid);
    }
    return unlock;
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
}

function inUse(folder: string): TakenParts {
  return {
    subject: folder,
    expected: 'completions that no other process is using',
    does: 'is using them',
    remedy: 'Wait until it has ended, or stop it; a run continues when it is started again.',
  };
}

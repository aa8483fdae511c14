// A pause that can be aborted.
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for `ms` milliseconds. @throws the signal's reason as soon as it aborts */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  }
}

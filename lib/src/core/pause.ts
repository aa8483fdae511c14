// A pause that can be aborted.
import { onAbort } from './on-abort.js';

/** Waits for `ms` milliseconds. Any number of waits may share a signal. @throws the signal's reason as soon as it aborts */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    const forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

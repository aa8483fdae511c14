// One listener per signal, however many callers follow it: thousands of requests share the signal of their stage, and Node's own list of
// listeners is slow to remove from and warns once it is longer than ten.

const followers = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `callback` when the signal aborts; at once when it has.
 * @returns a function that forgets the callback
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  const known = followers.get(signal);
  const callbacks = known ?? new Set<() => void>();
  if (known === undefined) {
    followers.set(signal, callbacks);
    const callAll = (): void => [...callbacks].forEach((one) => one());
    signal.addEventListener('abort', callAll, { once: true });
  }
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

/** The promise, rejected when the signal aborts first. @throws the reason of `signal` */
export async function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let forget = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget();
  }
}

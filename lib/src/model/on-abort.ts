// One listener per signal, however many requests follow it: thousands in flight share the signal of their stage, whose own list of
// listeners is slow to remove from and warns about long lists.

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
  let callbacks = followers.get(signal);
  if (!callbacks) {
    const called = new Set<() => void>();
    callbacks = called;
    followers.set(signal, called);
    const callAll = (): void => {
      for (const one of [...called]) one();
    };
    signal.addEventListener('abort', callAll, { once: true });
  }
  callbacks.add(callback);
  const own = callbacks;
  return () => {
    own.delete(callback);
  };
}

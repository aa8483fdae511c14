// A barrier between worker threads, over two words of shared memory.

/** Place of the barrier's two words in an Int32Array: how many have arrived, and how often all have. */
export interface Barrier {
  words: Int32Array;
  nThreads: number;
}

/** Times a thread looks again before it goes to sleep: waking up costs more than a short wait. */
const nLooks = 4000;

/** Blocks this thread until all `nThreads` threads have called it. Never call it on the main thread. */
export function waitForAll({ words, nThreads }: Barrier): void {
  if (nThreads === 1) return;
  const round = Atomics.load(words, 1);
  if (Atomics.add(words, 0, 1) === nThreads - 1) {
    Atomics.store(words, 0, 0);
    Atomics.add(words, 1, 1);
    Atomics.notify(words, 1);
    return;
  }
  for (let i = 0; i < nLooks; i++) if (Atomics.load(words, 1) !== round) return;
  while (Atomics.load(words, 1) === round) Atomics.wait(words, 1, round);
}

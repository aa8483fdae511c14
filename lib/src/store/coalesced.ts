// Work that many ask for at once and that need be done once for all of them.

/**
 * Makes of some work one that never runs twice at a time: whoever asks while it runs gets the next run, and shares it with all that ask
 * meanwhile. So what was true at the time of asking is seen by the run that is waited for.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    if (next !== null) return next;
    const mine = running.then(() => {
      next = null;
      return work();
    });
    next = mine;
    // A failure is told to those who wait for it and does not stop the next run.
    running = mine.catch(() => undefined);
    return mine;
  };
}

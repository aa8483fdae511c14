// Runs work once for all callers that ask for it at the same time.

/**
 * Returns a function that never runs `work` twice at a time. A call during a run gets the next run, shared with all calls made
 * meanwhile. So every caller waits for a run that began after its call.
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
    // A failure is reported to the callers of its run and does not stop the next one.
    running = mine.catch(() => undefined);
    return mine;
  };
}

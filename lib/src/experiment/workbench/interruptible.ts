// Work that stops when the user interrupts the kernel. The kernel itself ends the cell alone: what the cell started would go on.
import { isInCell } from '../../notebook/index.js';

/** Stop work that cells have under way. */
const stops = new Set<AbortController>();
/** The ends of work that was interrupted and still closes its files and servers. */
const closing = new Set<Promise<void>>();

/** How work is interrupted. */
export interface InterruptOptions {
  /** Stops the work too. */
  signal: AbortSignal | undefined;
  /** Called if earlier work, which was interrupted, has to end first. */
  onWait: () => void;
  /** Called at an interrupt, while outputs still reach the cell. */
  onInterrupt: () => void;
}

/**
 * Does work until the kernel is interrupted (SIGINT), which aborts the signal that the work gets. It starts once all work that was
 * interrupted before has ended, so that a cell that is run again does not meet its own locks. Outside a notebook, only `signal` aborts.
 * @returns the result of the work. After an interrupt the promise stays pending: the kernel has ended the cell, and nothing of the cell
 *   may go on, or report an error in a later cell.
 * @throws whatever the work throws
 */
export function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  { signal, onWait, onInterrupt }: InterruptOptions,
): Promise<Result> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  if (!isInCell()) return work(either);
  return new Promise((resolve, reject) => {
    // Not at once: a listener that is added while the kernel runs the first lines of a cell would make an interrupt end the process,
    // since Node exchanges the handlers of SIGINT meanwhile (`breakOnSigint` of node:vm).
    const ended = Promise.resolve()
      .then(() => {
        listen(stop);
        return afterEarlierWork(onWait);
      })
      .then(() => {
        either.throwIfAborted();
        return work(either);
      })
      .then(
        (result) => stop.signal.aborted || resolve(result),
        (thrown: unknown) => stop.signal.aborted || reject(thrown as Error),
      )
      .then(() => {
        closing.delete(ended);
        forget(stop);
      });
    stop.signal.addEventListener('abort', () => {
      closing.add(ended);
      onInterrupt();
    });
  });
}

async function afterEarlierWork(onWait: () => void): Promise<void> {
  if (closing.size === 0) return;
  onWait();
  await Promise.all(closing);
}

function stopAll(): void {
  for (const stop of stops) stop.abort(new Error('interrupted'));
}

function listen(stop: AbortController): void {
  if (stops.size === 0) process.on('SIGINT', stopAll);
  stops.add(stop);
}

function forget(stop: AbortController): void {
  stops.delete(stop);
  if (stops.size === 0) process.off('SIGINT', stopAll);
}

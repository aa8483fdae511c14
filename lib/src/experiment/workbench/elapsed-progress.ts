// A line of progress that says how long the work has taken, so that it moves while the work is silent.
import { duration } from '../../report/index.js';

/** Between two updates of a silent line, in ms. */
const TICK_MS = 1000;

/** Shows lines of progress. */
export type PutLine = (line: string) => void;

/**
 * Does work whose lines are shown with the time since its start, again every second until it ends. Does not keep the process alive.
 * @throws what the work throws
 */
export async function withElapsed<Result>(
  put: PutLine,
  work: (put: PutLine) => Promise<Result>,
  tickMs = TICK_MS,
): Promise<Result> {
  const startedMs = performance.now();
  let line = 'starting';
  const putAgain = (): void => put(`${line} (${wholeSeconds(performance.now() - startedMs)})`);
  const timer = setInterval(putAgain, tickMs).unref();
  putAgain();
  try {
    return await work((next) => {
      line = next;
      putAgain();
    });
  } finally {
    clearInterval(timer);
  }
}

/** E.g. `12 s` or `3 min 20 s`. */
function wholeSeconds(ms: number): string {
  return ms < 100_000 ? `${Math.floor(ms / 1000)} s` : duration(ms);
}

// Runs again after a server went away, for as long as the user wants to wait.
import { ModelError } from '../../core/errors.js';
import { pause } from '../../core/pause.js';
import type { RunEvent, RunListener } from '../watch/events.js';

/** Between two attempts: the first pause, which doubles up to the longest, in milliseconds. */
const PAUSES = { firstMs: 5_000, longestMs: 300_000 };
/**
 * Codes of servers that may come back: not reached, behind a tunnel that takes connections and closes them, loading, overloaded, or out
 * of order (see model/attempt-failure.ts); and of too many inputs lost to them, which another attempt asks for again (server-losses.ts).
 */
const MAY_COME_BACK =
  /^(unreachable|connection-lost|loading|timeout|server-losses|http-(408|409|425|429|5\d\d))$/;

/** How a run is watched over. */
export interface SuperviseOptions {
  /** How long the servers may be away without any progress in between, in milliseconds; absent: not at all. */
  superviseMs?: number | undefined;
  onEvent: RunListener;
  signal: AbortSignal;
}

/**
 * Runs. When the servers went away it waits, runs again, and so goes on where it was: every attempt makes contact first, and nothing that
 * is finished or stored is asked for again.
 * @param attempt one attempt, which reports its events
 * @param clock for tests
 * @throws what the attempt throws, for anything else and once the servers were away too long; the signal's reason when it aborts
 */
export async function supervised<Result>(
  attempt: (onEvent: RunListener) => Promise<Result>,
  { superviseMs = 0, onEvent, signal }: SuperviseOptions,
  clock: { now: () => number; pause: typeof pause } = { now: () => performance.now(), pause },
): Promise<Result> {
  let awaySince: number | null = null;
  let pauseMs = PAUSES.firstMs;
  for (;;) {
    try {
      return await attempt((event) => {
        if (isProgress(event)) awaySince = null;
        onEvent(event);
      });
    } catch (thrown) {
      if (!(thrown instanceof ModelError) || thrown.scope !== 'endpoint' || !MAY_COME_BACK.test(thrown.code))
        throw thrown;
      const now = clock.now();
      if (awaySince === null) pauseMs = PAUSES.firstMs;
      awaySince ??= now;
      const leftMs = superviseMs - (now - awaySince);
      if (leftMs <= 0) throw thrown;
      const waitMs = Math.min(pauseMs, leftMs);
      const message = `${thrown.subject}: ${thrown.received ?? thrown.code}; trying again in ${inWords(waitMs)}, for ${inWords(leftMs)} at most`;
      onEvent({ kind: 'warning', message });
      await clock.pause(waitMs, signal);
      pauseMs = Math.min(2 * pauseMs, PAUSES.longestMs);
    }
  }
}

/** Whether a server has answered, or a trainer said how far it is: a training asks nothing for hours. */
function isProgress(event: RunEvent): boolean {
  if (event.kind !== 'progress') return false;
  const { usage, detail } = event.progress;
  return usage.completions > 0 || detail !== undefined;
}

function inWords(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 2) return `${Math.round(ms / 1000)} s`;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`;
}

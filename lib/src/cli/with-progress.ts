// Work that takes long: its progress on standard error, and what to do after it was stopped.
import type { RunListener } from '../experiment/index.js';
import { ProgressDisplay } from './progress-display.js';

/** Does the work and shows the events that it tells. @throws what it throws */
export async function withProgress<Result>(
  signal: AbortSignal,
  work: (onEvent: RunListener) => Promise<Result>,
): Promise<Result> {
  const display = new ProgressDisplay(process.stderr);
  try {
    return await work((event) => {
      display.onEvent(event);
    });
  } catch (thrown) {
    display.close();
    if (signal.aborted && thrown === signal.reason) {
      process.stderr.write(
        'Stopped. Nothing that was finished is lost: the same command continues from here.\n',
      );
    }
    throw thrown;
  } finally {
    display.close();
  }
}

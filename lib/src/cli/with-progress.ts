// Work that takes long: its progress on standard error, and what to do after it was stopped.
import type { MatrixListener, RunListener } from '../experiment/index.js';
import { MatrixDisplay } from './matrix-display.js';
import { ProgressDisplay } from './progress-display.js';

/** Does the work and shows the events that it tells. @throws what it throws */
export function withProgress<Result>(
  signal: AbortSignal,
  work: (onEvent: RunListener) => Promise<Result>,
): Promise<Result> {
  return showing(new ProgressDisplay(process.stderr), { signal, work });
}

/** The same for a matrix. @throws what the work throws */
export function withMatrixProgress<Result>(
  signal: AbortSignal,
  work: (onEvent: MatrixListener) => Promise<Result>,
): Promise<Result> {
  return showing(new MatrixDisplay(process.stderr), { signal, work });
}

async function showing<Event, Result>(
  display: { onEvent(event: Event): void; close(): void },
  { signal, work }: { signal: AbortSignal; work: (onEvent: (event: Event) => void) => Promise<Result> },
): Promise<Result> {
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

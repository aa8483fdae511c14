// A signal for one request. The `openai` package leaves a listener behind on each signal that it is given; on the one signal of
// a whole run they would pile up.
import { onAbort } from './on-abort.js';

/** Runs a task with a signal of its own that follows `signal` and is let go when the task ends. */
export async function withRequestSignal<Result>(
  signal: AbortSignal,
  task: (requestSignal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const forget = onAbort(signal, () => {
    controller.abort(signal.reason);
  });
  try {
    return await task(controller.signal);
  } finally {
    forget();
  }
}

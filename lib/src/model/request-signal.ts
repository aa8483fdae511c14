// A signal for one request. The `openai` package leaves a listener behind on each signal that it is given; on the one signal of
// a whole run they would pile up by the ten thousand.

/** Runs a task with a signal of its own that follows `signal` and is let go when the task ends. */
export async function withRequestSignal<Result>(
  signal: AbortSignal,
  task: (requestSignal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const follow = (): void => {
    controller.abort(signal.reason);
  };
  signal.addEventListener('abort', follow, { once: true });
  try {
    return await task(controller.signal);
  } finally {
    signal.removeEventListener('abort', follow);
  }
}

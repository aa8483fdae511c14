// Bounded concurrency: a map that runs ahead and yields in input order.
import { onAbort } from '../core/on-abort.js';

/**
 * Maps inputs through `transform`, up to `lookAhead` of them under way, and yields results in input order. With the first
 * failure the signal that `transform` gets aborts, nothing further is started, and the failure is thrown.
 */
export async function* mapOrdered<Input, Result>(
  inputs: AsyncIterable<Input> | Iterable<Input>,
  transform: (input: Input, signal: AbortSignal) => Promise<Result>,
  { lookAhead, signal }: { lookAhead: number; signal: AbortSignal },
): AsyncGenerator<Result> {
  const own = new AbortController();
  const forget = onAbort(signal, () => own.abort(signal.reason));
  const failed: { first?: unknown } = {};
  const onFailure = (thrown: unknown): void => {
    // Later inputs fail because of the first failure, which is the one to report.
    if (!('first' in failed)) failed.first = thrown;
    own.abort(thrown);
  };
  const underWay: Promise<Result>[] = [];
  const source = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  let isDry = false;
  try {
    signal.throwIfAborted();
    for (;;) {
      while (!isDry && underWay.length < lookAhead) {
        // Synchronous inputs are not awaited: with hundreds of thousands of them that would cost time.
        const pulled = source.next();
        const step = pulled instanceof Promise ? await pulled : pulled;
        if ('first' in failed) throw failed.first;
        if (step.done === true) {
          isDry = true;
          break;
        }
        const result = transform(step.value, own.signal);
        result.catch(onFailure);
        underWay.push(result);
      }
      const next = underWay.shift();
      if (next === undefined) return;
      let result: Result;
      try {
        result = await next;
      } catch (thrown) {
        throw 'first' in failed ? failed.first : thrown;
      }
      yield result;
    }
  } finally {
    forget();
    own.abort(new Error('the stage has ended'));
    await Promise.allSettled(underWay);
    if (!isDry) await source.return?.();
  }
}

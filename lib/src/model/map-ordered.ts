// Bounded concurrency: a map that runs ahead but answers in input order.
import { setMaxListeners } from 'node:events';

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
  // Everything under way listens to this one signal.
  setMaxListeners(0, own.signal);
  const follow = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', follow, { once: true });
  const failed: { first?: unknown } = {};
  const underWay: Promise<Result>[] = [];
  const next = async (): Promise<Result> => {
    try {
      return await (underWay.shift() as Promise<Result>);
    } catch (thrown) {
      // Later inputs fail because of the first failure; that one is the news.
      throw 'first' in failed ? failed.first : thrown;
    }
  };
  try {
    signal.throwIfAborted();
    for await (const input of inputs) {
      if ('first' in failed) throw failed.first;
      const result = transform(input, own.signal);
      result.catch((thrown: unknown) => {
        if (!('first' in failed)) failed.first = thrown;
        own.abort(thrown);
      });
      underWay.push(result);
      if (underWay.length >= lookAhead) yield await next();
    }
    while (underWay.length > 0) yield await next();
  } finally {
    signal.removeEventListener('abort', follow);
    own.abort(new Error('the stage has ended'));
    await Promise.allSettled(underWay);
  }
}

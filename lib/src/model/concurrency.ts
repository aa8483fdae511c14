// Bounded concurrency: a semaphore, and a map that runs ahead but answers in input order.

/** Lets at most `limit` tasks run at once; waiters are served in the order they came. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param limit 1 or more */
  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new RangeError(`limit: expected 1 or more, received ${limit}`);
    this.#free = limit;
  }

  /** Runs a task when its turn comes. @throws the signal's reason when it aborts before that */
  async run<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    await this.#acquire(signal);
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        reject(signal.reason as Error);
      };
      const proceed = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(proceed);
    });
  }
}

/**
 * Maps inputs through `transform`, up to `lookAhead` of them under way, and yields results in input order.
 * The first failure is thrown once its turn comes, after which nothing further is started.
 */
export async function* mapOrdered<Input, Result>(
  inputs: AsyncIterable<Input> | Iterable<Input>,
  transform: (input: Input) => Promise<Result>,
  { lookAhead, signal }: { lookAhead: number; signal: AbortSignal },
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const input of inputs) {
      signal.throwIfAborted();
      const result = transform(input);
      // The failure is thrown at its turn; until then it must not count as unhandled.
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length >= lookAhead) yield await (underWay.shift() as Promise<Result>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<Result>);
  } finally {
    await Promise.allSettled(underWay);
  }
}

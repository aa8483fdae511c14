// Streams that end when a signal aborts.

/** The same items, until the signal aborts. @throws the signal's reason */
export async function* stoppable<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}

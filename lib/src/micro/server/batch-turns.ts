// Whose turn it is: one at a time, in the order in which they came.

/** A place in the line. */
export interface Turn {
  /** Resolves when those before have left. */
  reached: Promise<void>;
  /** Lets the next one in, once those before have left too; again is without effect. */
  leave: () => void;
}

/** A line of those who wait for one thing. */
export class BatchTurns {
  #last: Promise<void> = Promise.resolve();

  /** Takes the last place. */
  take(): Turn {
    const reached = this.#last;
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#last = reached.then(() => left);
    return { reached, leave };
  }
}

// How many requests a server bears at once, found out by additive increase and multiplicative decrease, as TCP does
// (Chiu and Jain 1989, https://doi.org/10.1016/0169-7552(89)90019-6).

/** What is left of the limit when a server says that it is too much. */
const DECREASE = 0.7;

/** A limit between 1 and its ceiling. It starts at the ceiling: what the user asked for is tried first. */
export class AdaptiveLimit {
  readonly #ceiling: number;
  #limit: number;
  /** Of the last decrease, in the time of the caller. */
  #decreasedAt = Number.NEGATIVE_INFINITY;

  /** @param ceiling 1 or more */
  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#limit = ceiling;
  }

  /** Whole requests. */
  get current(): number {
    return Math.floor(this.#limit);
  }

  /** A request was answered: one more for every round of as many answers as the limit. @returns whether `current` changed */
  onAnswer(): boolean {
    const before = this.current;
    this.#limit = Math.min(this.#ceiling, this.#limit + 1 / this.#limit);
    return this.current !== before;
  }

  /**
   * The server said that it is too much. Of the many requests that were on their way at once, one counts.
   * @param sentAt when the request was sent
   * @param now both on the same clock
   * @returns whether the limit was lowered
   */
  onOverload(sentAt: number, now: number): boolean {
    if (sentAt < this.#decreasedAt) return false;
    this.#decreasedAt = now;
    this.#limit = Math.max(1, this.#limit * DECREASE);
    return true;
  }
}

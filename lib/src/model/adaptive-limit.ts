// How many requests a server handles at once, found by additive increase and multiplicative decrease, as TCP does
// (Chiu and Jain 1989, https://doi.org/10.1016/0169-7552(89)90019-6).

/** The factor by which the limit shrinks when a server is overloaded. */
const DECREASE = 0.7;

/** A limit between 1 and its ceiling. It starts at the ceiling, which the user has set. */
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
   * The server is overloaded. Of many requests that were in flight at once, one counts.
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

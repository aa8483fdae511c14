// A bound on requests or tokens in a minute: a bucket that fills at an even pace and never lets more through in any minute.

const MINUTE_MS = 60_000;
/** The bucket holds what comes in so many seconds; the pace leaves room for a full bucket in every minute. */
const BURST_SECONDS = 5;

/** A bucket of requests or tokens. */
export class RateWindow {
  readonly #capacity: number;
  readonly #perMs: number;
  #level: number;
  #filledAt: number | null = null;

  /** @param perMinute 1 or more */
  constructor(perMinute: number) {
    this.#capacity = Math.max(1, Math.floor((perMinute * BURST_SECONDS) / 60));
    // A full bucket and what comes in before the end of a minute together make `perMinute`.
    this.#perMs = (perMinute - this.#capacity + 1) / MINUTE_MS;
    this.#level = this.#capacity;
  }

  /** When `amount` may be sent, on the clock of `now`; `now` for at once. More than the capacity waits for a full bucket. */
  readyAt(amount: number, now: number): number {
    this.#fill(now);
    const missing = Math.min(amount, this.#capacity) - this.#level;
    return missing <= 1e-9 ? now : now + missing / this.#perMs;
  }

  /** Takes `amount` out; a negative amount is returned. The level may become negative. */
  take(amount: number, now: number): void {
    this.#fill(now);
    this.#level = Math.min(this.#capacity, this.#level - amount);
  }

  #fill(now: number): void {
    if (this.#filledAt !== null)
      this.#level = Math.min(this.#capacity, this.#level + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}

// Takes a server out of use that fails again and again, and back in when it answers.
import { growingPauseMs, type PauseGrowth } from '../core/backoff.js';

/** `closed`: in use; `open`: sent nothing; `half-open`: asked for a single token, to find out whether it works. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** Failures in a row, without an answer between them, that take a server out. */
const FAILURES_IN_A_ROW = 10;
/** How long a server is sent nothing. */
const COOLDOWN: PauseGrowth = { firstWaitMs: 250, longestWaitMs: 10_000 };

/** The state of one server. Times are milliseconds on the caller's clock. */
export class CircuitBreaker {
  #state: BreakerState = 'closed';
  #failuresInARow = 0;
  #nCooldowns = 0;
  #openUntil = 0;
  #downSince: number | null = null;

  get state(): BreakerState {
    return this.#state;
  }

  /** Since when it has not answered; null while it is in use. */
  get downSince(): number | null {
    return this.#downSince;
  }

  /** When a server that is out of use may be tried again. */
  get openUntil(): number {
    return this.#openUntil;
  }

  /** A request was answered, or refused in a way that shows that the server works. */
  onAnswer(): void {
    this.#state = 'closed';
    this.#failuresInARow = 0;
    this.#nCooldowns = 0;
    this.#downSince = null;
  }

  /** A request failed in a way that may be the server's fault. */
  onFailure(now: number): void {
    this.#failuresInARow++;
    if (this.#state === 'closed' && this.#failuresInARow >= FAILURES_IN_A_ROW) this.#open(now);
  }

  /** It is being tried. */
  onTry(): void {
    this.#state = 'half-open';
  }

  /** It was tried, and does not work. */
  onFailedTry(now: number): void {
    this.#open(now);
  }

  #open(now: number): void {
    this.#state = 'open';
    this.#downSince ??= now;
    this.#openUntil = now + growingPauseMs(COOLDOWN, ++this.#nCooldowns);
  }
}

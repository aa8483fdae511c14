// The rate of a counter over the last seconds, rather than on average.

interface Sample {
  timeMs: number;
  done: number;
}

/** Shortest time that gives a rate, in milliseconds. */
const SHORTEST_SPAN_MS = 1000;
/** A sample closer than this to the previous one replaces it, in milliseconds. */
const SAMPLE_INTERVAL_MS = 200;

/** The rate of a counter over the last `spanMs` milliseconds. */
export class RecentRate {
  readonly #spanMs: number;
  /** The first one is the newest sample older than the span, if there is one. */
  #samples: Sample[] = [];
  #last: Sample | null = null;

  constructor(spanMs = 10_000) {
    this.#spanMs = spanMs;
  }

  /** Adds a sample; a counter that went back starts again. */
  add(done: number, timeMs: number): void {
    if (this.#last !== null && done < this.#last.done) this.#samples = [];
    this.#last = { done, timeMs };
    const newest = this.#samples.at(-1);
    if (!newest || timeMs - newest.timeMs >= SAMPLE_INTERVAL_MS) this.#samples.push(this.#last);
    this.#forget(timeMs);
  }

  /** Drops all samples: another counter begins. */
  restart(): void {
    this.#samples = [];
    this.#last = null;
  }

  /** Per second, at a time not before the last sample; null while there are too few samples. */
  perSecond(timeMs: number): number | null {
    this.#forget(timeMs);
    const [first] = this.#samples;
    if (!first || !this.#last || timeMs - first.timeMs < SHORTEST_SPAN_MS) return null;
    return (1000 * (this.#last.done - first.done)) / (timeMs - first.timeMs);
  }

  #forget(timeMs: number): void {
    const isPast = (sample: Sample | undefined): boolean =>
      sample !== undefined && sample.timeMs <= timeMs - this.#spanMs;
    while (isPast(this.#samples[1])) this.#samples.shift();
  }
}

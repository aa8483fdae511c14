// How fast something goes now, in place of on average: over the last seconds.

interface Sample {
  timeMs: number;
  done: number;
}

/** A shorter time says nothing about a rate, in milliseconds. */
const SHORTEST_SPAN_MS = 1000;
/** Samples nearer than this to the one before take its place, in milliseconds. */
const SAMPLE_INTERVAL_MS = 200;

/** The rate of a counter over the last `spanMs` milliseconds. */
export class RecentRate {
  readonly #spanMs: number;
  /** The first is the newest of those that are older than the span, where there is one. */
  #samples: Sample[] = [];
  #last: Sample | null = null;

  constructor(spanMs = 10_000) {
    this.#spanMs = spanMs;
  }

  /** Takes in how far the counter is; one that went back starts anew. */
  add(done: number, timeMs: number): void {
    if (this.#last !== null && done < this.#last.done) this.#samples = [];
    this.#last = { done, timeMs };
    const newest = this.#samples.at(-1);
    if (!newest || timeMs - newest.timeMs >= SAMPLE_INTERVAL_MS) this.#samples.push(this.#last);
    this.#forget(timeMs);
  }

  /** Forgets everything: another counter begins. */
  restart(): void {
    this.#samples = [];
    this.#last = null;
  }

  /** Per second, at a time not before the last one; null as long as too little is known. */
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

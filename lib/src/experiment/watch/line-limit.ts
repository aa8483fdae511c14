// Bounds how often lines of one kind are written; what is left out is counted.

/** How often one kind of line was left out, and over how long. */
export interface LeftOut<Kind> {
  kind: Kind;
  nLeftOut: number;
  /** Milliseconds from the first line of the stretch to its end. */
  periodMs: number;
}

interface Stretch<Kind> {
  kind: Kind;
  startedMs: number;
  n: number;
}

/** Lets so many lines of each kind through in a stretch of time, which starts with the first of them. */
export class LineLimit<Kind> {
  readonly #most: number;
  readonly #periodMs: number;
  readonly #stretches = new Map<string, Stretch<Kind>>();

  /** @param options.most lines of a kind, 1 or more, in `periodMs` milliseconds */
  constructor({ most, periodMs }: { most: number; periodMs: number }) {
    this.#most = most;
    this.#periodMs = periodMs;
  }

  /** Whether a line of this kind may be written now. @param name tells kinds apart */
  take(name: string, kind: Kind, nowMs: number): boolean {
    let stretch = this.#stretches.get(name);
    if (!stretch) {
      stretch = { kind, startedMs: nowMs, n: 0 };
      this.#stretches.set(name, stretch);
    }
    stretch.n++;
    return stretch.n <= this.#most;
  }

  /** Ends the stretches that are over, or all of them, and tells what they left out. */
  end(nowMs: number, { all = false } = {}): LeftOut<Kind>[] {
    const leftOut: LeftOut<Kind>[] = [];
    for (const [name, { kind, startedMs, n }] of this.#stretches) {
      const periodMs = Math.min(nowMs - startedMs, this.#periodMs);
      if (!all && periodMs < this.#periodMs) continue;
      this.#stretches.delete(name);
      if (n > this.#most) leftOut.push({ kind, nLeftOut: n - this.#most, periodMs: Math.round(periodMs) });
    }
    return leftOut;
  }
}

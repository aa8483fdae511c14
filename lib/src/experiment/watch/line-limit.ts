// Limits how often lines of one kind are written, and counts those that are left out.

/** How often one kind of line was left out, and over how long. */
export interface LeftOut<Kind> {
  kind: Kind;
  nLeftOut: number;
  /** Milliseconds from the first line of the period to its end. */
  periodMs: number;
}

interface Period<Kind> {
  kind: Kind;
  startedMs: number;
  n: number;
}

/** Lets at most `most` lines of each kind through per period, which starts with the first of them. */
export class LineLimit<Kind> {
  readonly #most: number;
  readonly #periodMs: number;
  readonly #periods = new Map<string, Period<Kind>>();

  /** @param options.most lines of a kind, 1 or more, in `periodMs` milliseconds */
  constructor({ most, periodMs }: { most: number; periodMs: number }) {
    this.#most = most;
    this.#periodMs = periodMs;
  }

  /** Whether a line of this kind may be written now. @param name identifies the kind */
  take(name: string, kind: Kind, nowMs: number): boolean {
    let period = this.#periods.get(name);
    if (!period) {
      period = { kind, startedMs: nowMs, n: 0 };
      this.#periods.set(name, period);
    }
    period.n++;
    return period.n <= this.#most;
  }

  /** Ends the periods that are over, or all of them. @returns what each left out */
  end(nowMs: number, { all = false } = {}): LeftOut<Kind>[] {
    const leftOut: LeftOut<Kind>[] = [];
    for (const [name, { kind, startedMs, n }] of this.#periods) {
      const periodMs = Math.min(nowMs - startedMs, this.#periodMs);
      if (!all && periodMs < this.#periodMs) continue;
      this.#periods.delete(name);
      if (n > this.#most) leftOut.push({ kind, nLeftOut: n - this.#most, periodMs: Math.round(periodMs) });
    }
    return leftOut;
  }
}

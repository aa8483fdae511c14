// A share over items, built item by item, as an estimate with n, unscored and interval.
import { ClusteredShareAccumulator } from '../core/statistics/interval.js';
import type { Estimate } from '../schema/estimate.js';
import type { ScoreSum } from './verdict-table.js';

const METHOD = 'Wilson 95%, effective sample size over items';

/** Adds scores item by item; the interval treats the scores of one item as a cluster. */
export class ShareCounter {
  readonly #scored = new ClusteredShareAccumulator();
  #unscored = 0;

  /** @param unscored observations of this item that have no score */
  add({ sum, size }: ScoreSum, unscored = 0): void {
    if (size > 0) this.#scored.add(sum, size);
    this.#unscored += unscored;
  }

  /** One observation of one item; null has no score. */
  addOne(score: number | null): void {
    if (score === null) this.#unscored++;
    else this.#scored.add(score, 1);
  }

  /** Adds observations that are missing. */
  addUnscored(n: number): void {
    this.#unscored += n;
  }

  /** The estimate so far; its value is null when nothing was scored. */
  estimate(): Estimate {
    const { value, n: nScored, low, high } = this.#scored.result();
    // Expected numbers, e.g. of a vote of k samples, may be fractional.
    const n = value === null ? 0 : Math.max(1, Math.round(nScored));
    const unscored = Math.max(0, Math.round(nScored + this.#unscored) - n);
    return { value, n, unscored, low, high, method: METHOD };
  }
}

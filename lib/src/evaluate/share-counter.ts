// A share over items, built item by item, as an estimate with n, unscored and interval.
import { ClusteredShareAccumulator, type ClusteredShare } from '../core/statistics/interval.js';
import type { Estimate } from '../schema/estimate.js';
import type { ScoreSum } from './verdict-table.js';

/** An item, or some of the observations of one. */
export interface CountedItem {
  /** Items of one cluster are not independent; undefined: the item is a cluster of its own. */
  cluster: string | undefined;
  /** Observations of this item that have no score. */
  unscored?: number;
}

/** Adds scores item by item; the interval treats the scores of all items of a cluster as one observation with a spread of its own. */
export class ShareCounter {
  readonly #scored = new ClusteredShareAccumulator();
  #unscored = 0;

  add({ sum, size }: ScoreSum, { cluster, unscored = 0 }: CountedItem): void {
    if (cluster !== undefined) this.#scored.addTo(cluster, sum, size);
    else this.#scored.add(sum, size);
    this.#unscored += unscored;
  }

  /** One observation of one item; null has no score. */
  addOne(score: number | null, { cluster }: CountedItem): void {
    this.add(
      { sum: score ?? 0, size: Number(score !== null) },
      { cluster, unscored: Number(score === null) },
    );
  }

  /** Adds observations that are missing. */
  addUnscored(n: number): void {
    this.#unscored += n;
  }

  /**
   * The estimate so far; its value is null when nothing was scored.
   * @param scoresPerUnit as in {@link ClusteredShareAccumulator.result}
   */
  estimate(scoresPerUnit = 1): Estimate {
    const share = this.#scored.result(scoresPerUnit);
    const { value, n: nScored, nClusters, low, high } = share;
    // Expected numbers, e.g. of a vote of k samples, may be fractional.
    const n = value === null ? 0 : Math.max(1, Math.round(nScored));
    const unscored = Math.max(0, Math.round(nScored + this.#unscored) - n);
    return { value, n, nClusters, unscored, low, high, method: methodOf(share) };
  }
}

/** How the interval of a share over clusters was made, or why there is none. */
function methodOf({ n, nClusters, designEffect }: ClusteredShare): string {
  if (nClusters === 1) return 'no interval: one cluster shows no spread';
  const clusters = `Wilson 95%, ${nClusters} clusters`;
  if (designEffect === null) return nClusters === 0 ? 'Wilson 95%' : `${clusters}, all alike`;
  return n === nClusters ? clusters : `${clusters}, design effect ${designEffect.toFixed(2)}, t adjustment`;
}

// A share over items, built item by item, as an estimate with n, unscored and interval.
import { addCount } from '../own.js';
import { ClusteredShareAccumulator, type ClusteredShare, type Interval } from './interval.js';

/** A share as records have it. */
export interface CountedShare extends Interval {
  /** null when nothing was scored. */
  value: number | null;
  n: number;
  nClusters: number;
  unscored: number;
  /** By reason; absent where there are none, or not all reasons are known. */
  unscoredReasons?: Record<string, number>;
  /** How the interval was made, or why there is none. */
  method: string;
}

/** Observations without a score: how many, or by reason. */
export type Unscored = number | Readonly<Record<string, number>>;

/** Adds scores item by item; the interval treats the scores of all items of a cluster as one observation with a spread of its own. */
export class ShareCounter {
  readonly #scored = new ClusteredShareAccumulator();
  readonly #reasons: Record<string, number> = {};
  #unscored = 0;
  #unexplained = 0;

  /**
   * @param options.cluster of the item; undefined: it is one of its own
   * @param options.unscored observations of this item that have no score
   */
  add(
    { sum, size }: { sum: number; size: number },
    { cluster, unscored = 0 }: { cluster: string | undefined; unscored?: Unscored },
  ): void {
    this.#scored.addTo(cluster, sum, size);
    this.addUnscored(unscored);
  }

  /** One observation of one item; null has no score, for a reason. */
  addOne(score: number | null, { cluster, reason }: { cluster: string | undefined; reason?: string }): void {
    if (score === null) this.addUnscored(reason === undefined ? 1 : { [reason]: 1 });
    else this.add({ sum: score, size: 1 }, { cluster });
  }

  /** Adds observations that are missing. */
  addUnscored(unscored: Unscored): void {
    if (typeof unscored === 'number') {
      this.#unscored += unscored;
      this.#unexplained += unscored;
      return;
    }
    for (const [reason, n] of Object.entries(unscored)) {
      addCount(this.#reasons, reason, n);
      this.#unscored += n;
    }
  }

  /** The covariance of two shares whose items are partly of the same clusters. */
  covarianceWith(other: ShareCounter): number {
    return this.#scored.covarianceWith(other.#scored).covariance;
  }

  /**
   * The estimate so far; its value is null when nothing was scored.
   * @param scoresPerUnit as in {@link ClusteredShareAccumulator.result}
   */
  estimate(scoresPerUnit = 1): CountedShare {
    const share = this.#scored.result(scoresPerUnit);
    const { value, n: nScored, nClusters, low, high } = share;
    // Expected numbers, e.g. of a vote of k samples, may be fractional.
    const n = value === null ? 0 : Math.max(1, Math.round(nScored));
    const unscored = Math.max(0, Math.round(nScored + this.#unscored) - n);
    return {
      ...{ value, n, nClusters, unscored, low, high, method: methodOf(share) },
      ...(unscored > 0 && this.#unexplained === 0 && { unscoredReasons: this.#wholeReasons(unscored) }),
    };
  }

  /** The reasons as whole numbers with this sum. */
  #wholeReasons(unscored: number): Record<string, number> {
    const whole: Record<string, number> = {};
    let [sum, given] = [0, 0];
    for (const [reason, n] of Object.entries(this.#reasons)) {
      sum += n;
      const upToHere = Math.round((sum * unscored) / this.#unscored);
      if (upToHere > given) addCount(whole, reason, upToHere - given);
      given = upToHere;
    }
    return whole;
  }
}

/** How the interval of a share over clusters was made, or why there is none. */
function methodOf({ n, nClusters, designEffect }: ClusteredShare): string {
  if (nClusters === 1) return 'no interval: one cluster shows no spread';
  const clusters = `Wilson 95%, ${nClusters} clusters`;
  if (designEffect === null) return nClusters === 0 ? 'Wilson 95%' : `${clusters}, all alike`;
  return n === nClusters ? clusters : `${clusters}, design effect ${designEffect.toFixed(2)}, t adjustment`;
}

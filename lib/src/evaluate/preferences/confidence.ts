// How far a judge's verdicts can be believed: how often such verdicts were right on held-out pairs.
import { ShareCounter } from '../../core/statistics/share-counter.js';
import type { Estimate } from '../../schema/estimate.js';
import type { EvaluatedItem } from '../../schema/evaluation.js';
import type { PreferenceVerdict } from '../../schema/preference.js';
import { jointVerdict } from './preference-of.js';

/** With fewer held-out pairs a share says too little. */
const FEWEST = 20;

/** The share of right verdicts among those that were alike in both orders. */
export class Confidence {
  /** Of held-out pairs whose two orders name the same response: the share that names the right one. */
  readonly share: Estimate;
  /** Held-out pairs on which the two orders contradict each other, or one has no verdict. */
  readonly nAbstained: number;

  private constructor(share: Estimate, nAbstained: number) {
    this.share = share;
    this.nAbstained = nAbstained;
  }

  /** @param items of the judge's evaluation in both orders; those of one order say nothing */
  static from(items: readonly EvaluatedItem[]): Confidence {
    const share = new ShareCounter();
    let nAbstained = 0;
    for (const { orders, cluster, goldTie } of items) {
      if (goldTie) continue;
      const verdict = jointVerdict(orders);
      if (verdict === 'a' || verdict === 'b') share.addOne(Number(verdict === 'a'), { cluster });
      else nAbstained++;
    }
    return new Confidence(share.estimate(), nAbstained);
  }

  /** The share for a verdict, null where it is none for one response, or was seen too seldom. */
  of(verdict: PreferenceVerdict): Estimate | null {
    return (verdict === 'a' || verdict === 'b') && this.share.n >= FEWEST ? this.share : null;
  }
}

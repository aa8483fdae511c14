// How far a judge's verdicts can be believed: how often such verdicts were right on held-out pairs.
import { ShareCounter } from '../../core/statistics/share-counter.js';
import type { Estimate } from '../../schema/estimate.js';
import type { EvaluatedItem, OrderedEvaluation } from '../../schema/evaluation.js';
import { winnerLabel } from '../../schema/verdict.js';
import { jointVerdict } from './preference-of.js';

/** With fewer held-out pairs a share says too little. */
const FEWEST = 20;

/** The groups of support, by their least. */
const LEAST_SUPPORT = [0, 0.75, 0.95] as const;

/** What supports a verdict besides its being alike in both orders. */
export type Support = 'votes' | 'probabilities';

/** Held-out pairs whose verdicts had about the same support. */
export interface ConfidenceGroup {
  /** Least support of the group, 0 to 1; the next group begins where it ends. */
  least: number;
  share: Estimate;
}

/** The share of right verdicts among those that were alike in both orders. */
export class Confidence {
  /** Of held-out pairs whose two orders name the same response: the share that names the right one. */
  readonly share: Estimate;
  /** The same by support, where `support` says by what; otherwise empty. */
  readonly groups: readonly ConfidenceGroup[];
  readonly support: Support | null;
  /** Held-out pairs on which the two orders contradict each other, agree on a tie, or one has no verdict. */
  readonly nAbstained: number;

  private constructor({ share, groups, support, nAbstained }: Omit<Confidence, 'of'>) {
    this.share = share;
    this.groups = groups;
    this.support = support;
    this.nAbstained = nAbstained;
  }

  /**
   * @param items of the judge's evaluation in both orders; those of one order say nothing
   * @param support by which verdicts are told apart; null: they are not. Held-out pairs that lack it are in `share` alone
   */
  static from(items: readonly EvaluatedItem[], support: Support | null = null): Confidence {
    const share = new ShareCounter();
    const counters = support === null ? [] : LEAST_SUPPORT.map(() => new ShareCounter());
    let nAbstained = 0;
    for (const { orders, cluster, goldTie } of items) {
      if (goldTie) continue;
      const verdict = jointVerdict(orders);
      if (verdict === 'a' || verdict === 'b') {
        const isRight = Number(verdict === 'a');
        share.addOne(isRight, { cluster });
        const group = support === null ? null : groupOf(supportOf(verdict, orders, support));
        if (group !== null) counters[group]?.addOne(isRight, { cluster });
      } else nAbstained++;
    }
    const groups = counters.map((counter, i) => ({
      least: LEAST_SUPPORT[i] ?? 0,
      share: counter.estimate(),
    }));
    return new Confidence({ share: share.estimate(), groups, support, nAbstained });
  }

  /** The share for a verdict with such support; null where it is none for one response, or where too few held-out pairs were like it. */
  of({ orders }: Pick<EvaluatedItem, 'orders'>): Estimate | null {
    const verdict = jointVerdict(orders);
    if (verdict !== 'a' && verdict !== 'b') return null;
    if (this.support === null) return isEnough(this.share) ? this.share : null;
    const group = groupOf(supportOf(verdict, orders, this.support));
    const share = group === null ? undefined : this.groups[group]?.share;
    return share && isEnough(share) ? share : null;
  }
}

/** Whether a share is of enough held-out pairs to be given as a confidence. */
export function isEnough({ n }: Pick<Estimate, 'n'>): boolean {
  return n >= FEWEST;
}

/** The mean over both orders of the share of votes, or of the probability, of the response that both name; null where an order lacks it. */
function supportOf(
  verdict: 'a' | 'b',
  orders: readonly OrderedEvaluation[],
  support: Support,
): number | null {
  const shares = orders.map(({ order, votes, probabilityOfA }): number | null => {
    const label = (winnerLabel(order) === 'A') === (verdict === 'a') ? 'A' : 'B';
    if (support === 'probabilities')
      return probabilityOfA === undefined ? null : label === 'A' ? probabilityOfA : 1 - probabilityOfA;
    const read = votes ? votes.A + votes.B + votes.tie : 0;
    return votes && read > 0 ? votes[label] / read : null;
  });
  const known = shares.filter((share) => share !== null);
  return known.length < shares.length ? null : known.reduce((sum, share) => sum + share, 0) / known.length;
}

function groupOf(support: number | null): number | null {
  return support === null ? null : LEAST_SUPPORT.findLastIndex((least) => support >= least);
}

// A judge's verdicts on the pairs of an audit.
import { allAnswered } from '../../model/all-answered.js';
import { kept, type Drop, type Outcome } from '../../schema/drop.js';
import type { ProbedItem } from '../../schema/probed-item.js';
import { ORDERS, type Order } from '../../schema/verdict.js';
import { aboutItem, evaluateInOrder, type EvaluateOptions } from '../evaluate-judge.js';
import type { ProbedBenchmarkItem } from './probed-items.js';

/**
 * Judges the pairs of an audit: pairwise and in both orders, whatever the options say, without a majority vote; `same-response` in one
 * order, since its two are one request. A pair as it is asks what {@link evaluateJudge} asks of it, so that a completion store answers.
 * @returns outcomes in input order; a drop names item, probe and side
 * @throws ModelError when the endpoint fails
 */
export function probeJudge(
  items: Iterable<ProbedBenchmarkItem>,
  options: EvaluateOptions,
): AsyncGenerator<Outcome<ProbedItem>> {
  return options.chatModel.outcomes(
    items,
    async (item, signal) => {
      const withoutVote = { ...options, vote: undefined, signal };
      const { probe, side } = item;
      const orders = await allAnswered(
        ordersOf(item).map((order) =>
          evaluateInOrder(
            order === 'loser-first' ? { ...item, ...item.loserFirst } : item,
            order,
            withoutVote,
          ),
        ),
      );
      return kept({ ...aboutItem(item), probe, side, orders });
    },
    { subjectOf, signal: options.signal },
  );
}

/** A changed pair that was not judged, and why. */
export type LostProbe = Pick<ProbedItem, 'itemId' | 'cluster' | 'probe' | 'side'> & Pick<Drop, 'reason'>;

/** The pairs of an audit that were dropped. @param drops as {@link probeJudge} drops them */
export function lostProbes(items: readonly ProbedBenchmarkItem[], drops: readonly Drop[]): LostProbe[] {
  const reasons = new Map(drops.map(({ subjectId, reason }) => [subjectId, reason]));
  return items.flatMap((item) => {
    const reason = reasons.get(subjectOf(item));
    if (reason === undefined) return [];
    const { itemId, cluster } = aboutItem(item);
    return [{ itemId, cluster, probe: item.probe, side: item.side, reason }];
  });
}

function subjectOf({ itemId, probe, side }: ProbedBenchmarkItem): string {
  return `${itemId} ${probe} ${side}`;
}

/** The orders in which a changed pair is judged. */
export function ordersOf({ probe }: Pick<ProbedBenchmarkItem, 'probe'>): readonly Order[] {
  return probe === 'same-response' ? ['winner-first'] : ORDERS;
}

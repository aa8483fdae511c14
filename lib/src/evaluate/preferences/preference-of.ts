// From the verdicts of both orders to what a judge prefers.
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Estimate } from '../../schema/estimate.js';
import type { EvaluatedItem } from '../../schema/evaluation.js';
import type { PairToJudge, Preference, PreferenceVerdict } from '../../schema/preference.js';
import { verdictScore } from '../../schema/verdict.js';

/** A pair as the evaluation takes it: nothing says that `a` is better, only that it is the first. */
export function itemOfPair({ pairId, instruction, a, b }: PairToJudge): BenchmarkItem {
  return { itemId: pairId, instruction, slice: 'all', errorKind: 'none', winner: a, loser: b };
}

/**
 * The verdict of both orders together. Only what both say counts: a contradiction, also a tie in one order alone, is an abstention.
 * @param orders of an item of {@link itemOfPair}
 */
export function jointVerdict(orders: EvaluatedItem['orders']): PreferenceVerdict {
  const scores = orders.map(({ verdict, order }) => verdictScore(verdict, order));
  const [first, second] = scores;
  if (first == null || second == null) return 'unscored';
  if (first !== second) return 'abstained';
  return first === 1 ? 'a' : first === 0 ? 'b' : 'tie';
}

/** What a judge prefers of a pair. */
export function preferenceOf(
  { pairId, systems }: Pick<PairToJudge, 'pairId' | 'systems'>,
  { orders }: Pick<EvaluatedItem, 'orders'>,
  confidence: { of: (verdict: PreferenceVerdict) => Estimate | null },
): Preference {
  const verdict = jointVerdict(orders);
  return {
    pairId,
    ...(systems ? { systems } : {}),
    verdict,
    confidence: confidence.of(verdict),
    orders: orders.map(({ order, text, verdict: said }) => ({
      shownFirst: order === 'winner-first' ? 'a' : 'b',
      text,
      verdict: said,
    })),
  };
}

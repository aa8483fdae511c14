// From the verdicts of both orders to what a judge prefers.
import { contentHash } from '../../core/hash.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Drop } from '../../schema/drop.js';
import type { Estimate } from '../../schema/estimate.js';
import type { EvaluatedItem } from '../../schema/evaluation.js';
import type { PairToJudge, Preference, PreferenceVerdict } from '../../schema/preference.js';
import { verdictScore } from '../../schema/verdict.js';

/**
 * A pair as the evaluation takes it: nothing says that `a` is better, only that it is the first. It goes by its texts, so that votes on it are
 * the same in whatever row it stands.
 */
export function itemOfPair({
  instruction,
  a,
  b,
}: Pick<PairToJudge, 'instruction' | 'a' | 'b'>): BenchmarkItem {
  return {
    itemId: contentHash([instruction, a, b]),
    instruction,
    slice: 'all',
    errorKind: 'none',
    winner: a,
    loser: b,
  };
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
  { orders, grades }: Pick<EvaluatedItem, 'orders' | 'grades'>,
  confidence: { of: (judged: Pick<EvaluatedItem, 'orders'>) => Estimate | null },
): Preference {
  return {
    pairId,
    ...(systems ? { systems } : {}),
    verdict: jointVerdict(orders),
    confidence: confidence.of({ orders }),
    orders: orders.map(({ order, ...said }) => ({
      shownFirst: order === 'winner-first' ? 'a' : 'b',
      ...said,
    })),
    ...(grades ? { grades: { a: grades.winner, b: grades.loser } } : {}),
  };
}

/** A pair that was not answered: it has no verdict. */
export function refusedPreference(
  { pairId, systems }: Pick<PairToJudge, 'pairId' | 'systems'>,
  { reason, detail }: Drop,
): Preference {
  return {
    pairId,
    ...(systems ? { systems } : {}),
    verdict: 'unscored',
    confidence: null,
    orders: [],
    refused: { reason, ...(detail === undefined ? {} : { detail }) },
  };
}

/** Why a pair has no verdict, e.g. `truncated`; null where it has one. Of two reasons the first. */
export function unscoredReasonOf({ verdict, orders, refused }: Preference): string | null {
  if (verdict !== 'unscored') return null;
  const unread = orders.flatMap(({ verdict: said }) => (said.kind === 'unparsed' ? said.reason : []));
  return refused?.reason ?? unread[0] ?? 'no-verdict';
}

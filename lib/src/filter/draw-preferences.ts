// Preference examples of one pair: a right judgment and one that is not, of the same prompt.
//
// DEVIATION: the paper trains on right judgments alone; pairs of a right and a wrong one are what its authors' later release adds.
import { deriveRandom } from '../core/random.js';
import { dropped, kept, type Outcome } from '../schema/drop.js';
import { ORDERS, winnerLabel, type Verdict } from '../schema/verdict.js';
import {
  drawn,
  isRight,
  tooFewRight,
  type Draw,
  type DrawableJudgment,
  type DrawablePair,
} from './draw-judgments.js';
import type { PreferenceSettings } from './filter-schema.js';

/** What examples are made of, and the seed of the random draws. */
export type PreferenceOptions = PreferenceSettings & { seed: number };

/** The kinds of rejected judgments. */
export type RejectedKind = 'wrong' | 'tie' | 'unparsed';

/** The kinds that each setting allows. */
const ALLOWED: Record<PreferenceSettings['rejected'], readonly RejectedKind[]> = {
  wrong: ['wrong'],
  'wrong-or-tie': ['wrong', 'tie'],
  'wrong-or-unparsed': ['wrong', 'unparsed'],
  'not-right': ['wrong', 'tie', 'unparsed'],
};

/**
 * Draws at most `perPair` examples of a pair: one outcome each, the chosen judgment first, or one drop with the counts of the pair's
 * judgments. The two judgments of an example answer the same prompt: the pair in the same order.
 */
export function drawPreferences<Item extends DrawableJudgment>(
  pair: DrawablePair<Item>,
  { rejected, perPair, minCorrectShare, seed }: PreferenceOptions,
): Outcome<Draw<Item>>[] {
  const { pairId, judgments } = pair;
  const right = judgments.filter(isRight);
  const rejectable = judgments.filter((judgment) => !isRight(judgment) && mayBeRejected(judgment, rejected));
  const drop = (reason: string): Outcome<never>[] => [dropped(pairId, reason, tally(judgments))];
  if (right.length === 0) return drop('no-right-judgment');
  if (rejectable.length === 0) return drop('no-wrong-judgment');
  const tooFew = tooFewRight(pair, minCorrectShare);
  if (tooFew) return [{ kind: 'dropped', drop: tooFew }];
  const examples = ORDERS.flatMap((order): Draw<Item>[] => {
    const random = deriveRandom(seed, 'match', pairId, order);
    const inOrder = (items: readonly Item[]): Item[] =>
      random.shuffled(items.filter((judgment) => judgment.order === order));
    const [chosen, others] = [inOrder(right), inOrder(rejectable)];
    return chosen.slice(0, others.length).map((judgment, i) => ({
      pairId,
      verdict: winnerLabel(order),
      judgments: [judgment, ...others.slice(i, i + 1)],
    }));
  });
  if (examples.length === 0) return drop('no-order-with-both');
  return drawn(examples, perPair, deriveRandom(seed, 'keep-preferences', pairId)).map(kept);
}

/** The kind of a verdict that does not name the known winner. */
export function rejectedKindOf({ kind }: Verdict): RejectedKind {
  return kind === 'A' || kind === 'B' ? 'wrong' : kind;
}

/** A model cannot be trained away from an empty text, whatever its verdict. */
function mayBeRejected(
  { verdict, text }: DrawableJudgment,
  rejected: PreferenceSettings['rejected'],
): boolean {
  return text !== '' && ALLOWED[rejected].includes(rejectedKindOf(verdict));
}

function tally(judgments: readonly DrawableJudgment[]): string {
  const counts = { right: 0, wrong: 0, tie: 0, unparsed: 0 };
  for (const judgment of judgments) counts[isRight(judgment) ? 'right' : rejectedKindOf(judgment.verdict)]++;
  return Object.entries(counts)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', ');
}

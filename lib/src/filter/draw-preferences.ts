// Preference examples of one pair: a right judgment and one that is not, of the same prompt.
//
// DEVIATION: the paper trains on right judgments alone; pairs of a right and a wrong one are what its authors' later release adds.
import { deriveRandom } from '../core/random.js';
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { JudgedPair, Judgment } from '../schema/judgment.js';
import { ORDERS, winnerLabel, type Verdict } from '../schema/verdict.js';
import { drawn, isRight, tooFewRight, type Draw } from './draw-judgments.js';
import type { PreferenceSettings } from './filter-schema.js';

/** What examples are made of; see `preferenceSchema`. */
export interface PreferenceOptions {
  rejected: PreferenceSettings['rejected'];
  balanceLabels: boolean;
  /** Most examples made of a pair; absent: 1. */
  perPair?: number | undefined;
  /** Least share of a pair's judgments that are right, 0 to 1; absent: no such bound. */
  minCorrectShare?: number | undefined;
  seed: number;
}

/** What a judgment that is not right is rejected as. */
export type RejectedKind = 'wrong' | 'tie' | 'unparsed';

/** The kinds that each setting allows. */
const ALLOWED: Record<PreferenceSettings['rejected'], readonly RejectedKind[]> = {
  wrong: ['wrong'],
  'wrong-or-tie': ['wrong', 'tie'],
  'wrong-or-unparsed': ['wrong', 'unparsed'],
  'not-right': ['wrong', 'tie', 'unparsed'],
};

/**
 * Draws at most `perPair` examples of a pair: one outcome each, the chosen place first, or one drop with what the judgments were. The
 * two judgments of an example answer the same prompt: the pair in the same order.
 */
export function drawPreferences(
  { pairId, judgments }: JudgedPair,
  options: PreferenceOptions,
): Outcome<Draw>[] {
  const right = judgments.flatMap((judgment, place) => (isRight(judgment) ? [place] : []));
  const rejectable = judgments.flatMap((judgment, place) =>
    !isRight(judgment) && mayBeRejected(judgment, options.rejected) ? [place] : [],
  );
  const drop = (reason: string): Outcome<never>[] => [dropped(pairId, reason, tally(judgments))];
  if (right.length === 0) return drop('no-right-judgment');
  if (rejectable.length === 0) return drop('no-wrong-judgment');
  const tooFew = tooFewRight({ pairId, judgments }, options.minCorrectShare);
  if (tooFew) return [{ kind: 'dropped', drop: tooFew }];
  const examples = ORDERS.flatMap((order): Draw[] => {
    const random = deriveRandom(options.seed, 'match', pairId, order);
    const inOrder = (places: readonly number[]): number[] =>
      random.shuffled(places.filter((place) => judgments[place]?.order === order));
    const [chosen, rejected] = [inOrder(right), inOrder(rejectable)];
    return chosen
      .slice(0, rejected.length)
      .map((place, i) => ({ pairId, verdict: winnerLabel(order), places: [place, rejected[i] ?? place] }));
  });
  if (examples.length === 0) return drop('no-order-with-both');
  const random = deriveRandom(options.seed, 'keep-preferences', pairId);
  return drawn(examples, options.perPair ?? 1, random).map(kept);
}

/** What a verdict that does not name the known winner is. */
export function rejectedKindOf({ kind }: Verdict): RejectedKind {
  return kind === 'A' || kind === 'B' ? 'wrong' : kind;
}

/** An empty text cannot be trained away from, whatever its kind. */
function mayBeRejected({ verdict, text }: Judgment, rejected: PreferenceSettings['rejected']): boolean {
  return text !== '' && ALLOWED[rejected].includes(rejectedKindOf(verdict));
}

function tally(judgments: readonly Judgment[]): string {
  const counts = { right: 0, wrong: 0, tie: 0, unparsed: 0 };
  for (const judgment of judgments) counts[isRight(judgment) ? 'right' : rejectedKindOf(judgment.verdict)]++;
  return Object.entries(counts)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', ');
}

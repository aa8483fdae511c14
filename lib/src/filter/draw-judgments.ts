// Rejection sampling of one pair: which of its judgments are kept (paper, section 3.2).
import { deriveRandom, type Random } from '../core/random.js';
import { dropped, kept, type Drop, type Outcome } from '../schema/drop.js';
import type { Judgment } from '../schema/judgment.js';
import { verdictScore } from '../schema/verdict.js';
import type { FilterSettings } from './filter-schema.js';

/** What is kept, and the seed of the random draws. */
export type FilterOptions = FilterSettings & { seed: number };

/** A judgment that can be drawn. `text` is absent where it has not been read, unless the text is known to be empty. */
export type DrawableJudgment = Pick<Judgment, 'pairId' | 'order' | 'verdict'> & { text?: string };

/** A pair with all its judgments. */
export interface DrawablePair<Item extends DrawableJudgment> {
  pairId: string;
  judgments: readonly Item[];
}

/** Judgments of a pair that are kept together. */
export interface Draw<Item> {
  pairId: string;
  /** What the set is balanced by. */
  verdict: 'A' | 'B';
  /** One for a supervised example; the chosen and the rejected one for a preference example. */
  judgments: readonly Item[];
}

/** Draws at most `perPair` judgments of a pair: one outcome each, in their own order, or one drop. */
export function drawJudgments<Item extends DrawableJudgment>(
  pair: DrawablePair<Item>,
  { correctOnly, perPair, minCorrectShare, seed }: FilterOptions,
): Outcome<Draw<Item>>[] {
  const { pairId, judgments } = pair;
  const withVerdict = judgments.filter(({ verdict: { kind } }) => kind === 'A' || kind === 'B');
  if (withVerdict.length === 0) return [dropped(pairId, 'no-verdict')];
  const candidates = correctOnly ? withVerdict.filter(isRight) : withVerdict;
  if (candidates.length === 0) return [dropped(pairId, 'no-correct-judgment')];
  const tooFew = tooFewRight(pair, minCorrectShare);
  if (tooFew) return [{ kind: 'dropped', drop: tooFew }];
  const random = deriveRandom(seed, 'keep-one', pairId);
  return drawn(candidates, perPair, random).map((judgment) =>
    kept({
      pairId: judgment.pairId,
      verdict: judgment.verdict.kind === 'A' ? 'A' : 'B',
      judgments: [judgment],
    }),
  );
}

/** The drop of a pair with too few right judgments, or null. */
export function tooFewRight(
  { pairId, judgments }: DrawablePair<DrawableJudgment>,
  minCorrectShare = 0,
): Drop | null {
  const nRight = judgments.filter(isRight).length;
  // In binary, 0.07 x 100 is slightly above 7; 7 right of 100 must be enough.
  if (nRight >= minCorrectShare * judgments.length - 1e-9) return null;
  return { subjectId: pairId, reason: 'low-correct-share', detail: `${nRight} of ${judgments.length}` };
}

/**
 * Up to `count` of the candidates in their order, every subset with the same chance. The first draw does not depend on `count`, so that
 * a set with fewer examples per pair is part of one with more.
 */
export function drawn<Candidate>(
  candidates: readonly Candidate[],
  count: number,
  random: Random,
): Candidate[] {
  const left = candidates.map((_, i) => i);
  const places: number[] = [];
  while (places.length < count && left.length > 0) places.push(...left.splice(random.below(left.length), 1));
  return places.sort((a, b) => a - b).flatMap((place) => candidates.slice(place, place + 1));
}

/** Whether a judgment names the known winner. */
export function isRight({ verdict, order }: DrawableJudgment): boolean {
  return verdictScore(verdict, order) === 1;
}

// Rejection sampling of one pair: which of its judgments are kept (paper, section 3.2).
import { deriveRandom, type Random } from '../core/random.js';
import { dropped, kept, type Drop, type Outcome } from '../schema/drop.js';
import type { JudgedPair, Judgment } from '../schema/judgment.js';
import { verdictScore } from '../schema/verdict.js';

/** What is kept; see `filterSchema`. */
export interface FilterOptions {
  /** true: only judgments whose verdict is the known winner; false: any judgment with a verdict, as a control. */
  correctOnly: boolean;
  /** true: as many kept judgments that say A as that say B. */
  balanceLabels: boolean;
  /** Most judgments kept of a pair; absent: 1. */
  perPair?: number | undefined;
  /** Least share of a pair's judgments that are right, 0 to 1; absent: no such bound. */
  minCorrectShare?: number | undefined;
  seed: number;
}

/** Judgments of a pair that are kept together, by their places among its judgments. */
export interface Draw {
  pairId: string;
  /** What the set is balanced by. */
  verdict: 'A' | 'B';
  /** One place for a supervised example; the chosen and the rejected one for a preference example. */
  places: readonly number[];
}

/** Draws at most `perPair` judgments of a pair: one outcome each, in their own order, or one drop. */
export function drawJudgments({ pairId, judgments }: JudgedPair, options: FilterOptions): Outcome<Draw>[] {
  const withVerdict = judgments.flatMap((judgment, place): Draw[] => {
    const { kind } = judgment.verdict;
    return kind === 'A' || kind === 'B' ? [{ pairId: judgment.pairId, verdict: kind, places: [place] }] : [];
  });
  if (withVerdict.length === 0) return [dropped(pairId, 'no-verdict')];
  const candidates = options.correctOnly
    ? withVerdict.filter(({ places: [place = 0] }) => isRight(judgments[place]))
    : withVerdict;
  if (candidates.length === 0) return [dropped(pairId, 'no-correct-judgment')];
  const tooFew = tooFewRight({ pairId, judgments }, options.minCorrectShare);
  if (tooFew) return [{ kind: 'dropped', drop: tooFew }];
  const random = deriveRandom(options.seed, 'keep-one', pairId);
  return drawn(candidates, options.perPair ?? 1, random).map(kept);
}

/** The drop of a pair of whose judgments too few are right, or null. */
export function tooFewRight({ pairId, judgments }: JudgedPair, minCorrectShare = 0): Drop | null {
  const nRight = judgments.filter(isRight).length;
  // A share such as 0.07 of 100 is a hair above 7 in binary; 7 of 100 must do.
  if (nRight >= minCorrectShare * judgments.length - 1e-9) return null;
  return { subjectId: pairId, reason: 'low-correct-share', detail: `${nRight} of ${judgments.length}` };
}

/**
 * Up to `count` of the candidates, all subsets alike, in their order. The first that is drawn does not depend on `count`, so that a
 * set with fewer a pair is part of one with more.
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
export function isRight(judgment: Judgment | undefined): boolean {
  return judgment !== undefined && verdictScore(judgment.verdict, judgment.order) === 1;
}

// Draws what people are asked: a seeded sample with equally many items of each slice, the responses in a random order.
import { BalancedDraw } from '../core/balanced-draw.js';
import { deriveRandom, deriveSeed } from '../core/random.js';
import type { ReviewItem, ReviewStage } from '../schema/review.js';

/** A record of a run that people can be asked about. */
export interface ReviewCandidate {
  /** Of the record; different for every one of a stage. */
  recordId: string;
  stratum: string;
  instruction: string;
  /** Asked about in the order that is drawn here, or, with `reasoning` or a judgment of one order, in the order given. */
  responses?: readonly [first: string, second: string];
  /** The order given is kept, since something that is shown or hidden names A and B. */
  keepsOrder?: boolean;
  reasoning?: string;
  /** Which of the responses as given is better, by the run or the benchmark. */
  better?: 'A' | 'B' | 'tie';
  /** What the judge of the run says of the responses as given. */
  judge?: 'A' | 'B' | 'tie';
}

/** What to draw. */
export interface DrawItemsOptions {
  stage: ReviewStage;
  /** Of several, for held-out pairs. */
  benchmark?: string | undefined;
  iteration: number;
  /** At most; 1 or more. */
  nItems: number;
  seed: number;
}

/**
 * Draws items, in the order in which they are asked: any first part of it is a uniform draw of the whole, so that people can stop anywhere.
 * The same seed draws the same items in the same order.
 */
export async function drawReviewItems(
  candidates: AsyncIterable<ReviewCandidate>,
  { nItems, ...of }: DrawItemsOptions,
): Promise<ReviewItem[]> {
  const { stage, iteration, seed } = of;
  const draw = new BalancedDraw<ReviewCandidate>(nItems);
  for await (const candidate of candidates) {
    const { recordId, stratum } = candidate;
    const rank = deriveSeed('review', stage, iteration, seed, recordId);
    draw.add(stratum, { item: candidate, rank, id: recordId });
  }
  return draw.drawn().map((candidate) => asItem(candidate, of));
}

function asItem(
  candidate: ReviewCandidate,
  { stage, benchmark, iteration, seed }: Omit<DrawItemsOptions, 'nItems'>,
): ReviewItem {
  const { recordId, stratum, instruction, responses, reasoning, better, judge } = candidate;
  const isSwapped =
    candidate.keepsOrder !== true && deriveRandom('review-order', stage, seed, recordId).below(2) === 1;
  const placed = (label: 'A' | 'B' | 'tie'): 'A' | 'B' | 'tie' =>
    isSwapped && label !== 'tie' ? (label === 'A' ? 'B' : 'A') : label;
  return {
    itemId: [stage, benchmark ?? [], iteration, recordId].flat().join('-'),
    iteration,
    stage,
    ...(benchmark === undefined ? {} : { benchmark }),
    stratum,
    instruction,
    ...(responses ? { responses: isSwapped ? [responses[1], responses[0]] : [...responses] } : {}),
    ...(reasoning === undefined ? {} : { reasoning }),
    hidden: {
      ...(better === undefined ? {} : { better: placed(better) }),
      ...(judge === undefined ? {} : { judge: placed(judge) }),
    },
  };
}

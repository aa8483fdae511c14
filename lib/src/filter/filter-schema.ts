// What of the judgments is kept: the sections of an experiment that say so.
import { z } from 'zod';
import { section } from '../core/config-section.js';

const perPair = z.int().min(1).max(256).default(1);
const minCorrectShare = z.number().min(0).max(1).optional();

export const filterSchema = section({
  /** true: only judgments whose verdict is the known winner; false: any judgment with a verdict, as a control. */
  correctOnly: z.boolean().default(true),
  /** true: as many kept judgments that say A as that say B. */
  balanceLabels: z.boolean().default(true),
  /** Most judgments kept of a pair (paper: 1). */
  perPair,
  /**
   * Least share of a pair's judgments, both orders together, that are right, 0 to 1; ties and judgments without a verdict count as not
   * right. Absent: a pair needs no more than one.
   */
  minCorrectShare,
});
/** How supervised examples are drawn from judgments. */
export type FilterSettings = z.output<typeof filterSchema>;

export const preferenceSchema = section({
  /** Most examples made of a pair; no judgment is in two of them. */
  perPair,
  /** As in {@link filterSchema}. */
  minCorrectShare,
  /** true: as many examples whose chosen judgment says A as say B. */
  balanceLabels: z.boolean().default(true),
  /**
   * What may be rejected: judgments for the known loser, and only where asked for also ties and judgments without a verdict. From
   * those two a model can learn the form of a judgment in place of judging.
   */
  rejected: z.enum(['wrong', 'wrong-or-tie', 'wrong-or-unparsed', 'not-right']).default('wrong'),
});
/** How preference examples are drawn from judgments. */
export type PreferenceSettings = z.output<typeof preferenceSchema>;

export const splitSchema = section({
  /** Share of the instructions, above 0 and below 1 … */
  share: z.number().gt(0).lt(1).optional(),
  /** … or number of them. */
  count: z.int().min(1).optional(),
}).refine(({ share, count }) => (share === undefined) !== (count === undefined), {
  message: 'expected share or count, and not both',
});
/** How many instructions go to the validation set. */
export type SplitSettings = z.output<typeof splitSchema>;

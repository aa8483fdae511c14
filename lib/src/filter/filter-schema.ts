// The filter settings of an experiment: which judgments are kept.
import { z } from 'zod';
import { about, int, section } from '../core/config-section.js';

const perPair = int(1, 256).default(1);
const minCorrectShare = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .meta(
    about(
      "Least share of correct ones among a pair's judgments, in both orders. Absent: one is enough.",
      0.5,
    ),
  );

export const filterSchema = section(
  {
    correctOnly: z.boolean().default(true),
    balanceLabels: z.boolean().default(true),
    perPair,
    minCorrectShare,
  },
  {
    correctOnly: 'true: keep only judgments for the known winner; false: any with a verdict, as a control.',
    balanceLabels: 'Keep equally many judgments that say A and that say B.',
    perPair: 'Most judgments kept of a pair (paper: 1).',
  },
);
/** How supervised examples are drawn from judgments. */
export type FilterSettings = z.output<typeof filterSchema>;

export const preferenceSchema = section(
  {
    perPair,
    minCorrectShare,
    balanceLabels: z.boolean().default(true),
    // From ties and judgments without a verdict a model can learn the form of a judgment in place of judging.
    rejected: z.enum(['wrong', 'wrong-or-tie', 'wrong-or-unparsed', 'not-right']).default('wrong'),
  },
  {
    perPair: 'Most examples made of a pair; no judgment is in two of them.',
    balanceLabels: 'Keep equally many examples whose chosen judgment says A and says B.',
    rejected:
      'Judgments that may be rejected: for the known loser, also ties, also unparsed ones, or all of these.',
  },
);
/** How preference examples are drawn from judgments. */
export type PreferenceSettings = z.output<typeof preferenceSchema>;

export const rewardPromptSchema = section(
  { prompts: z.enum(['all', 'undecided']).default('all') },
  {
    prompts:
      'Prompts to train on: all that were judged, or those of whose judgments some were right and some were not.',
  },
);
/** How prompts for reinforcement are chosen by their judgments. */
export type RewardPromptSettings = z.output<typeof rewardPromptSchema>;

export const splitSchema = section(
  { share: z.number().gt(0).lt(1).optional(), count: int(1).optional() },
  { share: ['Share of the instructions.', 0.1], count: ['Number of instructions, in place of share.', 200] },
).refine(({ share, count }) => (share === undefined) !== (count === undefined), {
  message: 'expected share or count, and not both',
});
/** How many instructions go to the validation set. */
export type SplitSettings = z.output<typeof splitSchema>;

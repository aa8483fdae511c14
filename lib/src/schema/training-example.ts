// Training examples: a judge prompt with a kept judgment (supervised), with a right and a wrong one (preference), or with its winner (reward).
import { z } from 'zod';
import { chatMessageSchema } from './chat.js';
import { ORDERS } from './verdict.js';

const judgePrompt = {
  pairId: z.string().min(1),
  /** Sets are split by instruction, so that no instruction is on both sides. */
  instructionId: z.string().min(1),
  /** The judge prompt; loss never falls on it. */
  prompt: z.array(chatMessageSchema).min(1),
};

export const trainingExampleSchema = z.strictObject({
  ...judgePrompt,
  /** The kept judgment; loss falls on these tokens only (paper, section 3.3). */
  completion: z.string().min(1),
  /** The verdict of the kept judgment, by which the set is balanced. */
  verdict: z.enum(['A', 'B']),
});
/** One supervised example. */
export type TrainingExample = z.infer<typeof trainingExampleSchema>;

export const preferenceExampleSchema = z.strictObject({
  ...judgePrompt,
  /** A judgment whose verdict is the known winner. */
  chosen: z.string().min(1),
  /** A judgment of the same prompt whose verdict is the known loser, unless `rejectedAs` is present. */
  rejected: z.string().min(1),
  /** Present only where configured: the rejected judgment is a tie, or has no verdict. */
  rejectedAs: z.enum(['tie', 'unparsed']).optional(),
  /** The verdict of the chosen judgment. */
  verdict: z.enum(['A', 'B']),
});
/** One example for preference optimisation (DPO). */
export type PreferenceExample = z.infer<typeof preferenceExampleSchema>;

export const rewardExampleSchema = z.strictObject({
  ...judgePrompt,
  /** The order in which the prompt shows the responses. */
  order: z.enum(ORDERS),
  /** The verdict that is right in this order, and the one that names the known loser. */
  winner: z.enum(['A', 'B']),
  loser: z.enum(['A', 'B']),
});
/** One prompt for reinforcement, by whose known winner judgments are rewarded. */
export type RewardExample = z.infer<typeof rewardExampleSchema>;

// A training example for supervised fine-tuning: the judge prompt and a kept judgment.
import { z } from 'zod';
import { chatMessageSchema } from './chat.js';

export const trainingExampleSchema = z.strictObject({
  pairId: z.string().min(1),
  /** The judge prompt; loss never falls on it. */
  prompt: z.array(chatMessageSchema).min(1),
  /** The kept judgment; loss falls on these tokens only (paper, section 3.3). */
  completion: z.string().min(1),
  /** The verdict of the kept judgment, by which the set is balanced. */
  verdict: z.enum(['A', 'B']),
});
/** One supervised example. */
export type TrainingExample = z.infer<typeof trainingExampleSchema>;

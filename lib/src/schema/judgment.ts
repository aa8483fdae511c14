// A judgment: one sampled chain of reasoning about a pair, and the verdict parsed from it.
import { z } from 'zod';
import { orderSchema, verdictSchema } from './verdict.js';

export const judgmentSchema = z.strictObject({
  pairId: z.string().min(1),
  order: orderSchema,
  sampleIndex: z.int().min(0),
  text: z.string(),
  verdict: verdictSchema,
});
/**
 * One of the N judgments of a pair.
 * @example const isRight = ({ verdict, order }: Judgment) => verdictScore(verdict, order) === 1;
 */
export type Judgment = z.infer<typeof judgmentSchema>;

export const judgedPairSchema = z.strictObject({
  pairId: z.string().min(1),
  judgments: z.array(judgmentSchema).min(1),
});
/** A pair with all its judgments: the unit that the filter works on. */
export type JudgedPair = z.infer<typeof judgedPairSchema>;

// What a judge says of two responses of which nobody knows the better one.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';
import { gradedResponseSchema, orderedEvaluationSchema } from './evaluation.js';

export const pairToJudgeSchema = z.strictObject({
  /** Unique among the pairs that are judged together. */
  pairId: z.string().min(1),
  instruction: z.string().min(1),
  a: z.string(),
  b: z.string(),
  /** The systems that wrote a and b, where they are known. */
  systems: z.tuple([z.string().min(1), z.string().min(1)]).optional(),
});
/** Two responses to one instruction. */
export type PairToJudge = z.infer<typeof pairToJudgeSchema>;

/** `abstained`: the two orders contradict each other, so that neither counts. `unscored`: at least one order has no verdict. */
export const preferenceVerdictSchema = z.enum(['a', 'b', 'tie', 'abstained', 'unscored']);
/** See {@link preferenceVerdictSchema}. */
export type PreferenceVerdict = z.infer<typeof preferenceVerdictSchema>;

export const preferenceSchema = z.strictObject({
  ...pairToJudgeSchema.omit({ instruction: true, a: true, b: true }).shape,
  verdict: preferenceVerdictSchema,
  /**
   * How often such verdicts of this judge were right on held-out pairs; null for what is no verdict for one of the two, and where too few
   * held-out pairs were like it.
   */
  confidence: estimateSchema.nullable(),
  /** In the order as given, and the other way round; the verdicts name what is shown: A is the first. Empty where the pair was refused. */
  orders: z.array(orderedEvaluationSchema.omit({ order: true }).extend({ shownFirst: z.enum(['a', 'b']) })),
  /** Where the judge grades each response alone: the grades that the verdicts follow from. */
  grades: z.strictObject({ a: gradedResponseSchema, b: gradedResponseSchema }).optional(),
  /** Why the pair has no answers at all: the reason of its drop, and what the server said; absent where it has. */
  refused: z.strictObject({ reason: z.string().min(1), detail: z.string().optional() }).optional(),
});
/** What a judge says of a pair. Its texts are of a model: hostile. */
export type Preference = z.infer<typeof preferenceSchema>;

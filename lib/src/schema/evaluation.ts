// What an evaluation records: per item the verdicts in both orders, and the metrics made of them.
import { z } from 'zod';
import { comparisonSchema, estimateSchema } from './estimate.js';
import { orderSchema, verdictSchema } from './verdict.js';

export const voteCountSchema = z.strictObject({
  A: z.int().min(0),
  B: z.int().min(0),
  tie: z.int().min(0),
  unparsed: z.int().min(0),
});
/** How N sampled judgments of one prompt voted. */
export type VoteCount = z.infer<typeof voteCountSchema>;

export const orderedEvaluationSchema = z.strictObject({
  order: orderSchema,
  /** The greedy judgment (temperature 0). */
  text: z.string(),
  verdict: verdictSchema,
  /** The sampled votes, when a majority vote was asked for. */
  votes: voteCountSchema.optional(),
});
export type OrderedEvaluation = z.infer<typeof orderedEvaluationSchema>;

export const evaluatedItemSchema = z.strictObject({
  itemId: z.string().min(1),
  slice: z.string().min(1),
  errorKind: z.string().min(1),
  orders: z.array(orderedEvaluationSchema).length(2),
});
/** One benchmark item as a judge saw it, in both orders. */
export type EvaluatedItem = z.infer<typeof evaluatedItemSchema>;

export const judgeMetricsSchema = z.strictObject({
  nItems: z.int().min(0),
  /** Share of right greedy verdicts over items x two orders. */
  accuracy: estimateSchema,
  /** The same of the majority vote; absent when none was asked for. */
  voteAccuracy: estimateSchema.optional(),
  /** Share of items judged right in both orders. */
  bothOrdersCorrect: estimateSchema,
  /** Share of items on which both orders name the same response. */
  positionConsistency: estimateSchema,
  /** Share of verdicts that are A; 0.5 is unbiased, since each item is shown in both orders. */
  shareOfA: estimateSchema,
  /** How many greedy judgments had no verdict. */
  nUnparsed: z.int().min(0),
  accuracyBySlice: z.record(z.string(), estimateSchema),
  accuracyByErrorKind: z.record(z.string(), estimateSchema),
});
/** How good a judge is on a benchmark. */
export type JudgeMetrics = z.infer<typeof judgeMetricsSchema>;

export const iterationMetricsSchema = z.strictObject({
  iteration: z.int().min(0),
  model: z.string(),
  metrics: judgeMetricsSchema,
  /** Accuracy against the seed model on the same items; absent for the seed itself. */
  againstSeed: comparisonSchema.optional(),
});
/** The metrics of one iteration's judge. */
export type IterationMetrics = z.infer<typeof iterationMetricsSchema>;

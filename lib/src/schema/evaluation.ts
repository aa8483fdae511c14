// What an evaluation records: per item the verdicts in both orders, and the metrics made of them.
import { z } from 'zod';
import { comparisonSchema, estimateSchema } from './estimate.js';
import { orderSchema, verdictSchema, voteCountSchema } from './verdict.js';
import { respondentSchema } from './recorded-judgment.js';
import { calibrationSchema, figuresSchema, verdictMetricsSchema } from './scoring.js';

export const orderedEvaluationSchema = z.strictObject({
  order: orderSchema,
  /** The greedy judgment (temperature 0). */
  text: z.string(),
  verdict: verdictSchema,
  /** P(A) / (P(A) + P(B)) at its marker, 0 to 1; absent unless asked for and told by the endpoint. */
  probabilityOfA: z.number().min(0).max(1).optional(),
  /** The sampled votes, when a majority vote was asked for. */
  votes: voteCountSchema.optional(),
});
export type OrderedEvaluation = z.infer<typeof orderedEvaluationSchema>;

export const gradedResponseSchema = z.strictObject({
  /** What the judge wrote of this response alone. */
  text: z.string(),
  /** 1 to 10; null where the text has none. */
  grade: z.number().nullable(),
});
/** A response graded by itself. */
export type GradedResponse = z.infer<typeof gradedResponseSchema>;

export const evaluatedItemSchema = z.strictObject({
  itemId: z.string().min(1),
  slice: z.string().min(1),
  errorKind: z.string().min(1),
  /** As in the benchmark item. */
  goldTie: z.literal(true).optional(),
  givenFirst: z.enum(['winner', 'loser']).optional(),
  winner: respondentSchema.optional(),
  loser: respondentSchema.optional(),
  /** Grades of the responses, where each was judged alone; the verdicts of both orders follow from them, and their texts are empty. */
  grades: z.strictObject({ winner: gradedResponseSchema, loser: gradedResponseSchema }).optional(),
  /** Both orders, or one where the benchmark is run that way. */
  orders: z.array(orderedEvaluationSchema).min(1).max(2),
});
/**
 * One benchmark item as a judge saw it.
 * @example const items: EvaluatedItem[] = await (await readIteration(run.folder, 1)).evaluation();
 */
export type EvaluatedItem = z.infer<typeof evaluatedItemSchema>;

export const judgeMetricsSchema = verdictMetricsSchema.extend({
  /** Of the probabilities of greedy verdicts, where the server told them. */
  probabilityCalibration: calibrationSchema.optional(),
  accuracyBySlice: z.record(z.string(), estimateSchema),
  accuracyByErrorKind: z.record(z.string(), estimateSchema),
});
/** How good a judge is on a benchmark. */
export type JudgeMetrics = z.infer<typeof judgeMetricsSchema>;

export const iterationMetricsSchema = z.strictObject({
  iteration: z.int().min(0),
  model: z.string(),
  metrics: judgeMetricsSchema,
  /** The rule by which verdicts, or grades, were read. */
  rule: z.string(),
  /** The figures that the benchmark's own publications give, by their conventions; absent for benchmarks without any. */
  published: figuresSchema.optional(),
  /** The same of the majority vote, where one was taken. */
  publishedVote: figuresSchema.optional(),
  /** Accuracy against the seed model on the same items; absent for the seed itself. */
  againstSeed: comparisonSchema.optional(),
});
/**
 * The metrics of one iteration's judge.
 * @example const accuracyOf = ({ metrics }: IterationMetrics) => percentWithInterval(metrics.accuracy);
 */
export type IterationMetrics = z.infer<typeof iterationMetricsSchema>;

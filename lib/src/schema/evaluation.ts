// Records of an evaluation: verdicts in both orders per item, and the metrics.
import { wordRecord } from '../core/own.js';
import { z } from 'zod';
import { trivialReportSchema } from './comparison-report.js';
import { comparisonSchema, estimateSchema } from './estimate.js';
import { judgeAuditSchema } from './judge-audit.js';
import { orderSchema, verdictSchema, voteCountSchema } from './verdict.js';
import { respondentSchema } from './recorded-judgment.js';
import { calibrationSchema, figuresSchema, verdictMetricsSchema } from './scoring.js';

export const orderedEvaluationSchema = z.strictObject({
  order: orderSchema,
  /** The greedy judgment (temperature 0). */
  text: z.string(),
  verdict: verdictSchema,
  /** P(A) / (P(A) + P(B)) at its marker, 0 to 1; absent unless requested and returned by the endpoint. */
  probabilityOfA: z.number().min(0).max(1).optional(),
  /** The sampled votes, if a majority vote is configured. */
  votes: voteCountSchema.optional(),
});
export type OrderedEvaluation = z.infer<typeof orderedEvaluationSchema>;

export const gradedResponseSchema = z.strictObject({
  /** The judge's text about this response alone. */
  text: z.string(),
  /** 1 to 10; null where the text has none. */
  grade: z.number().nullable(),
});
/** A response that was graded alone. */
export type GradedResponse = z.infer<typeof gradedResponseSchema>;

export const evaluatedItemSchema = z.strictObject({
  itemId: z.string().min(1),
  slice: z.string().min(1),
  errorKind: z.string().min(1),
  /** The cluster of its benchmark item; absent in records of earlier versions. */
  cluster: z.string().min(1).optional(),
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
 * The evaluation of one benchmark item.
 * @example const items: EvaluatedItem[] = await (await readIteration(run.folder, 1)).evaluation();
 */
export type EvaluatedItem = z.infer<typeof evaluatedItemSchema>;

export const judgeMetricsSchema = verdictMetricsSchema.extend({
  /** Of the probabilities of greedy verdicts, where the server returned them. */
  probabilityCalibration: calibrationSchema.optional(),
  accuracyBySlice: wordRecord(estimateSchema),
  accuracyByErrorKind: wordRecord(estimateSchema),
});
/** Metrics of a judge on a benchmark. */
export type JudgeMetrics = z.infer<typeof judgeMetricsSchema>;

const judgeFigures = {
  metrics: judgeMetricsSchema,
  /** The rule by which verdicts, or grades, were read. */
  rule: z.string(),
  /** The figures by the conventions of the benchmark's publications; absent for benchmarks without any. */
  published: figuresSchema.optional(),
  /** The same for the majority vote, if one was taken. */
  publishedVote: figuresSchema.optional(),
  /** Beside the trivial judges; absent from runs of before. */
  trivial: trivialReportSchema.optional(),
  /** Difference in accuracy from the seed model on the same items; absent for the seed itself. */
  againstSeed: comparisonSchema.optional(),
  /** Why the benchmark has no figures here, though others do; the next run measures it again. */
  problem: z.string().optional(),
};

export const iterationMetricsSchema = z.strictObject({
  iteration: z.int().min(0),
  model: z.string(),
  ...judgeFigures,
  /** Of several benchmarks, the headline, whose figures these are; absent where there is one. */
  benchmark: z.string().min(1).optional(),
  /** What probes of the judge found; absent where none were tried. */
  audit: judgeAuditSchema.optional(),
  /** The figures on the other benchmarks, in the order of the experiment. */
  others: z.array(z.strictObject({ benchmark: z.string().min(1), ...judgeFigures })).optional(),
});
/**
 * The metrics of one iteration's judge.
 * @example const accuracyOf = ({ metrics }: IterationMetrics) => percentWithInterval(metrics.accuracy);
 */
export type IterationMetrics = z.infer<typeof iterationMetricsSchema>;

/** The benchmarks of a run's figures, the headline first; empty where there is one, which has no name. */
export function benchmarksIn(iterations: readonly IterationMetrics[]): string[] {
  const named = iterations.flatMap(({ benchmark = [], others = [] }) => [
    ...[benchmark].flat(),
    ...others.map((other) => other.benchmark),
  ]);
  return [...new Set(named)];
}

/** The figures on one of several benchmarks by themselves; iterations that were not measured on it are left out. */
export function onBenchmark(iterations: readonly IterationMetrics[], name: string): IterationMetrics[] {
  return iterations.flatMap((all) => {
    const { iteration, model, others = [] } = all;
    const found = [all, ...others].find(({ benchmark }) => benchmark === name);
    if (!found) return [];
    const figures: IterationMetrics = { ...found, iteration, model };
    delete figures.others;
    return [figures];
  });
}

// A matrix of runs: arms by loop seeds, the result of each run, and the comparison of the arms.
import { wordRecord } from '../core/own.js';
import { z } from 'zod';
import { findingSchema } from './comparison-report.js';
import { comparisonSchema, estimateSchema } from './estimate.js';
import { SCHEMA_VERSION } from './manifest.js';

export const matrixRunIterationSchema = z.strictObject({
  /** 0 is the seed model. */
  iteration: z.int().min(0),
  model: z.string(),
  accuracy: estimateSchema,
  bothOrdersCorrect: estimateSchema,
  /** Absent where no majority vote was taken. */
  voteAccuracy: estimateSchema.optional(),
  nUnparsed: z.int().min(0),
  /** By slice of the benchmark. */
  accuracyBySlice: wordRecord(estimateSchema).default({}),
  /** Difference from the run's own seed model, on the same items; absent for the seed itself. */
  againstSeed: comparisonSchema.optional(),
});
/** One iteration of a run of a matrix. */
export type MatrixRunIteration = z.infer<typeof matrixRunIterationSchema>;

export const matrixRunSchema = z.strictObject({
  seed: z.int().min(0),
  runId: z.string().min(1),
  /** `waiting`: it is not finished, and the same command goes on with it. */
  state: z.enum(['waiting', 'finished', 'failed']),
  /** Why it failed, or what it waits for; null where it did neither. */
  problem: z.string().nullable(),
  /** Present where it ended until somebody has accepted what a gate found, or people have answered. */
  waitsAt: z.enum(['gate', 'review']).optional(),
  /** Empty unless the run is finished. */
  iterations: z.array(matrixRunIterationSchema),
});
/** An arm with one loop seed: a run in `results/<experiment>/<runId>`. */
export type MatrixRun = z.infer<typeof matrixRunSchema>;

export const seedEstimateSchema = estimateSchema.extend({
  /** Over loop seeds, n - 1; null for fewer than two. */
  standardDeviation: z.number().min(0).nullable(),
});
/** A mean over loop seeds: `n` counts the seeds with a figure, `unscored` those without; the interval is Student's. */
export type SeedEstimate = z.infer<typeof seedEstimateSchema>;

export const armIterationSchema = z.strictObject({
  iteration: z.int().min(0),
  accuracy: seedEstimateSchema,
  bothOrdersCorrect: seedEstimateSchema,
  /** Null where no majority vote was taken. */
  voteAccuracy: seedEstimateSchema.nullable(),
  /** By slice of the benchmark. */
  accuracyBySlice: wordRecord(seedEstimateSchema).default({}),
  /** In accuracy, against the run's own seed model; null for the seed model. */
  change: seedEstimateSchema.nullable(),
});
/** One iteration of an arm, over the finished seeds. */
export type ArmIteration = z.infer<typeof armIterationSchema>;

export const armComparisonSchema = comparisonSchema.omit({ unscored: true, minimumDetectable: true }).extend({
  /** `pValue` corrected for all arms that are compared. */
  pHolm: z.number().nullable(),
  finding: findingSchema,
  /** Of each seed, paired over the items of the benchmark. */
  bySeed: z.array(comparisonSchema.extend({ seed: z.int().min(0) })),
});
/**
 * An arm against the baseline: the mean over loop seeds of the paired difference in accuracy after the last iteration, arm minus baseline.
 * `n` counts the loop seeds of which both runs are finished; values are null where there are none.
 */
export type ArmComparison = z.infer<typeof armComparisonSchema>;

const armFigures = {
  runs: z.array(matrixRunSchema),
  byIteration: z.array(armIterationSchema),
  /** Null for the baseline. */
  againstBaseline: armComparisonSchema.nullable(),
};

export const matrixArmReportSchema = z.strictObject({
  label: z.string().min(1),
  /** Its label on each axis; null for an arm without axes. */
  combination: z.record(z.string(), z.string()).nullable(),
  /** Settings by dotted path; null removes a key. */
  settings: z.record(z.string(), z.unknown()),
  ...armFigures,
  /** The figures on benchmarks besides the headline. */
  others: z.array(z.strictObject({ benchmark: z.string().min(1), ...armFigures })).optional(),
});
/** One arm of a matrix. */
export type MatrixArmReport = z.infer<typeof matrixArmReportSchema>;

export const matrixReportSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  experiment: z.string().min(1),
  description: z.string(),
  /** Name of its folder, next to those of the runs. */
  matrixId: z.string().min(1),
  /** The command that makes it. */
  command: z.string(),
  seeds: z.array(z.int().min(0)).min(1),
  axes: z.array(z.strictObject({ name: z.string(), labels: z.array(z.string()) })),
  baseline: z.string().min(1),
  /** Of several benchmarks, the one that the figures are of. */
  benchmark: z.string().min(1).optional(),
  /** In the order of the experiment file. */
  arms: z.array(matrixArmReportSchema).min(1),
});
/** The current results of a matrix; `matrix.json`. */
export type MatrixReport = z.infer<typeof matrixReportSchema>;

/** A matrix with its figures on another benchmark in the place of those on the headline; null where no run was measured on it. */
export function matrixOn(report: MatrixReport, benchmark: string): MatrixReport | null {
  if (report.benchmark === benchmark) return report;
  const onIt = report.arms.map(({ others = [] }) => others.find((other) => other.benchmark === benchmark));
  if (onIt.every((figures) => figures === undefined)) return null;
  const arms = report.arms.map((arm, i): MatrixArmReport => {
    const { runs = [], byIteration = [], againstBaseline = null } = onIt[i] ?? {};
    return { ...arm, runs, byIteration, againstBaseline, others: undefined };
  });
  return { ...report, benchmark, arms };
}

// Plans of the runs of a matrix, before any request is sent.
import { z } from 'zod';
import { plannedAmountsSchema } from './plan.js';

export const listedRunSchema = z.strictObject({
  /** Label of the arm. */
  arm: z.string().min(1),
  seed: z.int().min(0),
  runId: z.string().min(1),
  /** Folder of the run. */
  folder: z.string().min(1),
  state: z.enum(['finished', 'begun', 'new']),
  /** How many of its stages are done; stages without cost are not counted. */
  nStages: z.int().min(0),
  nStagesDone: z.int().min(0),
  /** Remaining requests, without those that an earlier run in the listing also sends: an upper bound. */
  total: plannedAmountsSchema,
});
/** A run of a matrix. */
export type ListedRun = z.infer<typeof listedRunSchema>;

export const matrixListingSchema = z.strictObject({
  experiment: z.string().min(1),
  matrixId: z.string().min(1),
  /** Folder of its report. */
  folder: z.string().min(1),
  baseline: z.string().min(1),
  seeds: z.array(z.int().min(0)).min(1),
  arms: z.array(z.strictObject({ label: z.string(), settings: z.record(z.string(), z.unknown()) })).min(1),
  /** In the order in which they run. */
  runs: z.array(listedRunSchema).min(1),
  total: plannedAmountsSchema,
});
/** The runs of a matrix and what they would cost. */
export type MatrixListing = z.infer<typeof matrixListingSchema>;

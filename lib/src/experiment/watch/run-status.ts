// What a run writes about itself, for other processes to read.
import { z } from 'zod';
import { processIdentitySchema } from '../../core/process-identity.js';
import { iterationMetricsSchema } from '../../schema/evaluation.js';
import { stageRecordSchema } from '../../schema/manifest.js';
import { stageSpendingSchema } from '../../schema/spending.js';
import { usageSchema } from '../../schema/usage.js';
import { STAGES } from './events.js';
import { lastErrorSchema, serverStateSchema } from './server-states.js';

const spentSchema = z.object(stageSpendingSchema.omit({ iteration: true, stage: true }).shape);
/** What a run paid for, all of its attempts together. */
export type Spent = z.infer<typeof spentSchema>;

const stageProgressSchema = z.strictObject({
  iteration: z.int(),
  stage: z.enum(STAGES),
  benchmark: z.string().optional(),
  done: z.int(),
  total: z.int().nullable(),
  elapsedMs: z.number(),
  usage: usageSchema,
  detail: z.string().optional(),
  /** Inputs per second over the last ten seconds, 0 while nothing finishes; null at the start. */
  recentPerSecond: z.number().min(0).nullable().optional(),
  /** Inputs per second since this attempt began the stage; null at the start. */
  overallPerSecond: z.number().min(0).nullable().optional(),
  /** Milliseconds to the end of the stage at the present rate; null if unknown. */
  leftMs: z.number().min(0).nullable().optional(),
});

/** Keys with a default are newer than the first runs, whose status can still be read. */
export const runStatusSchema = z.strictObject({
  experiment: z.string(),
  runId: z.string(),
  process: processIdentitySchema.strict(),
  nIterations: z.int(),
  updatedAt: z.iso.datetime(),
  /** The stage at work, or the last one. */
  progress: stageProgressSchema.nullable(),
  /** Of the whole run, as far as stages were measured; null before that. */
  runLeft: z
    .strictObject({ ms: z.number().min(0), unmeasured: z.array(z.enum(STAGES)) })
    .nullable()
    .default(null),
  /** The stages of the present iteration that are finished. */
  stages: z.array(stageRecordSchema).default([]),
  iterations: z.array(iterationMetricsSchema),
  /** What this attempt used. */
  usage: usageSchema.nullable().default(null),
  /** What all attempts paid for; null if no ledger was kept. */
  spent: spentSchema.nullable().default(null),
  servers: z.array(serverStateSchema).default([]),
  lastError: lastErrorSchema.nullable().default(null),
  /** The cap that ended this attempt, e.g. `budget.costUsd`; null where none did. */
  stoppedBy: z.string().nullable().default(null),
  /** What has to be accepted or answered before the run goes on, in words; null where it waits for nothing. */
  waitsFor: z.string().nullable().default(null),
  /** The experiment file, as an absolute path; null where it is not known. */
  configFile: z.string().nullable().default(null),
});
/** What a run last wrote about itself. */
export type RunStatus = z.infer<typeof runStatusSchema>;

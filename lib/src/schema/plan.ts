// The plan of a run: its requests and cost, before any request is sent.
import { z } from 'zod';

/** The stages that cost something, in order. */
export const PLANNED_STAGES = [
  'classify',
  'generate',
  'judge',
  'finetune',
  /** Comparing checkpoints, a part of the fine-tuning stage of a run. */
  'choose-checkpoint',
  'evaluate',
  'audit',
] as const;

const amounts = {
  /** Requests that would be sent. */
  requests: z.int().min(0),
  /** Requests that the completion store answers, free of charge. */
  cachedRequests: z.int().min(0),
  /** Completions that would be sampled. */
  completions: z.int().min(0),
  promptTokens: z.int().min(0),
  completionTokens: z.int().min(0),
  /** US dollars; null where a model has no price. */
  costUsd: z.number().min(0).nullable(),
  /** Milliseconds at the assumed pace; null where no pace is known. */
  wallMs: z.number().min(0).nullable(),
};

export const plannedStageSchema = z.strictObject({
  /** 0 comes before all iterations: the pool is classified and the seed model evaluated. */
  iteration: z.int().min(0),
  stage: z.enum(PLANNED_STAGES),
  /** Which of several benchmarks an evaluation is of. */
  benchmark: z.string().optional(),
  /** `done`: finished by an earlier attempt of the run, so it costs nothing. */
  state: z.enum(['done', 'planned']),
  /**
   * Inputs: rows of a pool, instructions, pairs, examples, held-out pairs once for each checkpoint, benchmark items, or the pairs of an
   * audit as they are and as probes change them; an upper bound for examples and checkpoints.
   */
  nInput: z.int().min(0),
  ...amounts,
});
/** One stage of a plan. */
export type PlannedStage = z.infer<typeof plannedStageSchema>;

export const plannedAmountsSchema = z.strictObject(amounts);
/** The requests and cost of a stage or a whole plan. */
export type PlannedAmounts = z.infer<typeof plannedAmountsSchema>;

export const plannedCapSchema = z.strictObject({
  cap: z.enum(['costUsd', 'tokens', 'calls']),
  limit: z.number().gt(0),
  /** By earlier attempts of the run. */
  spentBefore: z.number().min(0),
  /** Still to come; null where a price is missing. */
  planned: z.number().min(0).nullable(),
  /** The stage in which the cap would stop the run; null for none. */
  reachedIn: z
    .strictObject({
      iteration: z.int().min(0),
      stage: z.enum(PLANNED_STAGES),
      benchmark: z.string().optional(),
    })
    .nullable(),
});
/** The effect of a cap of the budget. */
export type PlannedCap = z.infer<typeof plannedCapSchema>;

export const assumptionSchema = z.strictObject({
  what: z.string().min(1),
  value: z.string().min(1),
  /** Its source: a key of the config, the completion store, or an earlier measurement. */
  source: z.string().min(1),
});
/** An assumption of a plan. */
export type Assumption = z.infer<typeof assumptionSchema>;

export const planSchema = z.strictObject({
  experiment: z.string().min(1),
  runId: z.string().min(1),
  /** Folder of the run. */
  folder: z.string().min(1),
  stages: z.array(plannedStageSchema),
  total: plannedAmountsSchema,
  /** Only the caps that the config sets. */
  caps: z.array(plannedCapSchema),
  /** How often a training example is seen. */
  epochs: z.int().min(1),
  assumptions: z.array(assumptionSchema),
});
/** A plan. */
export type Plan = z.infer<typeof planSchema>;

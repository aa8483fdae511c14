// Manifests: written last, so that one that exists says that everything before it is whole.
import { z } from 'zod';
import { fineTunedModelSchema } from './fine-tuned-model.js';
import { stageSpendingSchema } from './spending.js';
import { usageSchema } from './usage.js';

/** Raised whenever a record changes its meaning. */
export const SCHEMA_VERSION = 1;

export const stageRecordSchema = z.strictObject({
  stage: z.string().min(1),
  nInput: z.int().min(0),
  nKept: z.int().min(0),
  /** Drops by reason; nInput = nKept + their sum. */
  drops: z.record(z.string(), z.int().min(0)),
  /** Milliseconds of wall time of the attempt that finished; earlier attempts that were interrupted are not in it. */
  wallMs: z.number().min(0),
  usage: usageSchema,
});
/** What one stage took in, kept and dropped. */
export type StageRecord = z.infer<typeof stageRecordSchema>;

export const iterationManifestSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  iteration: z.int().min(0),
  /** The judge that this iteration started with. */
  judgeModel: z.string().min(1),
  /** The judge that it ended with. */
  resultModel: z.string().min(1),
  stages: z.array(stageRecordSchema),
  fineTunedModel: fineTunedModelSchema.optional(),
});
/** One iteration, complete. */
export type IterationManifest = z.infer<typeof iterationManifestSchema>;

export const runInputsSchema = z.strictObject({
  /** Which server and, for the embedded one, which seed checkpoint. */
  server: z.string().min(1),
  /** The same of models that other servers answer for, by model; absent where there are none. */
  otherServers: z.record(z.string(), z.string().min(1)).optional(),
  /** Version of the prompt pack. */
  promptVersion: z.string().min(1),
  /** SHA-256 of the instruction and benchmark files; null for those of the embedded world. */
  instructionsHash: z.string().nullable(),
  benchmarkHash: z.string().nullable(),
  /** Of the pairs on which checkpoints are compared; absent where none are. */
  validationHash: z.string().nullable().optional(),
});
/** What a run's results depend on besides its settings. */
export type RunInputs = z.infer<typeof runInputsSchema>;

export const runManifestSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  experiment: z.string().min(1),
  runId: z.string().min(1),
  configHash: z.string(),
  inputs: runInputsSchema,
  /** The benchmark, and rows of its files that are no items, by reason. */
  benchmark: z.strictObject({
    nItems: z.int().min(0),
    dropped: z.record(z.string(), z.int().min(1)),
  }),
  seed: z.int(),
  git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
  versions: z.record(z.string(), z.string()),
  models: z.array(z.string()),
  /** Of the attempts that finished their stages; what an interrupted attempt paid for came back from the completion store. */
  usage: usageSchema,
  /** What was paid for, in all attempts, interrupted ones included. */
  spentByStage: z.array(stageSpendingSchema).default([]),
  /** The command that makes the run, and the experiment file as it was named; absent in runs of the first versions. */
  command: z.string().optional(),
  configFile: z.string().optional(),
  finishedAt: z.iso.datetime(),
});
/** A whole run, complete. */
export type RunManifest = z.infer<typeof runManifestSchema>;

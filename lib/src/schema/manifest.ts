// Manifests: written last, so that a manifest means that all other files are complete.
import { wordRecord } from '../core/own.js';
import { z } from 'zod';
import { fineTunedModelSchema } from './fine-tuned-model.js';
import { readLabelSchema } from './scoring.js';
import { stageSpendingSchema } from './spending.js';
import { usageSchema } from './usage.js';

/** In files: the SHA-256 of the rest, which readers of a run verify and take off; absent in runs of earlier versions. */
export const sealField = { sha256: z.string().optional() };

/** Raised whenever a record changes its meaning. */
export const SCHEMA_VERSION = 1;

export const stageRecordSchema = z.strictObject({
  stage: z.string().min(1),
  /** Which of several benchmarks an evaluation is of; absent where there is one. */
  benchmark: z.string().min(1).optional(),
  nInput: z.int().min(0),
  nKept: z.int().min(0),
  /** Drops by reason; nInput = nKept + their sum. */
  drops: wordRecord(z.int().min(0)),
  /** Drops for which a server is to blame, by reason; absent where there are none. */
  lostToServers: z.record(z.string(), z.int().min(1)).optional(),
  /** How many of its models' texts had thinking, which is not read; absent where none had. */
  thinkingRemoved: z.strictObject({ n: z.int().min(1), of: z.int().min(1) }).optional(),
  /** The window of the model, in tokens, where inputs were dropped for their length and it is known. */
  contextTokens: z.int().min(1).optional(),
  /** Milliseconds of wall time of the attempt that finished; interrupted attempts are not included. */
  wallMs: z.number().min(0),
  usage: usageSchema,
  /** SHA-256 of the files that it wrote, by name; absent in runs of earlier versions. */
  files: z.record(z.string(), z.string()).optional(),
  /** Content hash of what it was asked, where settings that are no part of what names a run decide that; absent for all others. */
  askedHash: z.string().min(1).optional(),
  ...sealField,
});
/** The inputs of one stage, and how many it kept and dropped. */
export type StageRecord = z.infer<typeof stageRecordSchema>;

/** The name of a stage in tables and ledgers: `evaluate`, or `evaluate mt-bench` of several benchmarks. */
export function stageName({ stage, benchmark }: { stage: string; benchmark?: string | undefined }): string {
  return benchmark === undefined ? stage : `${stage} ${benchmark}`;
}

export const iterationManifestSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  iteration: z.int().min(0),
  /** The judge that this iteration started with. */
  judgeModel: z.string().min(1),
  /** The judge that it ended with. */
  resultModel: z.string().min(1),
  stages: z.array(stageRecordSchema),
  /** Of several benchmarks, the one whose figures stand first. */
  headline: z.string().min(1).optional(),
  fineTunedModel: fineTunedModelSchema.optional(),
  ...sealField,
});
/** One iteration, complete. */
export type IterationManifest = z.infer<typeof iterationManifestSchema>;

export const runInputsSchema = z.strictObject({
  /** The server and, for the embedded one, the seed checkpoint. */
  server: z.string().min(1),
  /** The same for models on other servers, by model; absent where there are none. */
  otherServers: z.record(z.string(), z.string().min(1)).optional(),
  /** Version of the prompt pack. */
  promptVersion: z.string().min(1),
  /** SHA-256 of the instruction and benchmark files; null for those of the embedded world. */
  instructionsHash: z.string().nullable(),
  benchmarkHash: z.string().nullable(),
  /** Version of the first benchmark's own prompts; absent where it has none. */
  evaluationPromptVersion: z.string().min(1).optional(),
  /** Of the pairs on which checkpoints are compared; absent where none are. */
  validationHash: z.string().nullable().optional(),
});
/** What a run's results depend on, apart from its settings. */
export type RunInputs = z.infer<typeof runInputsSchema>;

export const evaluationRecordSchema = z.strictObject({
  name: z.string().min(1),
  /** Whether its figures stand first. */
  isHeadline: z.boolean(),
  /** Its file in the folder of every iteration. */
  file: z.string().min(1),
  /** SHA-256 of its files; null for the embedded world. */
  benchmarkHash: z.string().nullable(),
});
/** One of several benchmarks that a run was measured on. */
export type EvaluationRecord = z.infer<typeof evaluationRecordSchema>;

export const auditRecordSchema = z.strictObject({
  /** Held-out pairs that were drawn. */
  nPairs: z.int().min(1),
  /** Names of the probes. */
  probes: z.array(z.string().min(1)),
  /** That of its stage in every iteration. */
  askedHash: z.string().min(1),
});
/** What the judges of a run were audited with. */
export type AuditRecord = z.infer<typeof auditRecordSchema>;

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
    /** What each value of its label column was read as; absent where no mapping reads them. */
    labels: z.array(readLabelSchema).optional(),
  }),
  /** Where there are several benchmarks; `benchmark` is the headline's. */
  evaluations: z.array(evaluationRecordSchema).optional(),
  /** Absent where no probes were tried. */
  audit: auditRecordSchema.optional(),
  seed: z.int(),
  git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
  versions: z.record(z.string(), z.string()),
  models: z.array(z.string()),
  /** Of the attempts that finished their stages; completions of interrupted attempts came from the completion store. */
  usage: usageSchema,
  /** Spending of all attempts, interrupted ones included. */
  spentByStage: z.array(stageSpendingSchema).default([]),
  /** The command that makes the run, and the experiment file as it was named; absent in runs of the first versions. */
  command: z.string().optional(),
  configFile: z.string().optional(),
  /** SHA-256 of the results, by the name of their file; absent in runs of earlier versions. */
  files: z.record(z.string(), z.string()).optional(),
  finishedAt: z.iso.datetime(),
  ...sealField,
});
/** A whole run, complete. */
export type RunManifest = z.infer<typeof runManifestSchema>;

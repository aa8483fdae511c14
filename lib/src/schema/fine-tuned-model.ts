// Trained models: the job's result, its checkpoints, the chosen checkpoint, and the lineage of each model.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';

/** How a model is trained: on kept judgments, or on pairs of a right and a wrong one (DPO). */
export const trainingMethodNameSchema = z.enum(['supervised', 'dpo', 'reinforcement']);
export type TrainingMethodName = z.infer<typeof trainingMethodNameSchema>;

export const modelCheckpointSchema = z.strictObject({
  /** Its name in requests. */
  model: z.string().min(1),
  /** Where it is served, if the trainer reports it; absent: where the base model is. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Optimizer steps done by then; absent where the trainer does not report it. */
  step: z.int().min(0).optional(),
  /** Passes over the training file done by then. */
  epoch: z.number().min(0).optional(),
  /** The trainer's metrics there, under its own names, e.g. `train_loss`. */
  metrics: z.record(z.string(), z.number()).default({}),
});
/** A checkpoint of a model's training; the last one is the final model. */
export type ModelCheckpoint = z.infer<typeof modelCheckpointSchema>;

export const fineTunedModelSchema = z.strictObject({
  /** Its name at the endpoint. */
  model: z.string().min(1),
  /** The model it was trained from. */
  parent: z.string().min(1),
  jobId: z.string().min(1),
  /** SHA-256 of the training file. */
  trainingFileHash: z.string(),
  nExamples: z.int().min(1),
  /** Absent: supervised. */
  method: trainingMethodNameSchema.optional(),
  /** Where it is served, if the trainer reports it; absent: where the judge was. */
  endpoint: z.url().optional(),
  /** In the order in which they were saved; absent where the trainer saves none. */
  checkpoints: z.array(modelCheckpointSchema).optional(),
  /** What it was trained with, defaults included; absent where the trainer does not say. */
  hyperparameters: z.record(z.string(), z.number()).optional(),
});
/** A model that a fine-tuning job made. */
export type FineTunedModel = z.infer<typeof fineTunedModelSchema>;

export const checkpointScoreSchema = z.strictObject({
  checkpoint: modelCheckpointSchema,
  /** Pairwise accuracy on the validation set. */
  accuracy: estimateSchema,
});
/** The score of a checkpoint. */
export type CheckpointScore = z.infer<typeof checkpointScoreSchema>;

export const checkpointChoiceSchema = z.strictObject({
  /** The set on which they were compared; never the reported benchmark. */
  validationSet: z.string().min(1),
  /** In the order in which they were saved; checkpoints after an early stop have no score. */
  scores: z.array(checkpointScoreSchema).min(1),
  chosen: checkpointScoreSchema,
  /** Whether training was stopped early because the accuracy no longer rose. */
  stoppedEarly: z.boolean(),
});
/** The chosen checkpoint and the scores of all. */
export type CheckpointChoice = z.infer<typeof checkpointChoiceSchema>;

export const trainedModelSchema = z.strictObject({
  fineTuned: fineTunedModelSchema,
  /** Why this checkpoint; null if the last one was taken without a comparison. */
  choice: checkpointChoiceSchema.nullable(),
  /** The seed of the training. */
  seed: z.int(),
});
/** The result of one training. */
export type TrainedModel = z.infer<typeof trainedModelSchema>;

export const checkpointChoicesSchema = z.strictObject({
  supervised: checkpointChoiceSchema.optional(),
  dpo: checkpointChoiceSchema.optional(),
  reinforcement: checkpointChoiceSchema.optional(),
});
/** The choices of an iteration, by the training they belong to; absent where the last checkpoint was taken without a comparison. */
export type CheckpointChoices = z.infer<typeof checkpointChoicesSchema>;

export const modelRecordSchema = z.strictObject({
  model: z.string().min(1),
  /** The model that it was trained from. */
  parent: z.string().min(1),
  /** The model at the start of its line of trainings. */
  seedModel: z.string().min(1),
  /** The seed of the training. */
  seed: z.int(),
  method: trainingMethodNameSchema,
  /** SHA-256 of the training file. */
  trainingFileHash: z.string().min(1),
  nExamples: z.int().min(1),
  jobId: z.string().min(1),
  endpoint: z.url().optional(),
  /** The run and the iteration that made it. */
  runId: z.string().min(1).optional(),
  iteration: z.int().min(0).optional(),
  /** The checkpoint that was chosen and its accuracy; absent where the last one was taken without a comparison. */
  choice: z
    .strictObject({
      validationSet: z.string().min(1),
      chosen: checkpointScoreSchema,
      nScored: z.int().min(1),
    })
    .optional(),
});
/** A trained model and its lineage; an entry of `models.json`. */
export type ModelRecord = z.infer<typeof modelRecordSchema>;

export const modelRegistrySchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Parents before children. */
  models: z.array(modelRecordSchema),
  /** The SHA-256 of the rest, as manifests have it. */
  sha256: z.string().optional(),
});
/** The content of `models.json`. */
export type ModelRegistry = z.infer<typeof modelRegistrySchema>;

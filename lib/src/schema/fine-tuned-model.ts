// Models that training made: the job's result, its checkpoints, which of them was chosen and why, and where each model comes from.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';

/** How a model is trained: on kept judgments, or on pairs of a right and a wrong one (DPO). */
export const trainingMethodNameSchema = z.enum(['supervised', 'dpo']);
export type TrainingMethodName = z.infer<typeof trainingMethodNameSchema>;

export const modelCheckpointSchema = z.strictObject({
  /** The name under which it can be asked. */
  model: z.string().min(1),
  /** Where it is served, if the trainer says so; absent: where the base model is. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Optimizer steps done by then; absent where the trainer does not tell. */
  step: z.int().min(0).optional(),
  /** Passes over the training file done by then. */
  epoch: z.number().min(0).optional(),
  /** What the trainer measured there, by its own names, e.g. `train_loss`. */
  metrics: z.record(z.string(), z.number()).default({}),
});
/** A model as it was at one moment of its training, the last one included. */
export type ModelCheckpoint = z.infer<typeof modelCheckpointSchema>;

export const fineTunedModelSchema = z.strictObject({
  /** The name under which the endpoint serves it. */
  model: z.string().min(1),
  /** The model it was trained from. */
  parent: z.string().min(1),
  jobId: z.string().min(1),
  /** SHA-256 of the training file. */
  trainingFileHash: z.string(),
  nExamples: z.int().min(1),
  /** Absent: supervised. */
  method: trainingMethodNameSchema.optional(),
  /** Where it is served, if the trainer says so; absent: where the judge was. */
  endpoint: z.url().optional(),
  /** In the order in which they were saved; absent where the trainer saves none. */
  checkpoints: z.array(modelCheckpointSchema).optional(),
});
/** A model that a fine-tuning job made. */
export type FineTunedModel = z.infer<typeof fineTunedModelSchema>;

export const checkpointScoreSchema = z.strictObject({
  checkpoint: modelCheckpointSchema,
  /** Pairwise accuracy on the validation set. */
  accuracy: estimateSchema,
});
/** How good a checkpoint is. */
export type CheckpointScore = z.infer<typeof checkpointScoreSchema>;

export const checkpointChoiceSchema = z.strictObject({
  /** What they were compared on; never the benchmark that is reported. */
  validationSet: z.string().min(1),
  /** In the order in which they were saved; those that training was stopped before have no score. */
  scores: z.array(checkpointScoreSchema).min(1),
  chosen: checkpointScoreSchema,
  /** Whether training was ended because the accuracy rose no more. */
  stoppedEarly: z.boolean(),
});
/** Which checkpoint was taken, and what the others would have been. */
export type CheckpointChoice = z.infer<typeof checkpointChoiceSchema>;

export const checkpointChoicesSchema = z.strictObject({
  supervised: checkpointChoiceSchema.optional(),
  dpo: checkpointChoiceSchema.optional(),
});
/** The choices of an iteration, by the training they belong to; absent where the last checkpoint was taken without looking. */
export type CheckpointChoices = z.infer<typeof checkpointChoicesSchema>;

export const modelRecordSchema = z.strictObject({
  model: z.string().min(1),
  /** The model that it was trained from. */
  parent: z.string().min(1),
  /** The model that its line of trainings began with. */
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
  /** The checkpoint that was chosen and its accuracy; absent where the last one was taken without looking. */
  choice: z
    .strictObject({
      validationSet: z.string().min(1),
      chosen: checkpointScoreSchema,
      nScored: z.int().min(1),
    })
    .optional(),
});
/** A trained model and where it comes from; a line of `models.json`. */
export type ModelRecord = z.infer<typeof modelRecordSchema>;

export const modelRegistrySchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Parents before children. */
  models: z.array(modelRecordSchema),
});
/** The content of `models.json`. */
export type ModelRegistry = z.infer<typeof modelRegistrySchema>;

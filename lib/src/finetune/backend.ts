// What the loop needs of a trainer, whoever runs it.
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';

/** Knobs that every trainer has; absent means the trainer's own choice. */
export interface Hyperparameters {
  nEpochs?: number | undefined;
  batchSize?: number | undefined;
  /** Against the trainer's own learning rate, where it has one. */
  learningRateMultiplier?: number | undefined;
  /** The peak itself, for trainers that take it. */
  learningRate?: number | undefined;
}

/**
 * On kept judgments, or on pairs of a right and a wrong judgment of one prompt (DPO, arXiv 2305.18290). The paper's DPO stage:
 * beta 0.1, NLL scale 1.5.
 */
export type TrainingMethod =
  | { type: 'supervised' }
  | {
      type: 'dpo';
      /** How strongly the model is held to where it starts from, above 0. */
      beta?: number | undefined;
      /** Weight of the chosen judgment's negative log-likelihood beside the preference loss, from 0. */
      nllScale?: number | undefined;
    };

/** A fine-tuning job to be done. */
export interface FineTuneRequest {
  baseModel: string;
  method: TrainingMethod;
  /** JSON Lines in the OpenAI format: `{messages}`, or `{input, preferred_output, non_preferred_output}` for DPO. */
  trainingFilePath: string;
  /** The same of examples that are never trained on; absent: no validation loss. */
  validationFilePath?: string | undefined;
  hyperparameters: Hyperparameters;
  /** Becomes part of the new model's name. */
  suffix: string;
  seed: number;
  /** Names the job: submitting the same key again finds the first job and makes no second. Letters, digits, `_` and `-`. */
  jobKey: string;
}

/** Where a job stands. */
export type JobStatus =
  | { state: 'waiting' | 'running'; detail: string }
  | {
      state: 'succeeded';
      model: string;
      /** Where the model is served, if the trainer says so; absent: where the base model is. */
      endpoint?: string | undefined;
    }
  | { state: 'failed' | 'cancelled'; detail: string };

/** Something that a trainer said about a job. */
export interface JobEvent {
  level: 'info' | 'warning' | 'error';
  /** Printable and without secrets. */
  message: string;
}

/** A trainer. */
export interface FineTuneBackend {
  /**
   * Submits a job, or finds the one of this key; returns its id. A job that failed, was cancelled, or whose model is gone is not found.
   * @throws ConfigError for a request that this trainer cannot fulfil, ModelError, DataError
   */
  submit(request: FineTuneRequest, signal: AbortSignal): Promise<string>;
  /** @throws ModelError, DataError */
  poll(jobId: string, signal: AbortSignal): Promise<JobStatus>;
  /** Ends a job; one that has ended stays as it is. @throws ModelError, DataError */
  cancel(jobId: string, signal: AbortSignal): Promise<void>;
  /**
   * What is new since a cursor, oldest first; of a long silence the last thousand or so.
   * @param cursor from the call before; null: from the beginning
   * @throws ModelError, DataError
   */
  events(
    jobId: string,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<{ events: JobEvent[]; cursor: string | null }>;
  /**
   * The checkpoints so far, in the order in which they were saved, the final model last; none where the trainer tells of none.
   * @throws ModelError, DataError
   */
  checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]>;
}

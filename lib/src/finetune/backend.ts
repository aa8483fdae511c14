// The interface of a trainer. New trainers are registered in trainers.ts.
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';

/** Settings that every trainer has; absent: the trainer's own choice. */
export interface Hyperparameters {
  nEpochs?: number | undefined;
  batchSize?: number | undefined;
  /** A factor on the trainer's own learning rate, if it has one. */
  learningRateMultiplier?: number | undefined;
  /** The peak learning rate, for trainers that take it. */
  learningRate?: number | undefined;
}

/**
 * Supervised on kept judgments, DPO (arXiv 2305.18290) on pairs of a right and a wrong judgment of one prompt (the paper's DPO stage: beta
 * 0.1, NLL scale 1.5), or reinforcement by the verdicts of the model's own judgments, as GRPO does (arXiv 2402.03300).
 */
export type TrainingMethod =
  | { type: 'supervised' }
  | {
      type: 'dpo';
      /** How strongly the model is held to its starting point, above 0. */
      beta?: number | undefined;
      /** Weight of the negative log-likelihood of the chosen judgment, added to the preference loss; from 0. */
      nllScale?: number | undefined;
    }
  | {
      type: 'reinforcement';
      /** Completions sampled of a prompt in each step, 2 or more. */
      groupSize?: number | undefined;
      /** Updates with the samples of a step. */
      nUpdates?: number | undefined;
      /** How far the probability of a token may move before its reward counts no more, as a share above 0. */
      clip?: number | undefined;
      /** Weight of the divergence from the starting point, from 0. */
      klScale?: number | undefined;
    };

/** A fine-tuning job. */
export interface FineTuneRequest {
  baseModel: string;
  method: TrainingMethod;
  /**
   * JSON Lines in the OpenAI format: `{messages}`, `{input, preferred_output, non_preferred_output}` for DPO,
   * or prompts `{messages, winner, loser, ...}` for reinforcement.
   */
  trainingFilePath: string;
  /** Examples that are never trained on, in the same format; absent: no validation loss. */
  validationFilePath?: string | undefined;
  hyperparameters: Hyperparameters;
  /** Becomes part of the new model's name. */
  suffix: string;
  seed: number;
  /** Names the job: submitting the same key again finds the first job. Letters, digits, `_` and `-`. */
  jobKey: string;
}

/** The state of a job. */
export type JobStatus =
  | { state: 'waiting' | 'running'; detail: string }
  | {
      state: 'succeeded';
      model: string;
      /** Where the model is served, if the trainer says so; absent: where the base model is served. */
      endpoint?: string | undefined;
      /** What it was trained with, defaults included, where the trainer says so. */
      hyperparameters?: Record<string, number> | undefined;
    }
  | { state: 'failed' | 'cancelled'; detail: string };

/** Whether a job has not ended yet. */
export function isOpen<Status extends { state: JobStatus['state'] }>(
  status: Status,
): status is Extract<Status, { state: 'waiting' | 'running' }> {
  return status.state === 'waiting' || status.state === 'running';
}

/** A message of a trainer about a job. */
export interface JobEvent {
  level: 'info' | 'warning' | 'error';
  /** Printable and without secrets. */
  message: string;
}

/** Messages about a job, oldest first, and the cursor behind the last of them. */
export interface JobNews {
  events: JobEvent[];
  cursor: string | null;
}

/** A trainer. Every implementation has to pass tests/contracts/fine-tune-backend.ts. */
export interface FineTuneBackend {
  /**
   * Submits a job, or finds the one of this key; returns its id. A job that failed or was cancelled is not found, nor is one whose
   * model the trainer itself has removed.
   * @throws ConfigError for a request that this trainer cannot fulfil, ModelError, DataError
   */
  submit(request: FineTuneRequest, signal: AbortSignal): Promise<string>;
  /** @throws ModelError, DataError */
  poll(jobId: string, signal: AbortSignal): Promise<JobStatus>;
  /** Ends a job; one that has ended stays as it is. @throws ModelError, DataError */
  cancel(jobId: string, signal: AbortSignal): Promise<void>;
  /**
   * The messages since a cursor; after a long silence the last thousand or so.
   * @param cursor from the call before; null: from the beginning
   * @throws ModelError, DataError
   */
  events(jobId: string, cursor: string | null, signal: AbortSignal): Promise<JobNews>;
  /**
   * The checkpoints so far, in the order in which they were saved, the final model last; empty if the trainer does not report any.
   * @throws ModelError, DataError
   */
  checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]>;
}

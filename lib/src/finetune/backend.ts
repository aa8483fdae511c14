// What the loop needs of a trainer, whoever runs it.

/** Knobs that every supervised trainer has; absent means the trainer's own choice. */
export interface Hyperparameters {
  nEpochs?: number | undefined;
  batchSize?: number | undefined;
  learningRateMultiplier?: number | undefined;
}

/** A supervised fine-tuning job to be done. */
export interface FineTuneRequest {
  baseModel: string;
  /** JSON Lines of `{messages}`, the OpenAI format. */
  trainingFilePath: string;
  hyperparameters: Hyperparameters;
  /** Becomes part of the new model's name. */
  suffix: string;
  seed: number;
  /** Names the job: submitting the same key again finds the first job and makes no second. */
  jobKey: string;
}

/** Where a job stands. */
export type JobStatus =
  | { state: 'waiting' | 'running'; detail: string }
  | { state: 'succeeded'; model: string }
  | { state: 'failed' | 'cancelled'; detail: string };

/** A trainer. */
export interface FineTuneBackend {
  /** Submits a job, or finds the one of this key; returns its id. @throws ModelError */
  submit(request: FineTuneRequest, signal: AbortSignal): Promise<string>;
  /** @throws ModelError */
  poll(jobId: string, signal: AbortSignal): Promise<JobStatus>;
  /** @throws ModelError */
  cancel(jobId: string, signal: AbortSignal): Promise<void>;
}

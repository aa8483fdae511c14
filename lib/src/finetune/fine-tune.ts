// Fine-tuning on a file: submits one job and waits for its model.
import { growingPauseMs, type PauseGrowth } from '../core/backoff.js';
import { ModelError } from '../core/errors.js';
import { contentHash, fileHash } from '../core/hash.js';
import { pause } from '../core/pause.js';
import type { FineTunedModel, ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneBackend, Hyperparameters, JobEvent, JobStatus, TrainingMethod } from './backend.js';

/** What to train, on which file, and by which trainer. */
export interface FineTuneOptions {
  backend: FineTuneBackend;
  baseModel: string;
  /** Default: supervised. */
  method?: TrainingMethod | undefined;
  hyperparameters: Hyperparameters;
  suffix: string;
  /** The suffix in the key of the job, by which earlier jobs are found; absent: the same. */
  keySuffix?: string | undefined;
  seed: number;
  /** In the OpenAI format, see `writeTrainingFile`. */
  trainingFilePath: string;
  /** A file of the same format that is never trained on. */
  validationFilePath?: string | undefined;
  /** Called after each poll with the state of the job. */
  onProgress: (detail: string) => void;
  /** Called with every message of the trainer; absent: messages are not fetched. */
  onEvent?: ((event: JobEvent) => void) | undefined;
  signal: AbortSignal;
}

/** A job that was submitted. */
export interface SubmittedJob {
  jobId: string;
  /** SHA-256. */
  trainingFileHash: string;
}

/** The pauses between polls. */
const POLLS: PauseGrowth = { firstWaitMs: 100, longestWaitMs: 10_000, factor: 1.2 };

/**
 * Trains a model on a file. An interrupted call leaves the job running: the next call with the same file and settings finds it.
 * @param nExamples the number of lines of the file
 * @throws ModelError when the endpoint fails or the job does; ConfigError, DataError
 */
export async function fineTuneOnFile(nExamples: number, options: FineTuneOptions): Promise<FineTunedModel> {
  const job = await submitJob(options);
  const { model, endpoint, hyperparameters } = await waitForJob(job.jobId, options);
  const checkpoints = await options.backend.checkpoints(job.jobId, options.signal);
  return fineTunedModel(nExamples, { ...job, model, endpoint, hyperparameters, checkpoints }, options);
}

/** The record of a model that a job made. */
export function fineTunedModel(
  nExamples: number,
  made: SubmittedJob &
    Omit<Extract<JobStatus, { state: 'succeeded' }>, 'state'> & { checkpoints: ModelCheckpoint[] },
  { baseModel, method }: FineTuneOptions,
): FineTunedModel {
  const { model, jobId, trainingFileHash, endpoint, checkpoints, hyperparameters = {} } = made;
  return {
    model,
    parent: baseModel,
    jobId,
    trainingFileHash,
    nExamples,
    method: method?.type ?? 'supervised',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(checkpoints.length === 0 ? {} : { checkpoints }),
    ...(Object.keys(hyperparameters).length === 0 ? {} : { hyperparameters }),
  };
}

/** Submits the job that these options describe, or finds it. @throws ModelError, ConfigError, DataError */
export async function submitJob(options: FineTuneOptions): Promise<SubmittedJob> {
  const {
    backend,
    baseModel,
    method = { type: 'supervised' },
    hyperparameters,
    suffix,
    keySuffix = suffix,
    seed,
  } = options;
  const { trainingFilePath, validationFilePath, signal } = options;
  const trainingFileHash = await fileHash(trainingFilePath);
  const content = {
    baseModel,
    trainingFileHash,
    hyperparameters: { ...hyperparameters },
    suffix: keySuffix,
    seed,
    // Left out if they have their defaults, so that jobs of earlier versions are found.
    ...(method.type === 'supervised' ? {} : { method: { ...method } }),
    ...(validationFilePath === undefined ? {} : { validationFileHash: await fileHash(validationFilePath) }),
  };
  const request = { baseModel, method, trainingFilePath, validationFilePath, hyperparameters, suffix, seed };
  const jobId = await backend.submit({ ...request, jobKey: contentHash(content).slice(0, 32) }, signal);
  return { jobId, trainingFileHash };
}

/**
 * Waits until a job has made its model.
 * @throws ModelError with code `job-failed` or `job-cancelled` when it has not
 */
export async function waitForJob(
  jobId: string,
  { backend, onProgress, onEvent, signal }: FineTuneOptions,
): Promise<Extract<JobStatus, { state: 'succeeded' }>> {
  let cursor: string | null = null;
  for (let nPolls = 1; ; nPolls++) {
    const status = await backend.poll(jobId, signal);
    if (onEvent !== undefined) {
      const news = await backend.events(jobId, cursor, signal);
      cursor = news.cursor;
      news.events.forEach(onEvent);
    }
    switch (status.state) {
      case 'succeeded':
        return status;
      case 'failed':
      case 'cancelled':
        throw new ModelError({
          subject: `fine-tuning job ${jobId}`,
          expected: 'a trained model',
          received: `${status.state}: ${status.detail}`,
          remedy: 'Look at the job at its trainer. Running the same command again submits a new one.',
          scope: 'endpoint',
          code: `job-${status.state}`,
        });
      case 'waiting':
      case 'running':
        onProgress(status.detail);
        await pause(growingPauseMs(POLLS, nPolls), signal);
    }
  }
}

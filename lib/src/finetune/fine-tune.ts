// Fine-tuning: writes the training file, submits one job and waits for its model.
import { ModelError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { contentHash, fileHash } from '../core/hash.js';
import { pause } from '../core/pause.js';
import { toSupervisedJsonl } from '../exports/index.js';
import type { FineTunedModel } from '../schema/fine-tuned-model.js';
import type { TrainingExample } from '../schema/training-example.js';
import type { FineTuneBackend, Hyperparameters, JobEvent, JobStatus, TrainingMethod } from './backend.js';

/** How a job is waited for. */
export interface WaitOptions {
  backend: FineTuneBackend;
  onProgress: (detail: string) => void;
  /** Told of everything that the trainer says; absent: it is not asked. */
  onEvent?: ((event: JobEvent) => void) | undefined;
  signal: AbortSignal;
}

/** What to train, from what, and with whom. */
export interface FineTuneOptions extends WaitOptions {
  baseModel: string;
  /** Default: supervised. */
  method?: TrainingMethod | undefined;
  hyperparameters: Hyperparameters;
  suffix: string;
  seed: number;
  /** Where the training file is, or is written, in the OpenAI format. */
  trainingFilePath: string;
  /** A file of the same format that is never trained on. */
  validationFilePath?: string | undefined;
}

/** The pause between polls grows from the first to the longest, by a fifth each time. */
const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 10_000;

/**
 * Trains a model on the examples and returns its name. An interrupted call leaves the job running: the next call with
 * the same examples and settings finds it.
 * @throws ModelError when the endpoint fails or the job does; ConfigError, DataError
 */
export async function fineTune(
  examples: readonly TrainingExample[],
  options: FineTuneOptions,
): Promise<FineTunedModel> {
  await writeFileAtomic(options.trainingFilePath, toSupervisedJsonl(examples));
  return fineTuneOnFile(examples.length, options);
}

/**
 * The same with a training file that is there already.
 * @param nExamples how many lines it has
 * @throws as {@link fineTune}
 */
export async function fineTuneOnFile(nExamples: number, options: FineTuneOptions): Promise<FineTunedModel> {
  const { backend, baseModel, method = { type: 'supervised' }, trainingFilePath, signal } = options;
  const trainingFileHash = await fileHash(trainingFilePath);
  const jobId = await submitJob(options, trainingFileHash);
  const { model, endpoint } = await waitForJob(jobId, options);
  const checkpoints = await backend.checkpoints(jobId, signal);
  return {
    model,
    parent: baseModel,
    jobId,
    trainingFileHash,
    nExamples,
    method: method.type,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(checkpoints.length === 0 ? {} : { checkpoints }),
  };
}

/** Submits the job that these options describe, or finds it. @param trainingFileHash SHA-256 @returns its id */
export async function submitJob(options: FineTuneOptions, trainingFileHash: string): Promise<string> {
  const {
    backend,
    baseModel,
    method = { type: 'supervised' },
    hyperparameters,
    suffix,
    seed,
    signal,
  } = options;
  const { trainingFilePath, validationFilePath } = options;
  const content = {
    baseModel,
    trainingFileHash,
    hyperparameters: { ...hyperparameters },
    suffix,
    seed,
    // Left out where they are the usual, so that jobs of earlier versions are found.
    ...(method.type === 'supervised' ? {} : { method: { ...method } }),
    ...(validationFilePath === undefined ? {} : { validationFileHash: await fileHash(validationFilePath) }),
  };
  const request = { baseModel, method, trainingFilePath, validationFilePath, hyperparameters, suffix, seed };
  return backend.submit({ ...request, jobKey: contentHash(content).slice(0, 32) }, signal);
}

/**
 * Waits until a job has made its model.
 * @throws ModelError with code `job-failed` or `job-cancelled` when it has not
 */
export async function waitForJob(
  jobId: string,
  options: WaitOptions,
): Promise<Extract<JobStatus, { state: 'succeeded' }>> {
  const { backend, onProgress, signal } = options;
  const tellEvents = eventTeller(jobId, options);
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.2)) {
    const status = await backend.poll(jobId, signal);
    await tellEvents();
    switch (status.state) {
      case 'succeeded':
        return status;
      case 'failed':
      case 'cancelled':
        throw new ModelError({
          subject: `fine-tuning job ${jobId}`,
          expected: 'a trained model',
          received: `${status.state}: ${status.detail}`,
          remedy: 'Look at the job at its trainer; running the same command again submits a new one.',
          scope: 'endpoint',
          code: `job-${status.state}`,
        });
      case 'waiting':
      case 'running':
        onProgress(status.detail);
        await pause(pauseMs, signal);
    }
  }
}

/** Hands on what is new at each call. */
function eventTeller(jobId: string, { backend, onEvent, signal }: WaitOptions): () => Promise<void> {
  let cursor: string | null = null;
  return async () => {
    if (onEvent === undefined) return;
    const news = await backend.events(jobId, cursor, signal);
    ({ cursor } = news);
    news.events.forEach(onEvent);
  };
}

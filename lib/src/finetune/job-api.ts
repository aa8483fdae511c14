// The part of fine-tuning in which servers of the OpenAI API differ: how a job is written, found and read.
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneRequest, JobEvent, JobStatus } from './backend.js';

/** Whose words a server speaks. */
export type Flavour = 'openai' | 'together';

/** A job in a server's list. */
export interface ListedJob {
  id: string;
  status: JobStatus;
}

/** Files of a job, as the server knows them. */
export interface JobFiles {
  trainingFileId: string;
  validationFileId: string | undefined;
}

/** One attempt at each call; the caller tries again. Texts of the server come as they are, secrets and all. */
export interface JobApi {
  /** Says what of a request this server cannot do. @throws ConfigError */
  check(request: FineTuneRequest): void;
  /** The jobs of a key, newest first. */
  list(jobKey: string, signal: AbortSignal): Promise<ListedJob[]>;
  /** @param options.idempotencyKey the same for every attempt at one job */
  upload(path: string, options: { idempotencyKey: string; signal: AbortSignal }): Promise<string>;
  /** Makes a job; returns its id. */
  create(
    request: FineTuneRequest,
    files: JobFiles,
    options: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<string>;
  retrieve(jobId: string, signal: AbortSignal): Promise<JobStatus>;
  cancel(jobId: string, signal: AbortSignal): Promise<void>;
  /** Whether a model that was made is certainly not there any more. */
  isGone(model: string, signal: AbortSignal): Promise<boolean>;
  events(
    jobId: string,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<{ events: JobEvent[]; cursor: string | null }>;
  checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]>;
}

// The part of fine-tuning in which servers of files and jobs differ: how a job is written, found and read.
import { ConfigError } from '../core/errors.js';
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneRequest, JobNews, JobStatus } from './backend.js';

/** A job in a server's list. */
export interface ListedJob {
  id: string;
  status: JobStatus;
}

/** Ids of a job's files at the server. */
export interface JobFiles {
  trainingFileId: string;
  validationFileId: string | undefined;
}

/** How a call that changes something is made. */
export interface WriteOptions {
  /** The same for every attempt at the same call. */
  idempotencyKey: string;
  signal: AbortSignal;
}

/**
 * Each method makes one attempt; the caller retries. Texts of the server are returned unchanged, secrets included. Every implementation has
 * to pass tests/contracts/job-api.ts.
 */
export interface JobApi {
  /** Refuses what this server cannot do, before anything is sent. @throws ConfigError */
  check(request: FineTuneRequest): void;
  /** The jobs of a key, newest first. */
  list(jobKey: string, signal: AbortSignal): Promise<ListedJob[]>;
  /** Uploads a file; returns its id. */
  upload(path: string, options: WriteOptions): Promise<string>;
  /** Creates a job; returns its id. */
  create(request: FineTuneRequest, files: JobFiles, options: WriteOptions): Promise<string>;
  retrieve(jobId: string, signal: AbortSignal): Promise<JobStatus>;
  cancel(jobId: string, signal: AbortSignal): Promise<void>;
  /** Whether a model that a job made is certainly gone. */
  isGone(model: string, signal: AbortSignal): Promise<boolean>;
  events(jobId: string, cursor: string | null, signal: AbortSignal): Promise<JobNews>;
  checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]>;
}

/** The error about a setting of a request that a server cannot fulfil. */
export function refuse(setting: string, parts: { expected: string; received: string }): ConfigError {
  return new ConfigError({
    subject: `fine-tuning request: ${setting}`,
    ...parts,
    remedy: 'Change that setting, or train with another backend.',
  });
}

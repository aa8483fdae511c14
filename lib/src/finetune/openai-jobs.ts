// Jobs in OpenAI's words. Reference: https://developers.openai.com/api/docs/api-reference/fine-tuning
import { createReadStream } from 'node:fs';
import type OpenAI from 'openai';
import { isApiError } from '../model/index.js';
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneRequest, JobEvent, JobStatus } from './backend.js';
import type { JobApi, JobFiles, ListedJob } from './job-api.js';
import { refuse } from './refused-request.js';

type Job = OpenAI.FineTuning.FineTuningJob;

/** The metadata key under which a job carries its name; how a resumed run finds it again. */
const JOB_KEY = 'autodidact_job';

/** Most events that one look takes. */
const MOST_EVENTS = 1000;

/** `/files`, `/fine_tuning/jobs` and what lies under it. */
export class OpenAIJobs implements JobApi {
  readonly #client: OpenAI;

  constructor(client: OpenAI) {
    this.#client = client;
  }

  check({ hyperparameters }: FineTuneRequest): void {
    if (hyperparameters.learningRate === undefined) return;
    throw refuse('learningRate', {
      expected: 'learningRateMultiplier, the only learning rate that the OpenAI API takes',
      received: String(hyperparameters.learningRate),
    });
  }

  async list(jobKey: string, signal: AbortSignal): Promise<ListedJob[]> {
    const jobs = this.#client.fineTuning.jobs.list(
      { limit: 100, metadata: { [JOB_KEY]: jobKey } },
      { signal },
    );
    const found: ListedJob[] = [];
    for await (const job of jobs) {
      // Not every server filters by metadata, so the key is compared here too.
      if (job.metadata?.[JOB_KEY] === jobKey) found.push({ id: job.id, status: statusOf(job) });
    }
    return found;
  }

  async upload(path: string, options: { idempotencyKey: string; signal: AbortSignal }): Promise<string> {
    const file = await this.#client.files.create(
      { file: createReadStream(path), purpose: 'fine-tune' },
      { signal: options.signal, headers: { 'Idempotency-Key': options.idempotencyKey } },
    );
    return file.id;
  }

  async create(
    request: FineTuneRequest,
    { trainingFileId, validationFileId }: JobFiles,
    options: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<string> {
    const job = await this.#client.fineTuning.jobs.create(
      {
        model: request.baseModel,
        training_file: trainingFileId,
        ...(validationFileId === undefined ? {} : { validation_file: validationFileId }),
        suffix: request.suffix,
        seed: request.seed,
        method: methodOf(request),
        metadata: { [JOB_KEY]: request.jobKey },
      },
      { signal: options.signal, headers: { 'Idempotency-Key': options.idempotencyKey } },
    );
    return job.id;
  }

  async retrieve(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    const job = await this.#client.fineTuning.jobs.retrieve(jobId, { signal });
    const status = statusOf(job);
    const isOpen = status.state === 'running' || status.state === 'waiting';
    return isOpen ? { ...status, detail: await this.#news(job, signal) } : status;
  }

  /** The last event of a job. It is for show alone, so a server without events loses nothing. */
  async #news({ id, status }: Job, signal: AbortSignal): Promise<string> {
    try {
      const events = await this.#client.fineTuning.jobs.listEvents(id, { limit: 1 }, { signal });
      return events.data[0]?.message ?? status;
    } catch {
      return status;
    }
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<void> {
    await this.#client.fineTuning.jobs.cancel(jobId, { signal });
  }

  async isGone(model: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#client.models.retrieve(model, { signal });
      return false;
    } catch (thrown) {
      if (mayNotLook(thrown)) return false;
      if (!isMissing(thrown)) throw thrown;
    }
    // Not every server can tell one model, or any.
    try {
      let nListed = 0;
      for await (const { id } of this.#client.models.list({ signal })) {
        if (id === model) return false;
        nListed++;
      }
      return nListed > 0;
    } catch (thrown) {
      if (mayNotLook(thrown) || isMissing(thrown)) return false;
      throw thrown;
    }
  }

  async events(
    jobId: string,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<{ events: JobEvent[]; cursor: string | null }> {
    const fresh: OpenAI.FineTuning.FineTuningJobEvent[] = [];
    try {
      // The newest come first.
      for await (const event of this.#client.fineTuning.jobs.listEvents(jobId, { limit: 100 }, { signal })) {
        if (event.id === cursor || fresh.length >= MOST_EVENTS) break;
        fresh.push(event);
      }
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
    const events = fresh
      .reverse()
      .map(({ level, message }) => ({ level: level === 'warn' ? ('warning' as const) : level, message }));
    return { events, cursor: fresh.at(-1)?.id ?? cursor };
  }

  async checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]> {
    const checkpoints: ModelCheckpoint[] = [];
    try {
      const listed = this.#client.fineTuning.jobs.checkpoints.list(jobId, { limit: 100 }, { signal });
      for await (const { fine_tuned_model_checkpoint: model, step_number: step, metrics } of listed)
        checkpoints.push({ model, step, metrics: numbersOf(metrics) });
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
    return checkpoints.sort((a, b) => (a.step ?? 0) - (b.step ?? 0));
  }
}

/** Whether a server has no such thing. */
export function isMissing(thrown: unknown): boolean {
  return isApiError(thrown) && (thrown.status === 404 || thrown.status === 405);
}

/** Whether this key is good for jobs but not for looking at models. */
function mayNotLook(thrown: unknown): boolean {
  return isApiError(thrown) && (thrown.status === 401 || thrown.status === 403);
}

function statusOf(job: Job): JobStatus {
  switch (job.status) {
    case 'succeeded':
      return job.fine_tuned_model === null
        ? { state: 'failed', detail: 'the job names no model' }
        : { state: 'succeeded', model: job.fine_tuned_model };
    case 'failed':
      return { state: 'failed', detail: job.error?.message ?? 'no reason given' };
    case 'cancelled':
      return { state: 'cancelled', detail: 'cancelled at the server' };
    case 'queued':
    case 'validating_files':
      return { state: 'waiting', detail: job.status };
    case 'running':
      return { state: 'running', detail: job.status };
    default:
      // A state that this program does not know, as other servers have: neither done nor failed.
      return { state: 'running', detail: String(job.status) };
  }
}

function methodOf({ method, hyperparameters }: FineTuneRequest): OpenAI.FineTuning.JobCreateParams.Method {
  const { nEpochs, batchSize, learningRateMultiplier } = hyperparameters;
  const common = {
    ...(nEpochs === undefined ? {} : { n_epochs: nEpochs }),
    ...(batchSize === undefined ? {} : { batch_size: batchSize }),
    ...(learningRateMultiplier === undefined ? {} : { learning_rate_multiplier: learningRateMultiplier }),
  };
  if (method.type === 'supervised') return { type: 'supervised', supervised: { hyperparameters: common } };
  const { beta, nllScale } = method;
  const preference = {
    ...(beta === undefined ? {} : { beta }),
    // No part of OpenAI's API, whose server refuses it by name; others, the embedded one among them, may take it.
    ...(nllScale === undefined || nllScale === 0 ? {} : { nll_scale: nllScale }),
  };
  return { type: 'dpo', dpo: { hyperparameters: { ...common, ...preference } } };
}

function numbersOf(metrics: object): Record<string, number> {
  const entries = Object.entries(metrics) as [string, unknown][];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => entry[0] !== 'step' && typeof entry[1] === 'number'),
  );
}

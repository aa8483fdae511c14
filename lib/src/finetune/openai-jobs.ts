// Jobs of the OpenAI API. Reference: https://developers.openai.com/api/docs/api-reference/fine-tuning
import { createReadStream } from 'node:fs';
import type OpenAI from 'openai';
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';
import { isOpen, type FineTuneRequest, type JobNews, type JobStatus } from './backend.js';
import { refuse, type JobApi, type JobFiles, type ListedJob, type WriteOptions } from './job-api.js';
import { isMissing, isModelGone } from './model-presence.js';
import { verdictGrader } from './verdict-grader.js';

type Job = OpenAI.FineTuning.FineTuningJob;

/** The metadata key of the job key, by which a resumed run finds its job. */
const JOB_KEY = 'autodidact_job';

/** Most events of one call. */
const MOST_EVENTS = 1000;

/** `/files`, `/fine_tuning/jobs` and the paths below it. */
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
      // Not every server filters by metadata, so compare the key here, too.
      if (job.metadata?.[JOB_KEY] === jobKey) found.push({ id: job.id, status: statusOf(job) });
    }
    return found;
  }

  async upload(path: string, { idempotencyKey, signal }: WriteOptions): Promise<string> {
    const file = await this.#client.files.create(
      { file: createReadStream(path), purpose: 'fine-tune' },
      { signal, headers: { 'Idempotency-Key': idempotencyKey } },
    );
    return file.id;
  }

  async create(
    request: FineTuneRequest,
    { trainingFileId, validationFileId }: JobFiles,
    { idempotencyKey, signal }: WriteOptions,
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
      { signal, headers: { 'Idempotency-Key': idempotencyKey } },
    );
    return job.id;
  }

  async retrieve(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    const job = await this.#client.fineTuning.jobs.retrieve(jobId, { signal });
    const status = statusOf(job);
    return isOpen(status) ? { ...status, detail: await this.#lastMessage(job, signal) } : status;
  }

  /** The message of the last event. It is only shown, so a server without events is fine. */
  async #lastMessage({ id, status }: Job, signal: AbortSignal): Promise<string> {
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

  isGone(model: string, signal: AbortSignal): Promise<boolean> {
    return isModelGone(this.#client, model, signal);
  }

  async events(jobId: string, cursor: string | null, signal: AbortSignal): Promise<JobNews> {
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

function statusOf(job: Job): JobStatus {
  switch (job.status) {
    case 'succeeded':
      return job.fine_tuned_model === null
        ? { state: 'failed', detail: 'the job names no model' }
        : { state: 'succeeded', model: job.fine_tuned_model, hyperparameters: usedBy(job) };
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
      // Other servers have more states; a job in one of those has not ended.
      return { state: 'running', detail: String(job.status) };
  }
}

/** The hyperparameters that a job names as numbers: `auto` says nothing. */
function usedBy({
  method,
  hyperparameters,
}: Pick<Job, 'method'> & { hyperparameters?: object }): Record<string, number> {
  const used = numbersOf(
    (method?.supervised ?? method?.dpo ?? method?.reinforcement)?.hyperparameters ?? hyperparameters ?? {},
  );
  const names = {
    nEpochs: 'n_epochs',
    batchSize: 'batch_size',
    learningRateMultiplier: 'learning_rate_multiplier',
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, key]) => (used[key] === undefined ? [] : [[name, used[key]]])),
  );
}

function methodOf({ method, hyperparameters }: FineTuneRequest): OpenAI.FineTuning.JobCreateParams.Method {
  const { nEpochs, batchSize, learningRateMultiplier } = hyperparameters;
  const common = {
    ...(nEpochs === undefined ? {} : { n_epochs: nEpochs }),
    ...(batchSize === undefined ? {} : { batch_size: batchSize }),
    ...(learningRateMultiplier === undefined ? {} : { learning_rate_multiplier: learningRateMultiplier }),
  };
  if (method.type === 'supervised') return { type: 'supervised', supervised: { hyperparameters: common } };
  if (method.type === 'reinforcement') {
    // None of them is part of OpenAI's API, whose server decides them itself; other servers, such as the embedded one, may take them.
    const more = {
      group_size: method.groupSize,
      n_updates: method.nUpdates,
      clip: method.clip,
      kl_scale: method.klScale,
    };
    const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
    return {
      type: 'reinforcement',
      reinforcement: { grader: verdictGrader(), hyperparameters: { ...common, ...given } },
    };
  }
  const { beta, nllScale } = method;
  const preference = {
    ...(beta === undefined ? {} : { beta }),
    // Not part of OpenAI's API, whose server refuses it; other servers, such as the embedded one, may take it.
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

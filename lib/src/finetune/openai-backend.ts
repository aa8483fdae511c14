// Fine-tuning through the OpenAI API: files, jobs, events.
import { createReadStream } from 'node:fs';
import type OpenAI from 'openai';
import { fileHash } from '../core/hash.js';
import { printable } from '../core/text.js';
import { OpenAICaller, type OpenAICallerOptions } from '../model/openai-call.js';
import type { FineTuneBackend, FineTuneRequest, JobStatus } from './backend.js';

/** The metadata key under which a job carries its name; how a resumed run finds it again. */
const JOB_KEY = 'autodidact_job';

/** A trainer behind `/files` and `/fine_tuning/jobs`. */
export class OpenAIBackend implements FineTuneBackend {
  readonly #caller: OpenAICaller;
  readonly #client: OpenAI;

  constructor(options: OpenAICallerOptions) {
    this.#caller = new OpenAICaller(options);
    this.#client = options.client;
  }

  async submit(request: FineTuneRequest, signal: AbortSignal): Promise<string> {
    const { jobKey } = request;
    const earlier = await this.#find(jobKey, signal);
    if (earlier !== null) return earlier;
    const fileId = await this.#upload(request, signal);
    const hyperparameters = hyperparametersOf(request);
    return this.#caller.call(
      'create a fine-tuning job',
      async (requestSignal) => {
        // An attempt whose answer was lost may have made the job all the same.
        const made = await this.#findOnce(jobKey, requestSignal);
        if (made !== null) return made;
        const job = await this.#client.fineTuning.jobs.create(
          {
            model: request.baseModel,
            training_file: fileId,
            suffix: request.suffix,
            seed: request.seed,
            method: { type: 'supervised', supervised: { hyperparameters } },
            metadata: { [JOB_KEY]: jobKey },
          },
          { signal: requestSignal, headers: { 'Idempotency-Key': jobKey } },
        );
        return job.id;
      },
      signal,
    );
  }

  async poll(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    return this.#caller.call(
      `ask for job ${jobId}`,
      async (requestSignal) => {
        const options = { signal: requestSignal };
        const job = await this.#client.fineTuning.jobs.retrieve(jobId, options);
        switch (job.status) {
          case 'succeeded':
            if (job.fine_tuned_model === null) return { state: 'failed', detail: 'the job names no model' };
            return { state: 'succeeded', model: job.fine_tuned_model };
          case 'failed':
            return { state: 'failed', detail: this.#shown(job.error?.message ?? 'no reason given') };
          case 'cancelled':
            return { state: 'cancelled', detail: 'cancelled at the server' };
          case 'running':
          case 'queued':
          case 'validating_files': {
            return {
              state: job.status === 'running' ? 'running' : 'waiting',
              detail: await this.#news(job, options),
            };
          }
          default:
            // A state that this program does not know, as other servers have: neither done nor failed.
            return { state: 'running', detail: this.#shown(String(job.status)) };
        }
      },
      signal,
    );
  }

  /** The last event of a job. It is for show alone, so a server without events loses nothing. */
  async #news(job: OpenAI.FineTuning.FineTuningJob, options: { signal: AbortSignal }): Promise<string> {
    try {
      const events = await this.#client.fineTuning.jobs.listEvents(job.id, { limit: 1 }, options);
      return this.#shown(events.data[0]?.message ?? job.status);
    } catch {
      return job.status;
    }
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<void> {
    const cancel = (requestSignal: AbortSignal): Promise<unknown> =>
      this.#client.fineTuning.jobs.cancel(jobId, { signal: requestSignal });
    await this.#caller.call(`cancel job ${jobId}`, cancel, signal);
  }

  #find(jobKey: string, signal: AbortSignal): Promise<string | null> {
    return this.#caller.call(
      'list fine-tuning jobs',
      (requestSignal) => this.#findOnce(jobKey, requestSignal),
      signal,
    );
  }

  async #findOnce(jobKey: string, signal: AbortSignal): Promise<string | null> {
    const jobs = this.#client.fineTuning.jobs.list(
      { limit: 100, metadata: { [JOB_KEY]: jobKey } },
      { signal },
    );
    for await (const job of jobs) {
      const isDead = job.status === 'failed' || job.status === 'cancelled';
      // Not every server filters by metadata, so the key is compared here too.
      if (!isDead && job.metadata?.[JOB_KEY] === jobKey) return job.id;
    }
    return null;
  }

  async #upload({ trainingFilePath }: FineTuneRequest, signal: AbortSignal): Promise<string> {
    const key = `file-${await fileHash(trainingFilePath)}`;
    return this.#caller.call(
      'upload the training file',
      async (requestSignal) => {
        const file = await this.#client.files.create(
          { file: createReadStream(trainingFilePath), purpose: 'fine-tune' },
          { signal: requestSignal, headers: { 'Idempotency-Key': key } },
        );
        return file.id;
      },
      signal,
    );
  }

  #shown(text: string): string {
    return printable(this.#caller.redact(text));
  }
}

function hyperparametersOf({
  hyperparameters: { nEpochs, batchSize, learningRateMultiplier },
}: FineTuneRequest): {
  n_epochs?: number;
  batch_size?: number;
  learning_rate_multiplier?: number;
} {
  return {
    ...(nEpochs === undefined ? {} : { n_epochs: nEpochs }),
    ...(batchSize === undefined ? {} : { batch_size: batchSize }),
    ...(learningRateMultiplier === undefined ? {} : { learning_rate_multiplier: learningRateMultiplier }),
  };
}

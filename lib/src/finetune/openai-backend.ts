// Fine-tuning through an HTTP API of files and jobs: OpenAI's, or one of its relatives.
import { fileHash } from '../core/hash.js';
import { printable } from '../core/text.js';
import { OpenAICaller, type OpenAICallerOptions } from '../model/openai-call.js';
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneBackend, FineTuneRequest, JobEvent, JobStatus } from './backend.js';
import type { Flavour, JobApi } from './job-api.js';
import { OpenAIJobs } from './openai-jobs.js';
import { TogetherJobs, type TogetherOptions } from './together-jobs.js';

/** How a trainer behind an API is reached. */
export interface OpenAIBackendOptions extends OpenAICallerOptions {
  /** Default: `openai`. */
  flavour?: Flavour | undefined;
  together?: TogetherOptions | undefined;
}

/** A trainer behind `/files` and `/fine_tuning/jobs`, or what stands for them. */
export class OpenAIBackend implements FineTuneBackend {
  readonly #caller: OpenAICaller;
  readonly #api: JobApi;

  constructor(options: OpenAIBackendOptions) {
    this.#caller = new OpenAICaller(options);
    this.#api =
      options.flavour === 'together'
        ? new TogetherJobs(options.client, options.together)
        : new OpenAIJobs(options.client);
  }

  async submit(request: FineTuneRequest, signal: AbortSignal): Promise<string> {
    this.#api.check(request);
    const { jobKey, validationFilePath } = request;
    const find = (requestSignal: AbortSignal): Promise<FoundJobs> => this.#findOnce(jobKey, requestSignal);
    const earlier = await this.#caller.call('list fine-tuning jobs', find, signal);
    if (earlier.jobId !== null) return earlier.jobId;
    const files = {
      trainingFileId: await this.#upload('training file', request.trainingFilePath, signal),
      validationFileId:
        validationFilePath === undefined
          ? undefined
          : await this.#upload('validation file', validationFilePath, signal),
    };
    return this.#caller.call(
      'create a fine-tuning job',
      async (requestSignal) => {
        // An attempt whose answer was lost may have made the job all the same.
        const made = await this.#findOnce(jobKey, requestSignal);
        if (made.jobId !== null) return made.jobId;
        // A server would answer a key that it has seen with the job of that time, also when nobody wants that one any more.
        const idempotencyKey = made.nUseless === 0 ? jobKey : `${jobKey}-${made.nUseless}`;
        return this.#api.create(request, files, { idempotencyKey, signal: requestSignal });
      },
      signal,
    );
  }

  async poll(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    const ask = (requestSignal: AbortSignal): Promise<JobStatus> => this.#api.retrieve(jobId, requestSignal);
    const status = await this.#caller.call(`ask for job ${jobId}`, ask, signal);
    return status.state === 'succeeded' ? status : { ...status, detail: this.#shown(status.detail) };
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<void> {
    const cancel = (requestSignal: AbortSignal): Promise<void> => this.#api.cancel(jobId, requestSignal);
    try {
      await this.#caller.call(`cancel job ${jobId}`, cancel, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      // Servers refuse to cancel what has ended.
      const { state } = await this.poll(jobId, signal);
      if (state === 'waiting' || state === 'running') throw thrown;
    }
  }

  async events(
    jobId: string,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<{ events: JobEvent[]; cursor: string | null }> {
    const found = await this.#caller.call(
      `tell what happened to job ${jobId}`,
      (requestSignal) => this.#api.events(jobId, cursor, requestSignal),
      signal,
    );
    return {
      events: found.events.map(({ level, message }) => ({ level, message: this.#shown(message) })),
      cursor: found.cursor,
    };
  }

  checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]> {
    const list = (requestSignal: AbortSignal): Promise<ModelCheckpoint[]> =>
      this.#api.checkpoints(jobId, requestSignal);
    return this.#caller.call(`list the checkpoints of job ${jobId}`, list, signal);
  }

  /** The job of a key, or null, and how many of this key are of no use: failed, cancelled, or their model is gone. */
  async #findOnce(jobKey: string, signal: AbortSignal): Promise<FoundJobs> {
    let nUseless = 0;
    for (const { id, status } of await this.#api.list(jobKey, signal)) {
      const isDead = status.state === 'failed' || status.state === 'cancelled';
      if (!isDead && !(status.state === 'succeeded' && (await this.#api.isGone(status.model, signal))))
        return { jobId: id, nUseless };
      nUseless++;
    }
    return { jobId: null, nUseless };
  }

  async #upload(what: string, path: string, signal: AbortSignal): Promise<string> {
    const idempotencyKey = `file-${await fileHash(path)}`;
    return this.#caller.call(
      `upload the ${what}`,
      (requestSignal) => this.#api.upload(path, { idempotencyKey, signal: requestSignal }),
      signal,
    );
  }

  #shown(text: string): string {
    return printable(this.#caller.redact(text));
  }
}

interface FoundJobs {
  jobId: string | null;
  nUseless: number;
}

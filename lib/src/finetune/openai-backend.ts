// Fine-tuning through an HTTP API of files and jobs: OpenAI's, or one like it.
import { fileHash } from '../core/hash.js';
import { printable } from '../core/text.js';
import { OpenAICaller, type OpenAICallerOptions } from '../model/openai-call.js';
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';
import {
  isOpen,
  type FineTuneBackend,
  type FineTuneRequest,
  type JobNews,
  type JobStatus,
} from './backend.js';
import { FLAVOURS, type Flavour, type FlavourOptions } from './flavours.js';
import type { JobApi } from './job-api.js';

/** How the server is reached. */
export interface OpenAIBackendOptions extends OpenAICallerOptions, FlavourOptions {
  /** Default: `openai`. */
  flavour?: Flavour | undefined;
}

/** A trainer behind a {@link JobApi}. */
export class OpenAIBackend implements FineTuneBackend {
  readonly #caller: OpenAICaller;
  readonly #api: JobApi;

  constructor(options: OpenAIBackendOptions) {
    this.#caller = new OpenAICaller(options);
    this.#api = FLAVOURS[options.flavour ?? 'openai'].open(options);
  }

  async submit(request: FineTuneRequest, signal: AbortSignal): Promise<string> {
    this.#api.check(request);
    const { jobKey, trainingFilePath, validationFilePath } = request;
    const earlier = await this.#caller.call('list fine-tuning jobs', signal, (requestSignal) =>
      this.#findOnce(jobKey, requestSignal),
    );
    if (earlier.jobId !== null) return earlier.jobId;
    const files = {
      trainingFileId: await this.#upload('training file', trainingFilePath, signal),
      validationFileId:
        validationFilePath === undefined
          ? undefined
          : await this.#upload('validation file', validationFilePath, signal),
    };
    return this.#caller.call('create a fine-tuning job', signal, async (requestSignal) => {
      // An attempt whose answer was lost may have created the job.
      const made = await this.#findOnce(jobKey, requestSignal);
      if (made.jobId !== null) return made.jobId;
      // A server answers a key that it knows with the job of that time, even if that job is of no use any more.
      const idempotencyKey = made.nUseless === 0 ? jobKey : `${jobKey}-${made.nUseless}`;
      return this.#api.create(request, files, { idempotencyKey, signal: requestSignal });
    });
  }

  async poll(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    const status = await this.#caller.call(`ask for job ${jobId}`, signal, (requestSignal) =>
      this.#api.retrieve(jobId, requestSignal),
    );
    return status.state === 'succeeded' ? status : { ...status, detail: this.#shown(status.detail) };
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#caller.call(`cancel job ${jobId}`, signal, (requestSignal) =>
        this.#api.cancel(jobId, requestSignal),
      );
    } catch (thrown) {
      signal.throwIfAborted();
      // Servers refuse to cancel a job that has ended.
      if (isOpen(await this.poll(jobId, signal))) throw thrown;
    }
  }

  async events(jobId: string, cursor: string | null, signal: AbortSignal): Promise<JobNews> {
    const news = await this.#caller.call(`list the events of job ${jobId}`, signal, (requestSignal) =>
      this.#api.events(jobId, cursor, requestSignal),
    );
    return {
      events: news.events.map(({ level, message }) => ({ level, message: this.#shown(message) })),
      cursor: news.cursor,
    };
  }

  checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]> {
    return this.#caller.call(`list the checkpoints of job ${jobId}`, signal, (requestSignal) =>
      this.#api.checkpoints(jobId, requestSignal),
    );
  }

  /** The job of a key, or null, and how many of this key are of no use: failed, cancelled, or their model is gone. */
  async #findOnce(jobKey: string, signal: AbortSignal): Promise<{ jobId: string | null; nUseless: number }> {
    let nUseless = 0;
    for (const { id, status } of await this.#api.list(jobKey, signal)) {
      const isUsable =
        status.state === 'succeeded' ? !(await this.#api.isGone(status.model, signal)) : isOpen(status);
      if (isUsable) return { jobId: id, nUseless };
      nUseless++;
    }
    return { jobId: null, nUseless };
  }

  async #upload(what: string, path: string, signal: AbortSignal): Promise<string> {
    const idempotencyKey = `file-${await fileHash(path)}`;
    return this.#caller.call(`upload the ${what}`, signal, (requestSignal) =>
      this.#api.upload(path, { idempotencyKey, signal: requestSignal }),
    );
  }

  #shown(text: string): string {
    return printable(this.#caller.redact(text));
  }
}

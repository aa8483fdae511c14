// The calls of a Batch API: upload, create or find, retrieve, fetch the results. Reference: https://platform.openai.com/docs/api-reference/batch
import { openAsBlob } from 'node:fs';
import type OpenAI from 'openai';
import { readError } from '../core/files.js';
import { linesOfChunks } from '../core/lines.js';
import { withoutKey } from '../core/secrets.js';
import { isApiError } from './openai-failure.js';
import { OpenAICaller, type OpenAICallerOptions } from './openai-call.js';

/** A batch as the server shows it. */
export type ServerBatch = OpenAI.Batch;

/** The metadata key under which a batch carries its name; how it is found again. */
const BATCH_KEY = 'autodidact_batch';
/** Clocks differ: a batch that was created this much earlier than its record is another one, in seconds. */
const CLOCK_SLACK_S = 3600;

/** A Batch API, through the `openai` package. */
export class BatchApi {
  readonly #caller: OpenAICaller;
  readonly #keys: readonly (string | null)[];

  constructor(options: OpenAICallerOptions & { secrets?: readonly string[] | undefined }) {
    this.#caller = new OpenAICaller(options);
    this.#keys = [options.client.apiKey, ...(options.secrets ?? [])];
  }

  /** As messages show it. */
  get address(): string {
    return this.#caller.client.baseURL;
  }

  /** Takes secrets out of what the server says. */
  redact(text: string): string {
    return this.#caller.redact(text);
  }

  /** Uploads an input file; it is read as it is sent. @returns its id @throws ModelError, DataError */
  async upload(path: string, { key, signal }: { key: string; signal: AbortSignal }): Promise<string> {
    const content = await openAsBlob(path).catch((thrown: unknown) => {
      throw readError(path, thrown);
    });
    const file = new File([content], `${key.slice(0, 16)}.jsonl`, { type: 'application/jsonl' });
    return this.#caller.call('upload a batch file', signal, async (requestSignal) => {
      const options = { signal: requestSignal, headers: { 'Idempotency-Key': `file-${key}` } };
      return (await this.#caller.client.files.create({ file, purpose: 'batch' }, options)).id;
    });
  }

  /**
   * Creates a batch, or finds the one of this name: an attempt whose answer was lost may have made it all the same.
   * @param options.mayExist whether an earlier process may have tried
   * @throws ModelError
   */
  create(
    batch: { batchKey: string; inputFileId: string; createdMs: number; completionWindow: string },
    { mayExist, signal }: { mayExist: boolean; signal: AbortSignal },
  ): Promise<ServerBatch> {
    let mayBeThere = mayExist;
    return this.#caller.call('create a batch', signal, async (requestSignal) => {
      const made = mayBeThere ? await this.#find(batch, requestSignal) : null;
      if (made !== null) return made;
      mayBeThere = true;
      const { batchKey, inputFileId, completionWindow } = batch;
      return this.#caller.client.batches.create(
        {
          input_file_id: inputFileId,
          endpoint: '/v1/chat/completions',
          // The package knows one window; other servers have others.
          completion_window: completionWindow as '24h',
          metadata: { [BATCH_KEY]: batchKey },
        },
        { signal: requestSignal, headers: { 'Idempotency-Key': batchKey } },
      );
    });
  }

  /** The state of a batch; null where the server does not know it. @throws ModelError */
  look(batchId: string, signal: AbortSignal): Promise<ServerBatch | null> {
    return this.#caller.call(`look at batch ${batchId}`, signal, (requestSignal) =>
      orNull(() => this.#caller.client.batches.retrieve(batchId, { signal: requestSignal })),
    );
  }

  /**
   * Reads a result file line by line, as it comes; after an interruption from its beginning.
   * @param begin called before each reading; gives the function that gets its lines
   * @returns whether the file is there
   * @throws ModelError
   */
  readResults(
    fileId: string,
    { begin, signal }: { begin: () => (text: string) => void; signal: AbortSignal },
  ): Promise<boolean> {
    const { client, redact } = this.#caller;
    return this.#caller.call(`fetch the result file ${fileId}`, signal, async (requestSignal) => {
      const response = await orNull(() => client.files.content(fileId, { signal: requestSignal }));
      if (response === null) return false;
      const onLine = begin();
      const chunks = (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
      for await (const text of linesOfChunks(chunks))
        if (text.trim() !== '') onLine(withoutKey(text, { keys: this.#keys, redact }));
      return true;
    });
  }

  /** Newest first, as servers list them, so that the search ends where batches are too old. */
  async #find(
    { batchKey, createdMs }: { batchKey: string; createdMs: number },
    signal: AbortSignal,
  ): Promise<ServerBatch | null> {
    for await (const batch of this.#caller.client.batches.list({ limit: 100 }, { signal })) {
      if (batch.metadata?.[BATCH_KEY] === batchKey) return batch;
      if (batch.created_at < createdMs / 1000 - CLOCK_SLACK_S) return null;
    }
    return null;
  }
}

async function orNull<Result>(ask: () => Promise<Result>): Promise<Result | null> {
  try {
    return await ask();
  } catch (thrown) {
    if (isApiError(thrown) && thrown.status === 404) return null;
    throw thrown;
  }
}

// Calls of the `openai` package, with retries; failures are told with what was wanted.
import type OpenAI from 'openai';
import { classifyFailure, toModelError } from './openai-failure.js';
import { withRequestSignal } from './request-signal.js';
import { withRetries, type RetryPolicy } from './retry.js';

/** How calls are made. */
export interface OpenAICallerOptions {
  client: OpenAI;
  retry: RetryPolicy;
  /** Takes secrets out of what the server says; default: nothing is taken out. */
  redact?: ((text: string) => string) | undefined;
}

/** Makes the rare calls: files, jobs, batches. */
export class OpenAICaller {
  readonly client: OpenAI;
  readonly redact: (text: string) => string;
  readonly #retry: RetryPolicy;

  constructor({ client, retry, redact }: OpenAICallerOptions) {
    this.client = client;
    this.redact = redact ?? ((text) => text);
    this.#retry = retry;
  }

  /**
   * Makes one call.
   * @param what ends the sentence "the server was asked to ..."
   * @throws ModelError; the signal's reason when it aborts
   */
  async call<Result>(
    what: string,
    attempt: (requestSignal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    try {
      const options = { policy: this.#retry, classify: classifyFailure, label: what, signal };
      return (await withRetries(() => withRequestSignal(signal, attempt), options)).result;
    } catch (thrown) {
      signal.throwIfAborted();
      throw toModelError(thrown, {
        subject: `${this.client.baseURL}, to ${what}`,
        redact: this.redact,
      });
    }
  }
}

// Calls of the `openai` package, with retries; an error names the call that failed. And its client.
import type OpenAI from 'openai';
import { withRetries, type RetryPolicy } from '../core/backoff.js';
import { deriveRandom } from '../core/random.js';
import { onAbort } from '../core/on-abort.js';
import { classifyFailure, toModelError } from './openai-failure.js';
import { unlisted } from './server-error.js';

/** How calls are made. */
export interface OpenAICallerOptions {
  client: OpenAI;
  retry: RetryPolicy;
  /** Takes secrets out of what the server says. Default: nothing is taken out. */
  redact?: ((text: string) => string) | undefined;
  /** What errors are about. Default: the address and the call. */
  subject?: string | undefined;
}

/** Makes the rare calls: models, files, jobs, batches. */
export class OpenAICaller {
  readonly client: OpenAI;
  readonly redact: (text: string) => string;
  readonly #retry: RetryPolicy;
  readonly #subject: string | undefined;

  constructor({ client, retry, redact = (text) => text, subject }: OpenAICallerOptions) {
    this.client = client;
    this.redact = redact;
    this.#retry = retry;
    this.#subject = subject;
  }

  /**
   * Makes one call.
   * @param what ends the sentence "the server was asked to ..."
   * @throws ModelError; the signal's reason when it aborts
   */
  async call<Result>(
    what: string,
    signal: AbortSignal,
    attempt: (requestSignal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    try {
      const random = deriveRandom('retry', what);
      const options = { policy: this.#retry, classify: classifyFailure, random, signal };
      return await withRetries(() => withRequestSignal(signal, attempt), options);
    } catch (thrown) {
      signal.throwIfAborted();
      const subject = this.#subject ?? `${this.client.baseURL}, to ${what}`;
      throw toModelError(thrown, { subject, redact: this.redact });
    }
  }
}

/**
 * Runs a request with a signal of its own that follows `signal`. The package leaves a listener behind on each signal that it is given,
 * and these would pile up on the one signal of a whole run.
 */
async function withRequestSignal<Result>(
  signal: AbortSignal,
  attempt: (requestSignal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const forget = onAbort(signal, () => controller.abort(signal.reason));
  try {
    return await attempt(controller.signal);
  } finally {
    forget();
  }
}

/**
 * Makes a client of the `openai` package, which is loaded for it. Its own retries are off, since callers retry and count.
 */
export async function createOpenAIClient(options: {
  baseUrl: string;
  apiKey: string | undefined;
  timeoutMs: number;
  headers?: Readonly<Record<string, string>> | undefined;
  query?: Readonly<Record<string, string>> | undefined;
  fetch?: typeof fetch;
}): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  return new Client({
    baseURL: options.baseUrl,
    // The package requires a key, which is not sent where there is none.
    apiKey: options.apiKey ?? 'none',
    defaultHeaders: { ...(options.apiKey === undefined ? { authorization: null } : {}), ...options.headers },
    defaultQuery: { ...options.query },
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: options.timeoutMs,
    logLevel: 'off',
    fetch: withErrorBodies(options.fetch ?? fetch),
  });
}

/**
 * A `fetch` whose unsuccessful answers, where they are JSON objects, have an `error`, so that errors of the package show them: it reads
 * `{"error": …}` alone, as OpenAI and vLLM answer, and of `{"detail": …}` (FastAPI) or `{"message": …}` it says "no body" (openai 6.49,
 * `core/error.ts`).
 */
function withErrorBodies(plain: typeof fetch): typeof fetch {
  const wrapped = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const answer = await plain(...request);
    if (answer.ok) return answer;
    const text = await answer.text();
    return new Response(withError(text), { status: answer.status, headers: [...answer.headers] });
  };
  // The package checks for `Response` before uploads.
  return Object.assign(wrapped, plain);
}

function withError(text: string): string {
  try {
    const value = unlisted(JSON.parse(text));
    if (typeof value !== 'object' || value === null) return text;
    return JSON.stringify('error' in value && value.error ? value : { error: value });
  } catch {
    return text;
  }
}

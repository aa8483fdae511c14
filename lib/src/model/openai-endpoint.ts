// An endpoint of the OpenAI HTTP API: vLLM, llama.cpp, Ollama, Together, OpenAI and the embedded server differ by base URL. One endpoint
// may have several servers with the same models, such as replicas of vLLM on a cluster.
//
// The `openai` package serves the calls that are rare: models, files, jobs, batches. Chat completions, hundreds of thousands, go straight to
// the pool: the package's own work takes about as long as the whole rest of a call (`npm run bench`).
import { randomUUID } from 'node:crypto';
import type OpenAI from 'openai';
import { jitteredPauseMs, type RetryPolicy } from '../core/backoff.js';
import { ModelError } from '../core/errors.js';
import { isoTime } from '../core/iso-time.js';
import { addCount } from '../core/own.js';
import { pause } from '../core/pause.js';
import { deriveRandom } from '../core/random.js';
import { AttemptFailure, AWAY_CODES, givenUp, NO_FAILURES, type FailureClass } from './attempt-failure.js';
import type { AskOptions, ChatEndpoint, EndpointAnswer, SampleRequest } from './chat-endpoint.js';
import { ChatServer, type AttemptResult } from './chat-server.js';
import type { EngineListener } from './engine-event.js';
import { HttpPool } from './http-pool.js';
import { createOpenAIClient } from './openai-call.js';
import { tokensAbout, UNBOUNDED_TOKENS } from './prompt-size.js';
import { identityWith, type RequestExtras } from './request-extras.js';
import { RequestQueue } from './request-queue.js';
import { ServerGate } from './server-gate.js';

/** How often one request is repeated, by what went wrong. */
export interface RequestRetries extends RetryPolicy {
  /** Attempts in all that may be rate-limited, while the server is sent ever fewer requests: 1 or more. */
  maxRateLimited: number;
  /**
   * Attempts in all that may end in a time-out: 1 or more. Few, since each costs the whole of `timeoutMs` while later inputs
   * wait; more than one or two, since an overloaded server gets fewer requests after each.
   */
  maxTimeouts: number;
}

/** The retries of a run. */
export const REQUEST_RETRIES: RequestRetries = {
  maxAttempts: 6,
  maxRateLimited: 50,
  maxTimeouts: 3,
  firstWaitMs: 500,
  longestWaitMs: 15_000,
};

/** How an endpoint is reached and treated. */
export interface ConnectOptions extends RequestExtras {
  /** One or more servers with the same models. */
  baseUrls: readonly string[];
  apiKey: string | undefined;
  /** Distinguishes these servers in the completion store; model names alone do not. */
  identity: string;
  /** The longest wait for an answer, in milliseconds. */
  timeoutMs: number;
  /** Most requests in flight at each server. */
  concurrency: number;
  /** Bounds for each server; absent: what the server says is followed. */
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  retries?: Partial<RequestRetries> | undefined;
  /** When no server has answered for so long, in milliseconds, the endpoint has failed. */
  giveUpAfterMs?: number | undefined;
  /** Its HTTP_PROXY, HTTPS_PROXY and NO_PROXY are followed. */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Takes secrets out of what servers say. */
  redact?: ((text: string) => string) | undefined;
  onEvent?: EngineListener | undefined;
}

const DEFAULT_GIVE_UP_AFTER_MS = 300_000;

/** Makes an endpoint; nothing is sent yet. */
export function connectServers(options: ConnectOptions): OpenAIEndpoint {
  return new OpenAIEndpoint(options);
}

/** Samples through `POST /chat/completions`, at the server with the most room. */
export class OpenAIEndpoint implements ChatEndpoint {
  readonly #openClient: (baseUrl: string) => Promise<OpenAI>;
  #jobsUrl: string;
  readonly #identity: string;
  readonly #extras: RequestExtras;
  readonly #pool: HttpPool;
  /** Those in use; the queue looks at the same list. */
  readonly #gates: ServerGate[];
  readonly #queue: RequestQueue;
  readonly #retries: RequestRetries;
  readonly #giveUpAfterMs: number;
  readonly #onEvent: EngineListener;
  #lastFailure: AttemptFailure | null = null;
  #nAnswered = 0;
  /** Mean length of the answers so far, in tokens, to estimate what a request will use; null before the first. */
  #meanCompletionTokens: number | null = null;

  constructor(options: ConnectOptions) {
    const { baseUrls, apiKey, timeoutMs, concurrency } = options;
    const { redact = (text: string) => text, onEvent = () => undefined, environment = {} } = options;
    const [first] = baseUrls;
    if (first === undefined) throw new RangeError('baseUrls: expected at least one');
    this.#identity = options.identity;
    this.#onEvent = onEvent;
    this.#retries = { ...REQUEST_RETRIES, ...options.retries };
    this.#giveUpAfterMs = options.giveUpAfterMs ?? DEFAULT_GIVE_UP_AFTER_MS;
    const pool = new HttpPool({ connections: concurrency, environment });
    this.#pool = pool;
    this.#extras = options;
    const { headers, query } = options;
    this.#openClient = (baseUrl) =>
      createOpenAIClient({
        baseUrl: jobsUrlOf(baseUrl),
        apiKey,
        timeoutMs,
        headers,
        query,
        fetch: pool.fetch,
      });
    this.#jobsUrl = first;
    const now = (): number => performance.now();
    this.#gates = baseUrls.map((baseUrl) => {
      const server = new ChatServer({ ...options, pool, baseUrl, redact, onEvent });
      const { requestsPerMinute, tokensPerMinute } = options;
      const rates = { requestsPerMinute, tokensPerMinute, longestPauseMs: this.#giveUpAfterMs };
      return new ServerGate({ server, concurrency, ...rates, now, onEvent });
    });
    this.#queue = new RequestQueue({
      gates: this.#gates,
      now,
      whyGiveUp: (at) => this.#whyGiveUp(at),
    });
  }

  /** A client of the `openai` package over the same connections. @param baseUrl default: the server of training jobs and batches */
  openClient(baseUrl = this.#jobsUrl): Promise<OpenAI> {
    return this.#openClient(baseUrl);
  }

  /** The addresses of the servers that are in use, without a slash at the end. */
  get servers(): string[] {
    return this.#gates.map(({ server }) => server.address);
  }

  /** From now on training jobs and batches go to this server. Default: the first one. */
  useForJobs(baseUrl: string): void {
    this.#jobsUrl = baseUrl;
  }

  /** Sends no further request to a server, unless it is the last one. @returns whether it is out of use */
  leaveOut(baseUrl: string): boolean {
    const address = baseUrl.replace(/\/+$/, '');
    const place = this.#gates.findIndex(({ server }) => server.address === address);
    if (place === -1) return true;
    if (this.#gates.length === 1) return false;
    this.#gates.splice(place, 1);
    return true;
  }

  /** The smallest window of a model among the servers, in tokens; null while none is known. */
  windowOf(model: string): number | null {
    const known = this.#gates.flatMap(({ server }) => server.habits.windowOf(model) ?? []);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** The list of models of a server tells a window; a setting goes before it. @param window.tokens 1 or more */
  learnWindow(baseUrl: string, { model, tokens }: { model: string; tokens: number }): void {
    this.#gates
      .find(({ server }) => server.address === baseUrl.replace(/\/+$/, ''))
      ?.server.habits.learnWindow(model, tokens);
  }

  /** False as soon as one of the servers gave fewer completions than asked for. */
  get honoursN(): boolean | null {
    const known = this.#gates.map(({ server }) => server.habits.honoursN);
    if (known.includes(false)) return false;
    return known.includes(true) ? true : null;
  }

  identityOf(model: string): string {
    return identityWith(this.#extras, this.#identity, model);
  }

  async sample(request: SampleRequest, options: AskOptions): Promise<EndpointAnswer> {
    const { signal, idempotencyKey } = options;
    const attempts: Record<string, number> = {};
    const counts: Record<FailureClass, number> = { ...NO_FAILURES };
    let signsBefore = -1;
    const used = { promptTokens: 0, completionTokens: 0 };
    const nAnsweredBefore = this.#nAnswered;
    for (let retries = 0; ; retries++) {
      const tokens = this.#tokensAbout(request);
      const gate = await this.#queue.take({ tokens, isRepeat: retries > 0, signal });
      try {
        const answer = await this.#attempt(gate, request, { ...options, tokens });
        const { completions, promptTokens, completionTokens, errors } = answer;
        for (const [code, n] of Object.entries(errors)) addCount(attempts, code, n);
        const repeated = Object.values(errors).reduce((sum, n) => sum + n, retries);
        used.promptTokens += promptTokens;
        used.completionTokens += completionTokens;
        return { completions, ...used, retries: repeated, errors: attempts };
      } catch (thrown) {
        if (!(thrown instanceof AttemptFailure)) throw thrown;
        this.#lastFailure = thrown;
        used.promptTokens += thrown.used.promptTokens;
        used.completionTokens += thrown.used.completionTokens;
        // While no server answers at all, waiting costs the request none of its attempts.
        const signs = this.#gates.reduce((sum, { nSignsOfLife }) => sum + nSignsOfLife, 0);
        if (!AWAY_CODES.includes(thrown.code) || signs !== signsBefore) counts[thrown.failureClass]++;
        signsBefore = signs;
        addCount(attempts, thrown.code);
        const waitMs = this.#isLackedAt(gate, thrown, request.model)
          ? 0
          : this.#waitAfter(thrown, counts, { label: idempotencyKey, attempt: retries + 1 });
        this.#onEvent({
          kind: 'attempt-failed',
          server: gate.server.address,
          request: idempotencyKey,
          attempt: retries + 1,
          code: thrown.code,
          message: thrown.message,
          waitMs,
        });
        if (waitMs === null) {
          // It fails alone, unless the servers only limit the rate, of all requests.
          const isHopeless = thrown.failureClass === 'rate-limited' && this.#nAnswered === nAnsweredBefore;
          const subject = `${request.model} at ${gate.server.address}`;
          throw givenUp(thrown, { subject, scope: isHopeless ? 'endpoint' : 'request', attempts, used });
        }
        await pause(waitMs, signal);
      }
    }
  }

  /**
   * Sends a request once to one of the servers, to see what it makes of it. What is learned of the server holds for later requests.
   * @throws AttemptFailure; RangeError for a server that is not in use; the signal's reason when it aborts
   */
  tryAt(baseUrl: string, request: SampleRequest, signal: AbortSignal): Promise<AttemptResult> {
    const gate = this.#gates.find(({ server }) => server.address === baseUrl.replace(/\/+$/, ''));
    if (!gate) throw new RangeError(`no server ${baseUrl}`);
    // A new key: an answer that the server has stored says nothing.
    return gate.server.attempt(request, { idempotencyKey: randomUUID(), signal });
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    this.#queue.close();
    await this.#pool.close();
  }

  async #attempt(
    gate: ServerGate,
    request: SampleRequest,
    options: AskOptions & { tokens: number },
  ): ReturnType<ChatServer['attempt']> {
    const { tokens } = options;
    const sentAt = performance.now();
    try {
      const answer = await gate.server.attempt(request, options);
      const { promptTokens, completionTokens, usedUp } = answer;
      const nGiven = answer.completions.length;
      if (nGiven > 0) {
        this.#nAnswered++;
        this.#learnLength(completionTokens / nGiven);
      }
      gate.succeeded({ surplusTokens: promptTokens + completionTokens - tokens, usedUp });
      return answer;
    } catch (thrown) {
      if (thrown instanceof AttemptFailure) gate.failed(thrown, { tokens, sentAt });
      else gate.left(tokens);
      throw thrown;
    }
  }

  /** One of several servers does not have the model: the others may, and that server is left out from now on. */
  #isLackedAt({ server }: ServerGate, { code, message }: AttemptFailure, model: string): boolean {
    if (code !== 'http-404') return false;
    const wasInUse = this.#gates.some((gate) => gate.server === server);
    if (!this.leaveOut(server.address)) return false;
    if (wasInUse) this.#onEvent({ kind: 'left-out', server: server.address, model, message });
    return true;
  }

  /** The pause before the next attempt, in milliseconds; null when no attempt is left. */
  #waitAfter(
    { failureClass }: AttemptFailure,
    counts: Readonly<Record<FailureClass, number>>,
    { label, attempt }: { label: string; attempt: number },
  ): number | null {
    const { maxAttempts, maxRateLimited, maxTimeouts } = this.#retries;
    if (failureClass === 'refused') return null;
    if (failureClass === 'rate-limited') {
      if (counts['rate-limited'] >= maxRateLimited) return null;
    } else if (counts.down + counts.timeout + counts['bad-answer'] >= maxAttempts) return null;
    if (failureClass === 'timeout' && counts.timeout >= maxTimeouts) return null;
    // Pauses that the server asked for are kept at its gate, for all requests.
    return jitteredPauseMs(this.#retries, attempt, deriveRandom('retry', label, attempt));
  }

  /** Why no answer can be expected: all servers have been out of use, or asked for a pause, for longer than `giveUpAfterMs`. */
  #whyGiveUp(now: number): Error | null {
    const isTooLong = ({ pause }: ServerGate): boolean => (pause?.until ?? 0) - now > this.#giveUpAfterMs;
    const isHopeless = this.#gates.every(
      (gate) => (gate.downSince !== null && now - gate.downSince > this.#giveUpAfterMs) || isTooLong(gate),
    );
    if (!isHopeless || !this.#lastFailure) return null;
    const subject = this.#gates.map(({ server }) => server.address).join(', ');
    const asked = this.#gates.find(isTooLong)?.pause;
    if (!asked) return givenUp(this.#lastFailure, { subject, scope: 'endpoint', attempts: {} });
    const until = isoTime(Date.now() + asked.until - now);
    return new ModelError({
      subject,
      expected: `a pause within endpoint.giveUpAfterMs, ${this.#giveUpAfterMs} ms`,
      received: `${this.#lastFailure.message}, with the header ${asked.header}: nothing is to be sent before ${until}`,
      remedy: 'Run again after that time to continue, or raise endpoint.giveUpAfterMs to wait for it.',
      scope: 'endpoint',
      code: this.#lastFailure.code,
      isServerFault: true,
      cause: this.#lastFailure,
    });
  }

  #tokensAbout({ messages, nSamples, sampling }: SampleRequest): number {
    const prompt = messages.reduce((sum, { content }) => sum + tokensAbout(content), 0);
    const most = sampling.maxTokens ?? UNBOUNDED_TOKENS;
    return prompt + nSamples * Math.min(most, this.#meanCompletionTokens ?? most);
  }

  #learnLength(completionTokens: number): void {
    const mean = this.#meanCompletionTokens ?? completionTokens;
    this.#meanCompletionTokens = mean + (completionTokens - mean) / 50;
  }
}

/** Where files, jobs and batches stand: Azure has them beside its deployments, each of which has an address of its own for chats. */
function jobsUrlOf(baseUrl: string): string {
  return baseUrl.replace(/\/openai\/deployments\/[^/]+\/*$/, '/openai');
}

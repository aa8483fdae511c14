// One server of the OpenAI API: single attempts, and what it turned out not to take.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isUnreachedCode } from '../core/connections.js';
import { messageOf } from '../core/errors.js';
import { parseJson } from '../core/jsonl.js';
import { withoutKey } from '../core/secrets.js';
import { AttemptFailure } from './attempt-failure.js';
import { readChatAnswer, type ChatAnswer } from './chat-answer.js';
import { chatBody, keyOfForm, type RequestForm } from './chat-body.js';
import { shortRequest, sumCounts, type AskOptions, type SampleRequest } from './chat-endpoint.js';
import type { EngineListener } from './engine-event.js';
import { FirstTries } from './first-tries.js';
import { HttpTimeout, type HttpAnswer, type HttpPool } from './http-pool.js';
import { askedPause, usedUp, type AskedPause } from './rate-headers.js';
import { contextLengthOf, extraBodyOf, type RequestExtras } from './request-extras.js';
import { failureFrom } from './server-error.js';
import { ServerHabits } from './server-habits.js';

/** How a server is reached. */
export interface ChatServerOptions extends RequestExtras {
  pool: HttpPool;
  /** The address below which `/chat/completions` stands. */
  baseUrl: string;
  /** Absent: none is sent. */
  apiKey: string | undefined;
  timeoutMs: number;
  /** Takes secrets out of what the server says. */
  redact: (text: string) => string;
  onEvent: EngineListener;
}

/** What an attempt gave. */
export interface AttemptResult extends ChatAnswer {
  /** Attempts that failed because of a parameter that the server does not take, and were repeated at once without it. */
  errors: Readonly<Record<string, number>>;
  /** How long to send nothing because a limit of the server is used up; null where none is. */
  usedUp: AskedPause | null;
}

/** The answer to a request that was not sent. */
const NOTHING = { completions: [], promptTokens: 0, completionTokens: 0, usedUp: null };

const LONGEST_TRY_MS = 30_000;

/** A server, asked through `POST /chat/completions`. */
export class ChatServer {
  /** As messages show it: without anything secret. */
  readonly address: string;
  readonly #options: ChatServerOptions;
  readonly #url: URL;
  readonly #headers: Record<string, string>;
  /** What it turned out not to take. */
  readonly habits: ServerHabits;
  readonly #firstTries = new FirstTries();
  readonly #keys: readonly (string | undefined)[];
  #lastModel: string | null = null;

  constructor(options: ChatServerOptions) {
    this.#options = options;
    this.#keys = [options.apiKey, ...(options.secrets ?? [])];
    this.address = options.baseUrl.replace(/\/+$/, '');
    this.#url = new URL(`${this.address}/chat/completions?${new URLSearchParams(options.query).toString()}`);
    this.habits = new ServerHabits({
      onChange: (habit) => {
        options.onEvent({ ...habit, server: this.address });
      },
      fitsToContext: options.fitToContext,
      contextLengthOf: (model) => contextLengthOf(options, model),
    });
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
      ...options.headers,
    };
  }

  /**
   * One attempt. Parameters that the server turns out not to take are left out from then on; a server that does not take `n` gives one
   * completion.
   * @throws AttemptFailure; the signal's reason when it aborts
   */
  async attempt(request: SampleRequest, options: AskOptions): Promise<AttemptResult> {
    this.#lastModel = request.model;
    const { signal } = options;
    const { answer, refusals } = await this.#firstTries.run(
      { kind: kindOf(request), signal },
      async (onSent) => {
        // Learned meanwhile: what is missing of its completions is asked for one by one.
        if (request.nSamples > 1 && this.habits.honoursN === false) return { answer: NOTHING, refusals: [] };
        return this.habits.ask(request, (form) => {
          onSent();
          return this.#post(request, options, form);
        });
      },
    );
    const errors = sumCounts(refusals.map(({ code }) => ({ [code]: 1 })));
    return { ...answer, errors };
  }

  /**
   * Whether it works: it is asked for a single token of the last model, and answers, refuses, or limits the rate. Never throws.
   */
  async works(): Promise<boolean> {
    if (this.#lastModel === null) return false;
    const request = shortRequest(this.#lastModel);
    const signal = AbortSignal.timeout(Math.min(this.#options.timeoutMs, LONGEST_TRY_MS));
    // A new key: an answer that the server has stored says nothing.
    const idempotencyKey = randomUUID();
    try {
      await this.#post(request, { idempotencyKey, signal }, this.habits.formFor(request));
      return true;
    } catch (thrown) {
      const failure = thrown instanceof AttemptFailure ? thrown.failureClass : null;
      return failure === 'refused' || failure === 'rate-limited';
    }
  }

  async #post(request: SampleRequest, ask: AskOptions, form: RequestForm): Promise<AttemptResult> {
    const { pool, timeoutMs, redact } = this.#options;
    let answer: HttpAnswer;
    try {
      answer = await pool.post({
        url: this.#url,
        headers: { ...this.#headers, 'idempotency-key': keyOfForm(ask.idempotencyKey, request, form) },
        body: JSON.stringify(chatBody(request, form, extraBodyOf(this.#options, request.model))),
        timeoutMs,
        signal: ask.signal,
      });
    } catch (thrown) {
      ask.signal.throwIfAborted();
      throw this.#lost(thrown);
    }
    if (answer.status < 200 || answer.status >= 300) throw this.#refused(answer, request);
    try {
      const read = readChatAnswer(withoutKey(answer.text, { keys: this.#keys, redact }), request);
      return { ...read, errors: {}, usedUp: usedUp(answer.headers, Date.now()) };
    } catch (thrown) {
      throw thrown instanceof AttemptFailure ? this.#redacted(answer.text, request) : thrown;
    }
  }

  /** The failure where there was no answer, or only a part of one. */
  #lost(thrown: unknown): AttemptFailure {
    if (thrown instanceof HttpTimeout)
      return new AttemptFailure({ failureClass: 'timeout', code: 'timeout', message: thrown.message });
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    return new AttemptFailure({
      failureClass: 'down',
      code: isUnreachedCode(code) ? 'unreachable' : 'connection-lost',
      message: this.#options.redact(messageOf(thrown) || code),
      cause: thrown,
    });
  }

  #refused({ status, headers, text: raw }: HttpAnswer, request: SampleRequest): AttemptFailure {
    // Before the text is cut: a part of a secret would not be found.
    const text = this.#options.redact(raw);
    const parsed = parseJson(text, z.unknown());
    const pause = askedPause(headers, Date.now());
    return failureFrom({ status, value: parsed.ok ? parsed.value : text, pause, request });
  }

  /** The failure of a bad answer, without secrets: the text is redacted before the message is cut. */
  #redacted(text: string, request: SampleRequest): unknown {
    try {
      readChatAnswer(this.#options.redact(text), request);
    } catch (thrown) {
      return thrown;
    }
    return new AttemptFailure({ failureClass: 'bad-answer', code: 'bad-answer', message: 'no completion' });
  }
}

/** The model and the parameters of a request: what a server takes or refuses of it, whatever their values. */
function kindOf({ model, sampling, nSamples }: SampleRequest): string {
  const { temperature, topP, maxTokens, topLogprobs } = sampling;
  const absent = [temperature === null, topP === null, maxTokens === null, topLogprobs === undefined];
  return [model, nSamples > 1, ...absent].join();
}

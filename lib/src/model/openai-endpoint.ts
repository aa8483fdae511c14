// An endpoint of the OpenAI HTTP API: vLLM, llama.cpp, Ollama, Together, OpenAI and the embedded server differ by base URL.
import OpenAI from 'openai';
import { ModelError } from '../core/errors.js';
import type { Completion } from '../schema/chat.js';
import type { ChatEndpoint, EndpointAnswer, SampleRequest } from './chat-model.js';
import { classifyFailure, EmptyAnswerError, toModelError } from './openai-failure.js';
import { withRequestSignal } from './request-signal.js';
import { withRetries, type RetryPolicy } from './retry.js';
import { readTokenLogprobs } from './token-logprobs.js';

/** Where an endpoint is and how to treat it. */
export interface OpenAIEndpointOptions {
  client: OpenAI;
  /** Distinguishes servers in the completion store; model names alone do not. */
  identityOf: (model: string) => string;
  retry: RetryPolicy;
}

/** Makes a client of the `openai` package; its own retries are off, since retries are counted here. */
export function createOpenAIClient(options: {
  baseUrl: string;
  apiKey: string | undefined;
  timeoutMs: number;
}): OpenAI {
  return new OpenAI({
    baseURL: options.baseUrl,
    // The package insists on a key; servers that want none ignore this one.
    apiKey: options.apiKey ?? 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: options.timeoutMs,
    logLevel: 'off',
  });
}

/** Samples through `POST /chat/completions`, surviving the quirks of the servers that offer it. */
export class OpenAIEndpoint implements ChatEndpoint {
  readonly #options: OpenAIEndpointOptions;
  #honoursN: boolean | null = null;
  /** A request with `n` was refused; a single one that is answered then shows that `n` was the reason. */
  #suspectsN = false;
  /** A request with `logprobs` was refused, and the same one without them was answered. */
  #refusesLogprobs = false;

  constructor(options: OpenAIEndpointOptions) {
    this.#options = options;
  }

  get honoursN(): boolean | null {
    return this.#honoursN;
  }

  identityOf(model: string): string {
    return this.#options.identityOf(model);
  }

  async sample(
    request: SampleRequest,
    options: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<EndpointAnswer> {
    if (request.nSamples === 1) {
      try {
        const answer = await this.#postWhatItTakes(request, options);
        if (this.#suspectsN) this.#honoursN = false;
        return { ...answer, completions: answer.completions.slice(0, 1) };
      } finally {
        this.#suspectsN = false;
      }
    }
    try {
      const answer = await this.#postWhatItTakes(request, options);
      if (answer.completions.length < request.nSamples) this.#honoursN = false;
      else this.#honoursN = true;
      return { ...answer, completions: answer.completions.slice(0, request.nSamples) };
    } catch (thrown) {
      const mayRefuseN =
        thrown instanceof ModelError && thrown.code === 'http-400' && this.#honoursN === null;
      if (!mayRefuseN) throw thrown;
      this.#suspectsN = true;
      return { completions: [], promptTokens: 0, completionTokens: 0, retries: 0 };
    }
  }

  /** Asks with log-probabilities where they are wanted, and without them where the server refuses them. */
  async #postWhatItTakes(
    request: SampleRequest,
    options: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<EndpointAnswer> {
    const { topLogprobs, ...plainSampling } = request.sampling;
    if (topLogprobs === undefined) return this.#post(request, options);
    // Another body wants another key: a server may hold the refusal against the first one.
    const plainKey = `${options.idempotencyKey}-plain`;
    const postPlain = (): Promise<EndpointAnswer> =>
      this.#post({ ...request, sampling: plainSampling }, { ...options, idempotencyKey: plainKey });
    if (this.#refusesLogprobs) return postPlain();
    try {
      return await this.#post(request, options);
    } catch (thrown) {
      const mayRefuseLogprobs =
        thrown instanceof ModelError && (thrown.code === 'http-400' || thrown.code === 'http-422');
      if (!mayRefuseLogprobs) throw thrown;
      const answer = await postPlain();
      this.#refusesLogprobs = true;
      return { ...answer, retries: answer.retries + 1 };
    }
  }

  async #post(
    request: SampleRequest,
    { idempotencyKey, signal }: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<EndpointAnswer> {
    const { client, retry } = this.#options;
    const { topLogprobs } = request.sampling;
    const body = {
      model: request.model,
      messages: request.messages,
      temperature: request.sampling.temperature,
      top_p: request.sampling.topP,
      max_tokens: request.sampling.maxTokens,
      seed: request.seed,
      ...(request.nSamples > 1 ? { n: request.nSamples } : {}),
      ...(topLogprobs === undefined ? {} : { logprobs: true, top_logprobs: topLogprobs }),
    };
    try {
      const { result, retries } = await withRetries(
        () =>
          withRequestSignal(signal, async (requestSignal) => {
            const answer = await client.chat.completions.create(body, {
              signal: requestSignal,
              headers: { 'Idempotency-Key': idempotencyKey },
            });
            return { completions: readChoices(answer, topLogprobs !== undefined), usage: answer.usage };
          }),
        { policy: retry, classify: classifyFailure, label: idempotencyKey, signal },
      );
      return {
        completions: result.completions,
        promptTokens: result.usage?.prompt_tokens ?? 0,
        completionTokens: result.usage?.completion_tokens ?? 0,
        retries,
      };
    } catch (thrown) {
      signal.throwIfAborted();
      throw toModelError(thrown, `${request.model} at ${client.baseURL}`);
    }
  }
}

/** The completions of an answer; servers have been seen to send errors and empty lists with status 200. */
function readChoices(answer: OpenAI.ChatCompletion, wantsTokens: boolean): Completion[] {
  const choices: unknown = (answer as Partial<OpenAI.ChatCompletion> | null)?.choices;
  if (!Array.isArray(choices) || choices.length === 0) throw new EmptyAnswerError(answer);
  return (choices as OpenAI.ChatCompletion.Choice[]).map((choice) => {
    const tokens = wantsTokens ? readTokenLogprobs(choice.logprobs) : null;
    return {
      text: choice.message.content ?? '',
      finishReason: choice.finish_reason,
      ...(tokens === null ? {} : { tokens }),
    };
  });
}

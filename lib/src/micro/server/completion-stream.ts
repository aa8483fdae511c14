// Server-sent events of a streaming completion: role, deltas, finish reasons, usage, [DONE].
// Reference: https://platform.openai.com/docs/api-reference/chat/streaming
import type { ServerResponse } from 'node:http';
import { endOfSequence } from '../tokenizer.js';
import type { SampledChoice, TokenListener, TokenLogprob } from '../types.js';
import type { ApiError } from './api-error.js';
import {
  logprobText,
  tokenText,
  usageOf,
  type ChatCompletion,
  type CompletionHead,
  type CompletionUsage,
  type LogprobText,
} from './chat-completion.js';
import { DeltaText } from './delta-text.js';

/** What a stream shows. */
export interface StreamShape {
  nChoices: number;
  stop: readonly string[];
  withLogprobs: boolean;
  includeUsage: boolean;
}

type Delta =
  { role: 'assistant'; content: string; refusal: null } | { content: string } | Record<string, never>;

/** One streaming answer. The joined deltas of a choice are exactly the content of the answer that does not stream. */
export class CompletionStream {
  readonly #response: ServerResponse;
  readonly #shape: StreamShape;
  readonly #texts: DeltaText[];
  readonly #logprobs: TokenLogprob[][];
  #head: CompletionHead | null = null;

  constructor(response: ServerResponse, shape: StreamShape) {
    this.#response = response;
    this.#shape = shape;
    this.#texts = Array.from({ length: shape.nChoices }, () => new DeltaText(shape.stop));
    this.#logprobs = Array.from({ length: shape.nChoices }, () => []);
  }

  /** Whether the status line has been sent, so that a failure can only be sent inside the stream. */
  get isOpen(): boolean {
    return this.#head !== null;
  }

  /** Sends the headers and the role of each choice. */
  open(head: CompletionHead, headers: Record<string, string> = {}): void {
    // Only these fields: a replay hands over the whole earlier answer.
    const { id, created, model, system_fingerprint } = head;
    this.#head = { id, created, model, system_fingerprint };
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...headers,
    });
    for (let index = 0; index < this.#shape.nChoices; index++) {
      this.#sendChoice(index, { role: 'assistant', content: '', refusal: null });
    }
  }

  /** Sends a token as soon as no stop text can take it back. */
  readonly onToken: TokenListener = (index, token, logprob) => {
    const text = this.#texts[index];
    if (text === undefined || token === endOfSequence) return;
    if (logprob !== null) this.#logprobs[index]?.push(logprob);
    const start = text.nReleased;
    this.#sendTokens(index, start, text.push(token));
  };

  /** Sends what is left of each choice, the finish reasons, the usage and the end mark. */
  finish(choices: readonly SampledChoice[], nPromptTokens: number): void {
    for (const [index, choice] of choices.entries()) {
      const text = this.#texts[index];
      if (text === undefined) continue;
      if (choice.logprobs !== null) this.#logprobs[index] = choice.logprobs;
      const start = text.nReleased;
      this.#sendTokens(index, start, text.finish(choice.tokens));
      this.#sendChoice(index, {}, { finishReason: choice.finishReason });
    }
    this.#end(usageOf(choices, nPromptTokens));
  }

  /** Streams a remembered answer, word by word like the first time. */
  replay(completion: ChatCompletion): void {
    for (const { index, message, logprobs, finish_reason: finishReason } of completion.choices) {
      // Each token is a word with the blank before it, so cutting before blanks gives the deltas of the first time.
      const deltas = message.content === '' ? [] : message.content.split(/(?= )/);
      for (const [position, content] of deltas.entries()) {
        this.#sendChoice(index, { content }, { logprobs: logprobs?.content.slice(position, position + 1) });
      }
      this.#sendChoice(index, {}, { finishReason });
    }
    this.#end(completion.usage);
  }

  /** Sends a failure inside the stream and ends it. */
  fail(error: ApiError): void {
    this.#write(error.body);
    this.#response.end();
  }

  #sendTokens(index: number, start: number, tokens: readonly number[]): void {
    for (const [offset, token] of tokens.entries()) {
      const position = start + offset;
      const logprob = this.#logprobs[index]?.[position];
      this.#sendChoice(
        index,
        { content: tokenText(token, position) },
        { logprobs: logprob === undefined ? undefined : [logprobText(logprob, position)] },
      );
    }
  }

  #sendChoice(
    index: number,
    delta: Delta,
    more: { logprobs?: LogprobText[] | undefined; finishReason?: 'stop' | 'length' } = {},
  ): void {
    const logprobs =
      this.#shape.withLogprobs && more.logprobs !== undefined
        ? { content: more.logprobs, refusal: null }
        : null;
    this.#sendChunk([{ index, delta, logprobs, finish_reason: more.finishReason ?? null }], null);
  }

  #sendChunk(choices: readonly object[], usage: CompletionUsage | null): void {
    // With include_usage every chunk has the field, null in all but the last.
    const usageField = this.#shape.includeUsage ? { usage } : {};
    this.#write({ object: 'chat.completion.chunk', ...this.#head, choices, ...usageField });
  }

  #end(usage: CompletionUsage): void {
    if (this.#shape.includeUsage) this.#sendChunk([], usage);
    this.#response.end('data: [DONE]\n\n');
  }

  #write(event: object): void {
    // The first client may have left while others still wait for the same answer.
    if (!this.#response.destroyed) this.#response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
}

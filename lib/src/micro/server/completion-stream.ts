// Server-sent events of a streaming completion: role, deltas, finish reasons, usage, [DONE].
// Reference: https://platform.openai.com/docs/api-reference/chat/streaming
import type { ServerResponse } from 'node:http';
import { endOfSequence } from '../tokenizer.js';
import type { TokenListener } from '../types.js';
import type { ApiError } from './api-error.js';
import {
  logprobText,
  tokenText,
  type ChatCompletion,
  type CompletionHead,
  type CompletionUsage,
  type LogprobText,
} from './chat-completion.js';
import type { ChatRequest } from './chat-request.js';
import { DeltaText } from './delta-text.js';

/** What a stream shows. */
type StreamShape = Pick<ChatRequest, 'nChoices' | 'stop' | 'topLogprobs' | 'includeUsage'>;

type Delta =
  { role: 'assistant'; content: string; refusal: null } | { content: string } | Record<string, never>;

/** One streaming answer. The joined deltas of a choice are exactly the content of the answer that does not stream. */
export class CompletionStream {
  readonly #response: ServerResponse;
  readonly #shape: StreamShape;
  readonly #texts: DeltaText[];
  readonly #logprobs: LogprobText[][];
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
  open(head: CompletionHead): void {
    // Only these fields: a replay hands over the whole earlier answer.
    const { id, created, model, system_fingerprint } = head;
    this.#head = { id, created, model, system_fingerprint };
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    for (let index = 0; index < this.#shape.nChoices; index++) {
      this.#sendChoice(index, { role: 'assistant', content: '', refusal: null });
    }
  }

  /** Sends a token as soon as no stop text can take it back. */
  readonly onToken: TokenListener = (index, token, logprob) => {
    const text = this.#texts[index];
    if (text === undefined || token === endOfSequence) return;
    const logprobs = this.#logprobs[index] ?? [];
    if (logprob !== null) logprobs.push(logprobText(logprob, logprobs.length));
    const start = text.nReleased;
    for (const [offset, released] of text.push(token).entries()) {
      const position = start + offset;
      this.#sendWord(index, tokenText(released, position), logprobs[position]);
    }
  };

  /** Sends what is left of each choice, the finish reasons, the usage and the end mark; of a remembered answer this is everything. */
  finish({ choices, usage }: ChatCompletion): void {
    for (const { index, message, logprobs, finish_reason: finishReason } of choices) {
      // Each token is a word with the blank before it, so cutting before blanks gives the text of each token.
      const words = message.content === '' ? [] : message.content.split(/(?= )/);
      const nReleased = this.#texts[index]?.nReleased ?? 0;
      for (const [position, content] of words.entries()) {
        if (position >= nReleased) this.#sendWord(index, content, logprobs?.content[position]);
      }
      this.#sendChoice(index, {}, { finishReason });
    }
    if (this.#shape.includeUsage) this.#sendChunk([], usage);
    this.#response.end('data: [DONE]\n\n');
  }

  /** Sends a failure inside the stream and ends it. */
  fail(error: ApiError): void {
    this.#write(error.body);
    this.#response.end();
  }

  #sendWord(index: number, content: string, logprob: LogprobText | undefined): void {
    this.#sendChoice(index, { content }, { logprobs: logprob === undefined ? undefined : [logprob] });
  }

  #sendChoice(
    index: number,
    delta: Delta,
    more: { logprobs?: LogprobText[] | undefined; finishReason?: 'stop' | 'length' } = {},
  ): void {
    const logprobs =
      this.#shape.topLogprobs !== null && more.logprobs !== undefined
        ? { content: more.logprobs, refusal: null }
        : null;
    this.#sendChunk([{ index, delta, logprobs, finish_reason: more.finishReason ?? null }], null);
  }

  #sendChunk(choices: readonly object[], usage: CompletionUsage | null): void {
    // With include_usage every chunk has the field, null in all but the last.
    const usageField = this.#shape.includeUsage ? { usage } : {};
    this.#write({ object: 'chat.completion.chunk', ...this.#head, choices, ...usageField });
  }

  #write(event: object): void {
    // The first client may have left while others still wait for the same answer.
    if (!this.#response.destroyed) this.#response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
}

// The body of a chat completion request: without what a server is known to refuse, and what to leave out after a refusal.
import type { ChatMessage } from '../schema/chat.js';
import type { SampleRequest } from './chat-endpoint.js';

/** Parameters that a server turned out to refuse. */
export interface Omissions {
  logprobs: boolean;
  seed: boolean;
}

/** The parameters that all servers of this API know; OpenAI itself has newer names for some, which others lack. */
export interface ChatBody {
  model: string;
  messages: ChatMessage[];
  temperature: number;
  top_p: number;
  max_tokens: number;
  seed?: number;
  n?: number;
  logprobs?: true;
  top_logprobs?: number;
}

/** The body as `POST /chat/completions` and batch files have it. */
export function chatBody(
  request: SampleRequest,
  omit: Omissions = { logprobs: false, seed: false },
): ChatBody {
  const { temperature, topP, maxTokens, topLogprobs } = request.sampling;
  return {
    model: request.model,
    messages: request.messages,
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    ...(omit.seed ? {} : { seed: request.seed }),
    ...(request.nSamples > 1 ? { n: request.nSamples } : {}),
    ...(topLogprobs === undefined || omit.logprobs ? {} : { logprobs: true, top_logprobs: topLogprobs }),
  };
}

/** Whether a failure means that the server refused this form of the request; another form may be accepted. */
export function isRefusalCode(code: string): boolean {
  return code === 'http-400' || code === 'http-422';
}

/**
 * The parameter that may be the reason of a refusal: logprobs, which many servers lack, or a seed, where the refusal names it; null where
 * none is left.
 */
export function suspectOf(
  request: SampleRequest,
  { message, omit }: { message: string; omit: Omissions },
): keyof Omissions | null {
  if (!omit.seed && /\bseed\b/i.test(message)) return 'seed';
  return request.sampling.topLogprobs !== undefined && !omit.logprobs ? 'logprobs' : null;
}

/** The key of a request in this form: another body needs another key, since a server may repeat its refusal for the first one. */
export function keyOfForm(idempotencyKey: string, request: SampleRequest, omit: Omissions): string {
  const isPlain = omit.logprobs && request.sampling.topLogprobs !== undefined;
  return `${idempotencyKey}${isPlain ? '-plain' : ''}${omit.seed ? '-unseeded' : ''}`;
}

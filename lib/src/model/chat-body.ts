// The form of a chat completion request: its body, fitted to what a server is known to take, and what to leave out after a refusal.
import type { ChatMessage } from '../schema/chat.js';
import type { SampleRequest } from './chat-endpoint.js';

/** What a server was found not to take. */
export interface Omissions {
  logprobs: boolean;
  seed: boolean;
}

/** The parameters that servers of this API have in common; OpenAI itself has newer names for some, which others lack. */
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

/** Whether a failure says that a server refused a request as such, which another form of it may mend. */
export function isRefusalCode(code: string): boolean {
  return code === 'http-400' || code === 'http-422';
}

/**
 * The parameter that a refusal may be about: logprobs, which many servers lack, or a seed, where the refusal names it; null where there
 * is none left to suspect.
 */
export function suspectOf(
  request: SampleRequest,
  { message, omit }: { message: string; omit: Omissions },
): keyof Omissions | null {
  if (!omit.seed && /\bseed\b/i.test(message)) return 'seed';
  return request.sampling.topLogprobs !== undefined && !omit.logprobs ? 'logprobs' : null;
}

/** The name of a request in this form: another body wants another one, since a server may hold a refusal against the first. */
export function keyOfForm(idempotencyKey: string, request: SampleRequest, omit: Omissions): string {
  const isPlain = omit.logprobs && request.sampling.topLogprobs !== undefined;
  return `${idempotencyKey}${isPlain ? '-plain' : ''}${omit.seed ? '-unseeded' : ''}`;
}

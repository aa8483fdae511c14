// The body of a chat completion request, fitted to what a server is known to take.
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

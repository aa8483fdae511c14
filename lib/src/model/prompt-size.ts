// Bounds and estimates of how many tokens a prompt has, where its tokenizer is not available.
import type { ChatMessage } from '../schema/chat.js';

/** Chat templates add a few tokens around each message; none in use adds more than this. */
const TEMPLATE_TOKENS = 16;

/** No tokenizer makes more tokens than a text has bytes in UTF-8. */
export function promptTokensAtMost(messages: readonly ChatMessage[]): number {
  return messages.reduce(
    (sum, { content }) => sum + Buffer.byteLength(content) + TEMPLATE_TOKENS,
    TEMPLATE_TOKENS,
  );
}

/** Mean length of a token of English text under the tokenizers of Llama 3, Mixtral and GPT-4o, in characters, about. */
export const CHARACTERS_PER_TOKEN = 4;

/** About how many tokens a text has, for servers that do not report it. */
export function tokensAbout(text: string, charactersPerToken: number = CHARACTERS_PER_TOKEN): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** Completion tokens that are reckoned with where a request has no bound: what reasoning models write at most, mostly. */
export const UNBOUNDED_TOKENS = 32_768;

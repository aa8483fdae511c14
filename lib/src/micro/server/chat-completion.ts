// Sampled choices as the OpenAI API shows them: text, log-probabilities, usage.
// Reference: https://platform.openai.com/docs/api-reference/chat/object
import { decodeTokens, endOfSequence } from '../tokenizer.js';
import type { SampledChoice, TokenLogprob } from '../types.js';

/** Log-probability of one token, as text. */
export interface LogprobText {
  token: string;
  logprob: number;
  bytes: number[];
  top_logprobs: { token: string; logprob: number; bytes: number[] }[];
}

/** Log-probabilities of a choice. */
export interface LogprobList {
  content: LogprobText[];
  refusal: null;
}

/** Token counts of a request. */
export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** What all parts of one answer have in common. */
export interface CompletionHead {
  id: string;
  /** Seconds since 1970. */
  created: number;
  model: string;
  system_fingerprint: string;
}

/** The body of a completion that does not stream. */
export interface ChatCompletion extends CompletionHead {
  object: 'chat.completion';
  choices: {
    index: number;
    message: { role: 'assistant'; content: string; refusal: null };
    logprobs: LogprobList | null;
    finish_reason: 'stop' | 'length';
  }[];
  usage: CompletionUsage;
}

/** JSON knows no infinity; this is what the OpenAI API writes for a token that cannot occur. */
const LOWEST_LOGPROB = -9999;

/** The whole answer of a request. */
export function completionOf(
  head: CompletionHead,
  choices: readonly SampledChoice[],
  nPromptTokens: number,
): ChatCompletion {
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    system_fingerprint: head.system_fingerprint,
    choices: choices.map((choice, index) => ({
      index,
      message: { role: 'assistant', content: decodeTokens(choice.tokens), refusal: null },
      logprobs: choice.logprobs === null ? null : { content: logprobTexts(choice), refusal: null },
      finish_reason: choice.finishReason,
    })),
    usage: usageOf(choices, nPromptTokens),
  };
}

/** Token counts; the prompt counts once, however many choices were drawn from it. */
export function usageOf(choices: readonly SampledChoice[], nPromptTokens: number): CompletionUsage {
  const nSampled = choices.reduce((sum, choice) => sum + choice.nSampled, 0);
  return {
    prompt_tokens: nPromptTokens,
    completion_tokens: nSampled,
    total_tokens: nPromptTokens + nSampled,
  };
}

/** The text that a token adds to a completion: its word, after a blank unless it is the first. */
export function tokenText(token: number, position: number): string {
  const word = decodeTokens([token]);
  // The end has no place in the text, so it gets no blank.
  return position === 0 || token === endOfSequence ? word : ` ${word}`;
}

/** A log-probability as text; `position` counts the tokens of the completion from 0. */
export function logprobText(entry: TokenLogprob, position: number): LogprobText {
  return {
    ...oneLogprob(entry, position),
    top_logprobs: entry.top.map((alternative) => oneLogprob(alternative, position)),
  };
}

function oneLogprob(
  entry: { token: number; logprob: number },
  position: number,
): Omit<LogprobText, 'top_logprobs'> {
  const token = tokenText(entry.token, position);
  return { token, logprob: Math.max(entry.logprob, LOWEST_LOGPROB), bytes: [...Buffer.from(token)] };
}

function logprobTexts({ tokens, logprobs }: SampledChoice): LogprobText[] {
  // The engine may report the end of the sequence too; it is no part of the content.
  return (logprobs ?? []).slice(0, tokens.length).map(logprobText);
}

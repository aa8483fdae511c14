// Counts tokens: exactly for the embedded model, otherwise estimated from the length of the text.
import { CHARACTERS_PER_TOKEN } from '../../model/index.js';
import type { ChatMessage, Completion } from '../../schema/chat.js';
import type { Assumption } from '../../schema/plan.js';
import type { ExperimentConfig } from '../config/config.js';
import { embeddedTokens } from '../open/embedded.js';

/** Counts tokens as the server of an experiment would, or estimates them. */
export interface TokenCounter {
  /** The rule of an estimate, e.g. `characters / 4`; null for an exact count. */
  readonly guess: string | null;
  /** @throws DataError for a prompt that the server would refuse */
  ofPrompt(messages: readonly ChatMessage[]): number;
  ofText(text: string): number;
  ofCompletion(completion: Completion): number;
}

/** Tokens that a chat template adds to a message, approximately: Llama 3 and ChatML add 4 or 5. */
const TOKENS_PER_MESSAGE = 4;

/** The counter of an experiment, and what it assumes. */
export function tokenCounterOf({ endpoint, plan }: ExperimentConfig): {
  counter: TokenCounter;
  assumption: Assumption;
} {
  const what = 'tokens of a known prompt';
  if (endpoint.provider === 'embedded') {
    const source = 'the tokenizer of the embedded model';
    return { counter: embeddedTokens, assumption: { what, value: 'exact', source } };
  }
  const charactersPerToken = plan.charactersPerToken ?? CHARACTERS_PER_TOKEN;
  // Not rounded: what is rounded is the sum.
  const ofText = (text: string): number => text.length / charactersPerToken;
  return {
    counter: {
      guess: `characters / ${charactersPerToken}`,
      ofText,
      ofPrompt: (messages) =>
        messages.reduce((sum, { content }) => sum + ofText(content) + TOKENS_PER_MESSAGE, 0),
      ofCompletion: ({ text }) => ofText(text),
    },
    assumption: {
      what,
      value: `characters / ${charactersPerToken}, and ${TOKENS_PER_MESSAGE} a message`,
      source:
        plan.charactersPerToken === undefined
          ? 'what is usual for English; set plan.charactersPerToken'
          : 'plan.charactersPerToken',
    },
  };
}

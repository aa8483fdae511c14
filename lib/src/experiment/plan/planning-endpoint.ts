// An endpoint that sends nothing: it answers from the completion store, and counts what it would have to ask for.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DataError, ModelError } from '../../core/errors.js';
import { addRecords } from '../../core/number-records.js';
import {
  completionKeys,
  type ChatEndpoint,
  type EndpointAnswer,
  type SampleRequest,
} from '../../model/index.js';
import type { ChatMessage, Completion } from '../../schema/chat.js';
import { REQUEST_KINDS, type RequestKind } from './tagged-pack.js';
import type { TokenCounter } from './token-counter.js';

/** Why an input of a stage is dropped while planning: what it needs next is not in the store. */
export const NOT_CACHED = 'not-cached';
/** Why an input is dropped, while planning as in a run: the server would refuse its prompt. */
export const UNREADABLE = 'unreadable-prompt';

/** Requests of one kind. */
export interface RequestTally {
  /** Requests that would be sent, their samples and their prompts. */
  nAsked: number;
  nAskedSamples: number;
  askedPromptTokens: number;
  /** Requests that the store answers, their samples and how long these are. */
  nCached: number;
  nCachedSamples: number;
  cachedPromptTokens: number;
  cachedCompletionTokens: number;
}

/** The requests of a stage by what they ask for. */
export type StageTally = Record<RequestKind, RequestTally>;

/** Finds completions by their keys, in order; null where there is none. */
export type CompletionLookup = (partition: string, keys: readonly string[]) => Promise<(Completion | null)[]>;

/** What a planning endpoint is made of. */
export interface PlanningEndpointOptions {
  identityOf: (model: string) => string;
  lookUp: CompletionLookup;
  tokens: TokenCounter;
  kindOf: (messages: readonly ChatMessage[]) => RequestKind;
}

/** Takes the place of a server. The real stages ask it, so a plan cannot differ from a run. */
export class PlanningEndpoint implements ChatEndpoint {
  /** A server that does not honour it is asked more often, and mostly bills the prompt each time. */
  readonly honoursN = true;
  readonly #options: PlanningEndpointOptions;
  /** Requests of earlier stages: a run would find their answers in the store by then. */
  readonly #askedBefore = new Set<string>();
  #tally = emptyTally();
  #nUnderWay = 0;

  constructor(options: PlanningEndpointOptions) {
    this.#options = options;
  }

  identityOf(model: string): string {
    return this.#options.identityOf(model);
  }

  /** @throws ModelError that concerns this request alone, unless the store holds all of it */
  async sample(request: SampleRequest): Promise<EndpointAnswer> {
    this.#nUnderWay++;
    try {
      return await this.#sample(request);
    } finally {
      this.#nUnderWay--;
    }
  }

  async #sample(request: SampleRequest): Promise<EndpointAnswer> {
    const { lookUp, kindOf, tokens } = this.#options;
    const { messages, model, nSamples } = request;
    const promptTokens = this.#promptTokensOf(messages);
    const tally = this.#tally[kindOf(messages)];
    const partition = this.identityOf(model);
    const keys = completionKeys(partition, request);
    const found = await lookUp(partition, keys);
    const completions = found.filter((completion) => completion !== null);
    // In part is not enough: a request is asked whole.
    if (completions.length === nSamples) {
      tally.nCached++;
      tally.nCachedSamples += nSamples;
      tally.cachedPromptTokens += promptTokens;
      for (const completion of completions) tally.cachedCompletionTokens += tokens.ofCompletion(completion);
      return { completions, promptTokens: 0, completionTokens: 0, retries: 0, errors: {} };
    }
    const whole = keys.at(-1) ?? '';
    if (this.#askedBefore.has(whole)) {
      tally.nCached++;
      tally.cachedPromptTokens += promptTokens;
    } else {
      this.#askedBefore.add(whole);
      tally.nAsked++;
      tally.nAskedSamples += nSamples;
      tally.askedPromptTokens += promptTokens;
    }
    throw planningError(NOT_CACHED, 'a completion in the store');
  }

  #promptTokensOf(messages: readonly ChatMessage[]): number {
    try {
      return this.#options.tokens.ofPrompt(messages);
    } catch (thrown) {
      if (thrown instanceof DataError) throw planningError(UNREADABLE, thrown.expected);
      throw thrown;
    }
  }

  /** Waits for requests that are still open after their input was dropped. @returns the counts since the last call */
  async takeTally(): Promise<StageTally> {
    do await nextTurn();
    while (this.#nUnderWay > 0);
    const tally = this.#tally;
    this.#tally = emptyTally();
    return tally;
  }
}

/** Requests of several kinds together. */
export function sumOfTallies(tallies: readonly RequestTally[]): RequestTally {
  return tallies.reduce((sum, tally) => addRecords(sum, tally), NO_REQUESTS);
}

const NO_REQUESTS: RequestTally = {
  nAsked: 0,
  nAskedSamples: 0,
  askedPromptTokens: 0,
  nCached: 0,
  nCachedSamples: 0,
  cachedPromptTokens: 0,
  cachedCompletionTokens: 0,
};

function emptyTally(): StageTally {
  const kinds = REQUEST_KINDS.map((kind) => [kind, { ...NO_REQUESTS }]);
  return Object.fromEntries(kinds) as StageTally;
}

function planningError(code: string, expected: string): ModelError {
  return new ModelError({
    subject: 'plan',
    expected,
    remedy: 'A run would send this request.',
    scope: 'request',
    code,
  });
}

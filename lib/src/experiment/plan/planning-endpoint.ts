// An endpoint that sends nothing: it answers from the completion store, and counts what it would have to ask for.
import { DataError } from '../../core/errors.js';
import { addRecords } from '../../core/number-records.js';
import type { SampleRequest } from '../../model/index.js';
import {
  notSampled,
  StoreEndpoint,
  type MissingRequest,
  type StoreEndpointOptions,
} from '../../model/store-endpoint.js';
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

/** What a planning endpoint is made of. */
export interface PlanningEndpointOptions extends StoreEndpointOptions {
  tokens: TokenCounter;
  kindOf: (messages: readonly ChatMessage[]) => RequestKind;
  /** Called with every request whose prompt a server could read, and the tokens of the prompt. */
  onRequest?: (request: SampleRequest, promptTokens: number) => void;
}

/** Counts what the real stages ask for, so a plan cannot differ from a run. */
export class PlanningEndpoint extends StoreEndpoint<StageTally> {
  readonly #tokens: TokenCounter;
  readonly #kindOf: PlanningEndpointOptions['kindOf'];
  readonly #onRequest: PlanningEndpointOptions['onRequest'];
  /** Requests of earlier stages: a run would find their answers in the store by then. */
  readonly #askedBefore = new Set<string>();

  constructor({ tokens, kindOf, onRequest, ...options }: PlanningEndpointOptions) {
    super(options, emptyTally);
    this.#tokens = tokens;
    this.#kindOf = kindOf;
    this.#onRequest = onRequest;
  }

  protected onFound(request: SampleRequest, completions: readonly Completion[]): void {
    const promptTokens = this.#promptTokensOf(request);
    const tally = this.#tallyOf(request);
    tally.nCached++;
    tally.nCachedSamples += completions.length;
    tally.cachedPromptTokens += promptTokens;
    for (const completion of completions)
      tally.cachedCompletionTokens += this.#tokens.ofCompletion(completion);
  }

  /** A request of which the store has a part is counted whole. */
  protected onMissing(request: SampleRequest, { keys }: MissingRequest): string {
    const promptTokens = this.#promptTokensOf(request);
    const tally = this.#tallyOf(request);
    const whole = keys.at(-1) ?? '';
    if (this.#askedBefore.has(whole)) {
      tally.nCached++;
      tally.cachedPromptTokens += promptTokens;
    } else {
      this.#askedBefore.add(whole);
      tally.nAsked++;
      tally.nAskedSamples += request.nSamples;
      tally.askedPromptTokens += promptTokens;
    }
    return NOT_CACHED;
  }

  #tallyOf({ messages }: SampleRequest): RequestTally {
    return this.counts[this.#kindOf(messages)];
  }

  #promptTokensOf(request: SampleRequest): number {
    try {
      const promptTokens = this.#tokens.ofPrompt(request.messages);
      this.#onRequest?.(request, promptTokens);
      return promptTokens;
    } catch (thrown) {
      if (thrown instanceof DataError) throw notSampled(request, UNREADABLE, thrown.expected);
      throw thrown;
    }
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

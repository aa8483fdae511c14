// The base of endpoints that send nothing: they answer from the completion store and record the requests that it lacks.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ModelError } from '../core/errors.js';
import type { Completion } from '../schema/chat.js';
import {
  NOTHING_USED,
  type AskOptions,
  type ChatEndpoint,
  type EndpointAnswer,
  type SampleRequest,
} from './chat-endpoint.js';
import { completionKeys } from './completion-key.js';
import type { CompletionCache } from './completion-cache.js';

/** Where an endpoint finds completions. */
export interface StoreEndpointOptions {
  identityOf: (model: string) => string;
  /** Finds completions by their keys, in order; null where there is none. */
  lookUp: CompletionCache['getAll'];
}

/** A request of which the store lacks at least one completion. */
export interface MissingRequest {
  /** The key under which the engine would have sent it; unique to its content, 64 characters. */
  idempotencyKey: string;
  /** Where its completions belong in the store, one key for each sample. */
  partition: string;
  keys: readonly string[];
  /** What the store has, in the order of the keys; null where there is none. */
  found: readonly (Completion | null)[];
}

/** Takes the place of a server. The real stages ask it, so that it sees the requests that a run would send. */
export abstract class StoreEndpoint<Counts> implements ChatEndpoint {
  /** Requests are seen whole, also if a server would be asked for their completions one by one. */
  readonly honoursN = true;
  /** What was counted since the last call of {@link takeCounts}. */
  protected counts: Counts;
  readonly #options: StoreEndpointOptions;
  readonly #noCounts: () => Counts;
  /** One for each model and code, since there may be millions. */
  readonly #refusals = new Map<string, ModelError>();
  #nUnderWay = 0;
  #failure: { thrown: unknown } | null = null;

  constructor(options: StoreEndpointOptions, noCounts: () => Counts) {
    this.#options = options;
    this.#noCounts = noCounts;
    this.counts = noCounts();
  }

  /** Records a request that the store answers. */
  protected abstract onFound(request: SampleRequest, completions: readonly Completion[]): void;

  /** Records a request that the store does not answer. @returns the code of its {@link ModelError} */
  protected abstract onMissing(request: SampleRequest, missing: MissingRequest): string | Promise<string>;

  identityOf(model: string): string {
    return this.#options.identityOf(model);
  }

  /**
   * The signal is ignored: a request is recorded even if its input is dropped meanwhile.
   * @throws ModelError that concerns this request alone, unless the store holds all of it; DataError when it cannot be recorded
   */
  async sample(request: SampleRequest, { idempotencyKey }: AskOptions): Promise<EndpointAnswer> {
    this.#nUnderWay++;
    try {
      const partition = this.identityOf(request.model);
      const keys = completionKeys(partition, request);
      const found = await this.#options.lookUp(partition, keys);
      const completions = found.filter((completion) => completion !== null);
      if (completions.length < keys.length) {
        const missing = { idempotencyKey, partition, keys, found };
        throw this.#refusal(request, await this.onMissing(request, missing));
      }
      this.onFound(request, completions);
      return { ...NOTHING_USED, completions };
    } catch (thrown) {
      if (!(thrown instanceof ModelError)) this.#failure ??= { thrown };
      throw thrown;
    } finally {
      this.#nUnderWay--;
    }
  }

  #refusal(request: SampleRequest, code: string): ModelError {
    const key = JSON.stringify([request.model, code]);
    const refusal = this.#refusals.get(key) ?? notSampled(request, code);
    this.#refusals.set(key, refusal);
    return refusal;
  }

  /**
   * Waits for requests that are still under way after their input was dropped, and returns what was counted since the last call.
   * @throws the error of a request that could not be recorded
   */
  async takeCounts(): Promise<Counts> {
    do await nextTurn();
    while (this.#nUnderWay > 0);
    if (this.#failure) throw this.#failure.thrown;
    const counts = this.counts;
    this.counts = this.#noCounts();
    return counts;
  }
}

/** The error for a request that was not sent. @param expected default: a completion in the store */
export function notSampled(
  { model }: Pick<SampleRequest, 'model'>,
  code: string,
  expected = 'a completion in the store',
): ModelError {
  return new ModelError({
    subject: `request to ${model}, not sent`,
    expected,
    remedy: 'A run would send this request.',
    scope: 'request',
    code,
  });
}

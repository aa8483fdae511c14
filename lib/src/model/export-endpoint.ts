// An endpoint that sends nothing: it answers from the completion store, and passes missing requests on to be written into files.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ModelError } from '../core/errors.js';
import { deriveSeed } from '../core/random.js';
import type { AskOptions, ChatEndpoint, EndpointAnswer, SampleRequest } from './chat-endpoint.js';
import { completionKeys } from './chat-model.js';
import type { CompletionCache } from './completion-cache.js';

/** Why an input of a stage is dropped during an export: what it needs next is not in the store. */
export const EXPORTED = 'exported';
/** Why an input of a stage is dropped: its request fits into no file. */
export const TOO_LARGE = 'too-large';

/** A request that the store lacks. */
export interface ExportedRequest {
  /** The key under which the engine would have sent it; unique to its content, 64 characters. */
  customId: string;
  /** Where its completions belong in the store, one key for each sample. */
  partition: string;
  keys: readonly string[];
  request: SampleRequest;
}

/** What an exporting endpoint is made of. */
export interface ExportEndpointOptions {
  identityOf: (model: string) => string;
  /** Finds completions by their keys, in order; null where there is none. */
  lookUp: CompletionCache['getAll'];
  /** Why a request is not to be sent again, as a short code; null where it may be sent. */
  givenUpAs: (customId: string) => string | null;
  /** Writes a request; false where it is too large for any file. @throws DataError */
  write: (exported: ExportedRequest) => Promise<boolean>;
}

/** What was counted since the last call of `takeCounts`. */
export interface ExportCounts {
  /** Requests that were written. */
  nWritten: number;
  /** Requests that were too large to be written. */
  nTooLarge: number;
  /** Requests that failed for good before and were skipped. */
  nGivenUp: number;
}

/** Takes the place of the server: the real stages ask it, so that an export holds what a run would ask for. */
export class ExportEndpoint implements ChatEndpoint {
  /** Requests are written whole; where the store has a part of one, the rest is written one by one, as the engine sends it. */
  readonly honoursN = true;
  readonly #options: ExportEndpointOptions;
  /** Custom ids of all stages together, at about a hundred bytes each. */
  readonly #writtenBefore = new Set<string>();
  /** Requests that were counted as given up or too large; stages are run more than once. */
  readonly #passedOver = new Set<string>();
  #counts = noCounts();
  #nUnderWay = 0;
  #failure: { thrown: unknown } | null = null;

  constructor(options: ExportEndpointOptions) {
    this.#options = options;
  }

  identityOf(model: string): string {
    return this.#options.identityOf(model);
  }

  /**
   * The signal is ignored: a request that has begun is written, even if its input is dropped already.
   * @throws ModelError that concerns this request alone, unless the store holds all of it; DataError when it cannot be written
   */
  async sample(request: SampleRequest, { idempotencyKey }: AskOptions): Promise<EndpointAnswer> {
    this.#nUnderWay++;
    try {
      return await this.#sample(request, idempotencyKey);
    } catch (thrown) {
      if (!(thrown instanceof ModelError)) this.#failure ??= { thrown };
      throw thrown;
    } finally {
      this.#nUnderWay--;
    }
  }

  async #sample(request: SampleRequest, idempotencyKey: string): Promise<EndpointAnswer> {
    const partition = this.identityOf(request.model);
    const keys = completionKeys(partition, request);
    const found = await this.#options.lookUp(partition, keys);
    const completions = found.filter((completion) => completion !== null);
    if (completions.length === keys.length)
      return { completions, promptTokens: 0, completionTokens: 0, retries: 0, errors: {} };
    const isWhole = completions.length === 0;
    const missing: ExportedRequest[] = isWhole
      ? [{ customId: idempotencyKey, partition, keys, request }]
      : keys.flatMap((key, i) =>
          found[i] === null ? [{ customId: key, partition, keys: [key], request: singleOf(request, i) }] : [],
        );
    for (const { customId } of missing) {
      const code = this.#options.givenUpAs(customId);
      if (code === null) continue;
      if (this.#isFirstPass(customId)) this.#counts.nGivenUp++;
      throw notSampled(request, code);
    }
    for (const exported of missing) await this.#export(exported);
    throw notSampled(request, EXPORTED);
  }

  async #export(exported: ExportedRequest): Promise<void> {
    const { customId, request } = exported;
    if (this.#writtenBefore.has(customId)) return;
    this.#writtenBefore.add(customId);
    if (await this.#options.write(exported)) {
      this.#counts.nWritten++;
      return;
    }
    this.#writtenBefore.delete(customId);
    if (this.#isFirstPass(customId)) this.#counts.nTooLarge++;
    throw notSampled(request, TOO_LARGE);
  }

  /** Whether a request is skipped for the first time. */
  #isFirstPass(customId: string): boolean {
    if (this.#passedOver.has(customId)) return false;
    this.#passedOver.add(customId);
    return true;
  }

  /**
   * Waits for requests that outlive the drop of their input, and returns what was counted since the last call.
   * @throws the error of a request that could not be written
   */
  async takeCounts(): Promise<ExportCounts> {
    do await nextTurn();
    while (this.#nUnderWay > 0);
    if (this.#failure) throw this.#failure.thrown;
    const counts = this.#counts;
    this.#counts = noCounts();
    return counts;
  }
}

/** One sample of a request, with the seed under which `ChatModel` asks for it alone. */
function singleOf(request: SampleRequest, sampleIndex: number): SampleRequest {
  const seed = sampleIndex === 0 ? request.seed : deriveSeed(request.seed, 'sample', sampleIndex);
  return { ...request, nSamples: 1, seed };
}

function noCounts(): ExportCounts {
  return { nWritten: 0, nTooLarge: 0, nGivenUp: 0 };
}

function notSampled({ model }: SampleRequest, code: string): ModelError {
  return new ModelError({
    subject: `export of a request to ${model}`,
    expected: 'a completion in the store',
    remedy: 'This stands for a request that a run would send.',
    scope: 'request',
    code,
  });
}

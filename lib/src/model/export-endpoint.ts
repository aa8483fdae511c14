// An endpoint that sends nothing: it answers from the completion store, and passes missing requests on to be written into files.
import { deriveSeed } from '../core/random.js';
import type { SampleRequest } from './chat-endpoint.js';
import { StoreEndpoint, type MissingRequest, type StoreEndpointOptions } from './store-endpoint.js';

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
export interface ExportEndpointOptions extends StoreEndpointOptions {
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

/** Where the store has a part of a request, the rest is written one by one, as the engine sends it. */
export class ExportEndpoint extends StoreEndpoint<ExportCounts> {
  readonly #options: ExportEndpointOptions;
  /** Custom ids of requests that were written or counted as skipped, at about a hundred bytes each; stages are run more than once. */
  readonly #written = new Set<string>();
  readonly #skipped = new Set<string>();

  constructor(options: ExportEndpointOptions) {
    super(options, () => ({ nWritten: 0, nTooLarge: 0, nGivenUp: 0 }));
    this.#options = options;
  }

  protected onFound(): void {
    // Nothing is left to export.
  }

  protected async onMissing(request: SampleRequest, missing: MissingRequest): Promise<string> {
    const parts = partsOf(request, missing);
    for (const { customId } of parts) {
      const code = this.#options.givenUpAs(customId);
      if (code !== null) return this.#skip(customId, 'nGivenUp', code);
    }
    for (const part of parts)
      if (!(await this.#write(part))) return this.#skip(part.customId, 'nTooLarge', TOO_LARGE);
    return EXPORTED;
  }

  /** @returns false where it is too large */
  async #write(exported: ExportedRequest): Promise<boolean> {
    const { customId } = exported;
    if (this.#written.has(customId)) return true;
    this.#written.add(customId);
    const fits = await this.#options.write(exported);
    if (fits) this.counts.nWritten++;
    else this.#written.delete(customId);
    return fits;
  }

  /** Counts a request once. @returns the code */
  #skip(customId: string, as: 'nTooLarge' | 'nGivenUp', code: string): string {
    if (!this.#skipped.has(customId)) this.counts[as]++;
    this.#skipped.add(customId);
    return code;
  }
}

/** The whole request where the store has nothing of it, else one request for each missing sample, with the seed that `ChatModel` gives it. */
function partsOf(
  request: SampleRequest,
  { idempotencyKey, partition, keys, found }: MissingRequest,
): ExportedRequest[] {
  if (found.every((completion) => completion === null))
    return [{ customId: idempotencyKey, partition, keys, request }];
  return keys.flatMap((key, i) => {
    if (found[i] !== null) return [];
    const seed = i === 0 ? request.seed : deriveSeed(request.seed, 'sample', i);
    return [{ customId: key, partition, keys: [key], request: { ...request, nSamples: 1, seed } }];
  });
}

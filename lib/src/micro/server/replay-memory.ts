// Idempotency keys: a request repeated under its key gets the first answer again, without computing it again.
// After https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
import { ApiError, badRequest } from './api-error.js';

/** An answer, or the computation of it, which clients wait for. */
interface Entry {
  bodyHash: string;
  answer: Promise<string>;
  /** What it costs once it is known; null while it is computed. */
  nBytes: number | null;
  nWaiters: number;
  abort: AbortController;
}

/** What one entry costs besides its texts: map slot, object, strings' headers. A rough figure in bytes. */
const ENTRY_OVERHEAD_BYTES = 200;

/** Longest accepted key, in characters. */
export const MAX_KEY_LENGTH = 255;

/**
 * Remembers answers by key, the least recently used forgotten first once `maxBytes` are exceeded. A request that comes
 * while its twin is still computed joins it; the computation is aborted when the last one waiting has gone.
 */
export class ReplayMemory {
  readonly #maxBytes: number;
  /** In order of last use: a Map keeps the order of insertion. */
  readonly #entries = new Map<string, Entry>();
  #nBytes = 0;

  /** @param maxBytes bound of all remembered answers together */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The answer of `compute`, or of an earlier call with the same key and body.
   * @param options.key null: compute without remembering
   * @param options.client aborts when the asking client goes away
   * @throws ApiError 422 when the key was used with another body; whatever `compute` throws (which is not remembered)
   */
  async answer(
    options: { key: string | null; bodyHash: string; client: AbortSignal },
    compute: (signal: AbortSignal) => Promise<string>,
  ): Promise<{ answer: string; isReplay: boolean }> {
    const { key, bodyHash, client } = options;
    if (key === null) return { answer: await compute(client), isReplay: false };
    const known = this.#entries.get(key);
    if (known !== undefined && known.bodyHash !== bodyHash) throw keyReused();
    if (known === undefined) {
      return { answer: await this.#wait(key, this.#start(key, bodyHash, compute), client), isReplay: false };
    }
    if (known.nBytes !== null) this.#touch(key, known);
    return { answer: await this.#wait(key, known, client), isReplay: true };
  }

  #start(key: string, bodyHash: string, compute: (signal: AbortSignal) => Promise<string>): Entry {
    const abort = new AbortController();
    const entry: Entry = { bodyHash, answer: compute(abort.signal), nBytes: null, nWaiters: 0, abort };
    this.#entries.set(key, entry);
    entry.answer.then(
      (answer) => {
        if (this.#entries.get(key) !== entry) return;
        entry.nBytes = key.length + bodyHash.length + answer.length + ENTRY_OVERHEAD_BYTES;
        this.#nBytes += entry.nBytes;
        this.#touch(key, entry);
        this.#forgetOldest();
      },
      () => {
        this.#forget(key, entry);
      },
    );
    return entry;
  }

  async #wait(key: string, entry: Entry, client: AbortSignal): Promise<string> {
    entry.nWaiters++;
    const leave = (): void => {
      entry.nWaiters--;
      if (entry.nWaiters > 0 || entry.nBytes !== null) return;
      // Forgotten at once, so that a client who comes back in this moment starts a new computation.
      this.#forget(key, entry);
      entry.abort.abort();
    };
    if (client.aborted) leave();
    else client.addEventListener('abort', leave, { once: true });
    try {
      return await entry.answer;
    } finally {
      client.removeEventListener('abort', leave);
    }
  }

  /** Makes an entry the one that was used last. */
  #touch(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #forgetOldest(): void {
    for (const [key, { nBytes }] of this.#entries) {
      if (this.#nBytes <= this.#maxBytes) break;
      if (nBytes === null) continue;
      this.#entries.delete(key);
      this.#nBytes -= nBytes;
    }
  }
}

/** A key came back with a different request. */
export function keyReused(): ApiError {
  return new ApiError(
    422,
    'This Idempotency-Key was used before with a different request body. Use a new key for a new request.',
    { code: 'idempotency_key_reused' },
  );
}

/** The value of the Idempotency-Key header; null where there is none. @throws ApiError 400 for an unusable one */
export function idempotencyKeyOf(headers: Record<string, string | string[] | undefined>): string | null {
  const value = headers['idempotency-key'];
  if (value === undefined) return null;
  if (typeof value !== 'string' || value === '' || value.length > MAX_KEY_LENGTH) {
    throw badRequest(`The header Idempotency-Key must hold 1 to ${MAX_KEY_LENGTH} characters.`, {
      code: 'invalid_idempotency_key',
    });
  }
  return value;
}

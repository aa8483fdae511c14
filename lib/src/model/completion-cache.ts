// Where completions are kept between runs and processes; the completion store of `store/` fits.
import type { Completion } from '../schema/chat.js';

/** A completion and its content address. */
export interface CacheEntry {
  key: string;
  completion: Completion;
}

/** What a process announced to compute. */
export interface Claim {
  /** Gives it back, with or without completions put in; others that wait go on. Never throws. */
  release: () => void;
}

/** A cache of completions, partitioned by the identity of the model that gives them. */
export interface CompletionCache {
  /** The completions of these keys in their order; null where there is none. @throws DataError */
  getAll(partition: string, keys: readonly string[]): Promise<(Completion | null)[]>;
  /** What `getAll` would give, where that is at hand; else null. At hundreds of thousands of completions waiting would be felt. */
  peekAll?(partition: string, keys: readonly string[]): (Completion | null)[] | null;
  /** Resolves when all entries are durable. @throws DataError */
  put(partition: string, entries: readonly CacheEntry[]): Promise<void>;
  /**
   * Announces that this process is about to compute what `name` stands for. Where another living process announced it before, this
   * waits until that one gave it back or died. What others put before it resolves is found by `getAll` afterwards.
   * @throws DataError; the signal's reason when it aborts
   */
  claim(partition: string, name: string, signal: AbortSignal): Promise<Claim>;
}

/** A cache that has nothing and keeps nothing, for endpoints that look the store up themselves. */
export const NO_COMPLETIONS: CompletionCache = {
  getAll: (_, keys) => Promise.resolve(keys.map(() => null)),
  put: () => Promise.resolve(),
  claim: () => Promise.resolve({ release: () => undefined }),
};

// The interface of what stores completions between runs and processes, such as the completion store of `store/`.
import type { Completion } from '../schema/chat.js';

/** A completion and its content address. */
export interface CacheEntry {
  key: string;
  completion: Completion;
}

/** A claim of a process: what it is about to compute. */
export interface Claim {
  /** Releases it, with or without completions stored; waiting processes go on. Never throws. */
  release: () => void;
}

/** A cache of completions, partitioned by the identity of the model that gives them. */
export interface CompletionCache {
  /** The completions of these keys in their order; null where there is none. @throws DataError */
  getAll(partition: string, keys: readonly string[]): Promise<(Completion | null)[]>;
  /** What `getAll` would give, where that is in memory; else null. With hundreds of thousands of completions, promises cost time. */
  peekAll?(partition: string, keys: readonly string[]): (Completion | null)[] | null;
  /** Resolves when all entries are durable. @throws DataError */
  put(partition: string, entries: readonly CacheEntry[]): Promise<void>;
  /**
   * Claims what `name` identifies for this process. Where another living process has claimed it, this waits until that process has
   * released it or ended. What others stored before this resolves is found by `getAll` afterwards.
   * @throws DataError; the signal's reason when it aborts
   */
  claim(partition: string, name: string, signal: AbortSignal): Promise<Claim>;
}

/** A cache that is always empty, for endpoints that read the store themselves. */
export const NO_COMPLETIONS: CompletionCache = {
  getAll: (_, keys) => Promise.resolve(keys.map(() => null)),
  put: () => Promise.resolve(),
  claim: () => Promise.resolve({ release: () => undefined }),
};

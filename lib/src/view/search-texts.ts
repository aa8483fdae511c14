// Searches texts one by one until a page is full, and lets others have a turn.
import type { PageBounds } from './judgment-filter.js';

/** Texts that are searched before others have a turn. */
const TEXTS_A_TURN = 200;

/** A page of the candidates that pass. */
export interface FoundPage {
  shown: number[];
  /** How many pass, of those that were searched. */
  total: number;
  /** Whether all were searched. */
  isWhole: boolean;
}

/**
 * Reads candidates in their order until one more than the page holds has passed.
 * @param passes null: all do, and none is read
 * @throws the signal's reason when it aborts
 */
export async function searchedPage(
  candidates: readonly number[],
  { offset, limit, signal }: PageBounds & { signal: AbortSignal },
  passes: ((candidate: number) => Promise<boolean>) | null,
): Promise<FoundPage> {
  if (!passes)
    return { shown: candidates.slice(offset, offset + limit), total: candidates.length, isWhole: true };
  const found: number[] = [];
  let isWhole = true;
  for (const [i, candidate] of candidates.entries()) {
    if (i % TEXTS_A_TURN === 0) {
      signal.throwIfAborted();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (await passes(candidate)) found.push(candidate);
    isWhole = found.length <= offset + limit;
    if (!isWhole) break;
  }
  return { shown: found.slice(offset, offset + limit), total: found.length, isWhole };
}

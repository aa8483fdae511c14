// Bounded retries with jittered exponential backoff.
import { pause } from '../core/pause.js';
import { deriveRandom } from '../core/random.js';

/** How patient to be. */
export interface RetryPolicy {
  /** Attempts in all, 1 or more. */
  maxAttempts: number;
  /** Upper bound of the first wait, in milliseconds; it doubles with each attempt. */
  firstWaitMs: number;
  /** No wait is longer, in milliseconds, unless the server asks for it. */
  longestWaitMs: number;
}

/** What an attempt's failure means. */
export type FailureKind = { retry: false } | { retry: true; retryAfterMs: number | null };

/** A server that asks for a longer pause than this is not waited for; the failure is reported instead. */
const LONGEST_HONOURED_PAUSE_MS = 120_000;

/**
 * Runs `attempt` until it succeeds, fails for good or attempts run out; then the last failure is thrown as it is.
 * Waits are drawn uniformly from [half, whole] of the bound, from the random stream of `label`.
 * @returns the result and how many attempts were repeated
 */
export async function withRetries<Result>(
  attempt: () => Promise<Result>,
  options: {
    policy: RetryPolicy;
    classify: (thrown: unknown) => FailureKind;
    label: string;
    signal: AbortSignal;
  },
): Promise<{ result: Result; retries: number }> {
  const { policy, classify, label, signal } = options;
  const random = deriveRandom('retry', label);
  for (let retries = 0; ; retries++) {
    try {
      return { result: await attempt(), retries };
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = classify(thrown);
      if (!failure.retry || retries + 1 >= policy.maxAttempts) throw thrown;
      if ((failure.retryAfterMs ?? 0) > LONGEST_HONOURED_PAUSE_MS) throw thrown;
      const bound = Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** retries);
      const waitMs = Math.max(failure.retryAfterMs ?? 0, bound * (0.5 + random.next() / 2));
      await pause(waitMs, signal);
    }
  }
}

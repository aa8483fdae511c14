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
  /** Goes on beyond `maxAttempts` until so long after the first failure, in milliseconds; absent: it does not. */
  giveUpAfterMs?: number | undefined;
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
  const { giveUpAfterMs = 0 } = policy;
  let firstFailureMs: number | null = null;
  for (let retries = 0; ; retries++) {
    try {
      return { result: await attempt(), retries };
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = classify(thrown);
      if (!failure.retry) throw thrown;
      const now = performance.now();
      firstFailureMs ??= now;
      const isPatient = now - firstFailureMs < giveUpAfterMs;
      if (retries + 1 >= policy.maxAttempts && !isPatient) throw thrown;
      if ((failure.retryAfterMs ?? 0) > Math.max(LONGEST_HONOURED_PAUSE_MS, giveUpAfterMs)) throw thrown;
      const bound = Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** retries);
      const waitMs = Math.max(failure.retryAfterMs ?? 0, bound * (0.5 + random.next() / 2));
      await pause(waitMs, signal);
    }
  }
}

// Back-off: a bounded number of attempts with growing, random pauses between them.
import { pause } from './pause.js';
import type { Random } from './random.js';

/** How the pauses of a series grow. */
export interface PauseGrowth {
  /** The first pause, in milliseconds. */
  firstWaitMs: number;
  /** No pause is longer, in milliseconds. */
  longestWaitMs: number;
  /** Factor from each pause to the next. Default: 2. */
  factor?: number;
}

/** How often a failed attempt is repeated. */
export interface RetryPolicy extends PauseGrowth {
  /** Attempts in a row without progress, 1 or more. */
  maxAttempts: number;
  /** Retries beyond `maxAttempts` until this long after the first failure, in milliseconds. Default: 0, never beyond. */
  giveUpAfterMs?: number | undefined;
}

/**
 * How to handle the failure of an attempt. `retryAfterMs` is the pause that the server requested, or null; `maxAttempts` lowers the bound
 * of the policy for this kind of failure.
 */
export type FailureKind =
  { retry: false } | { retry: true; retryAfterMs: number | null; maxAttempts?: number | undefined };

/** A clock and a way to wait. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now: () => number;
  /** @throws the signal's reason as soon as it aborts */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The system clock. */
export const STEADY_CLOCK: Clock = { now: () => performance.now(), pause };

/** The longest server-requested pause that is respected; for a longer one the failure is reported. */
const LONGEST_HONOURED_PAUSE_MS = 120_000;

/** Pause number `n` of a growing series, in milliseconds. @param n from 1 */
export function growingPauseMs({ firstWaitMs, longestWaitMs, factor = 2 }: PauseGrowth, n: number): number {
  return Math.min(longestWaitMs, firstWaitMs * factor ** (n - 1));
}

/** The same with jitter: uniform between half of that pause and the whole. */
export function jitteredPauseMs(growth: PauseGrowth, n: number, random: Random): number {
  return growingPauseMs(growth, n) * (0.5 + random.next() / 2);
}

/**
 * Runs `attempt` until it succeeds, fails permanently, or no attempt is left; then the last failure is thrown unchanged.
 * @param options.random the stream of the pauses, such as `deriveRandom('retry', url)`
 * @param options.hasProgressed called after each failure: whether the attempt made lasting progress, which resets the count of attempts.
 * Default: never.
 * @throws the last failure; the signal's reason when it aborts
 */
export async function withRetries<Result>(
  attempt: () => Promise<Result>,
  options: {
    policy: RetryPolicy;
    classify: (thrown: unknown) => FailureKind;
    random: Random;
    signal: AbortSignal;
    hasProgressed?: () => boolean;
    clock?: Clock;
  },
): Promise<Result> {
  const { policy, classify, random, signal, hasProgressed = () => false, clock = STEADY_CLOCK } = options;
  const { giveUpAfterMs = 0 } = policy;
  let firstFailureMs: number | null = null;
  for (let nFailed = 0; ;) {
    try {
      return await attempt();
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = classify(thrown);
      if (!failure.retry) throw thrown;
      nFailed = hasProgressed() ? 1 : nFailed + 1;
      firstFailureMs ??= clock.now();
      const maxAttempts = Math.min(policy.maxAttempts, failure.maxAttempts ?? Infinity);
      if (nFailed >= maxAttempts && clock.now() - firstFailureMs >= giveUpAfterMs) throw thrown;
      const askedMs = failure.retryAfterMs ?? 0;
      if (askedMs > Math.max(LONGEST_HONOURED_PAUSE_MS, giveUpAfterMs)) throw thrown;
      await clock.pause(Math.max(askedMs, jitteredPauseMs(policy, nFailed, random)), signal);
    }
  }
}

// What was asked of a model, what went wrong on the way, and what it cost.
import { z } from 'zod';

export const usageSchema = z.strictObject({
  /** Requests that reached the endpoint and were answered. */
  requests: z.int().min(0),
  /** Attempts that failed and were repeated. */
  retries: z.int().min(0),
  /** Attempts that failed, repeated or not, by cause, e.g. `http-429`, `timeout`. */
  errors: z.record(z.string(), z.int().min(1)).default({}),
  /** Completions that came from the endpoint. */
  completions: z.int().min(0),
  /** Completions that came from the completion store, free of charge. */
  cachedCompletions: z.int().min(0),
  promptTokens: z.int().min(0),
  completionTokens: z.int().min(0),
  /** US dollars by the price table of the experiment; null where a model that was asked has no price in it. */
  costUsd: z.number().min(0).nullable().default(null),
});
/** Counters of one stage or run. */
export type Usage = z.infer<typeof usageSchema>;

/** The counters of nothing. */
export const NO_USAGE: Usage = {
  requests: 0,
  retries: 0,
  errors: {},
  completions: 0,
  cachedCompletions: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
};

/** The sum of two counters, or, with `sign` -1, what came since `b`. */
export function addUsage(a: Usage, b: Usage, sign: 1 | -1 = 1): Usage {
  return {
    requests: a.requests + sign * b.requests,
    retries: a.retries + sign * b.retries,
    errors: addCounts(a.errors, b.errors, sign),
    completions: a.completions + sign * b.completions,
    cachedCompletions: a.cachedCompletions + sign * b.cachedCompletions,
    promptTokens: a.promptTokens + sign * b.promptTokens,
    completionTokens: a.completionTokens + sign * b.completionTokens,
    costUsd: addCosts(a.costUsd, b.costUsd, sign),
  };
}

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
  sign: 1 | -1,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [cause, n] of Object.entries(b)) sum[cause] = (sum[cause] ?? 0) + sign * n;
  return Object.fromEntries(Object.entries(sum).filter(([, n]) => n !== 0));
}

/** Rounding must not make a difference of equal sums negative. */
function addCosts(a: number | null, b: number | null, sign: 1 | -1): number | null {
  return a === null || b === null ? null : Math.max(0, a + sign * b);
}

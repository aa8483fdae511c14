// What was asked of a model and what it cost in tokens.
import { z } from 'zod';

export const usageSchema = z.strictObject({
  /** Requests that reached the endpoint and were answered. */
  requests: z.int().min(0),
  /** Attempts that failed and were repeated. */
  retries: z.int().min(0),
  /** Completions that came from the endpoint. */
  completions: z.int().min(0),
  /** Completions that came from the completion store, free of charge. */
  cachedCompletions: z.int().min(0),
  promptTokens: z.int().min(0),
  completionTokens: z.int().min(0),
});
/** Counters of one stage or run. */
export type Usage = z.infer<typeof usageSchema>;

/** The counters of nothing. */
export const NO_USAGE: Usage = {
  requests: 0,
  retries: 0,
  completions: 0,
  cachedCompletions: 0,
  promptTokens: 0,
  completionTokens: 0,
};

/** The sum of two counters, or, with `sign` -1, what came since `b`. */
export function addUsage(a: Usage, b: Usage, sign: 1 | -1 = 1): Usage {
  return {
    requests: a.requests + sign * b.requests,
    retries: a.retries + sign * b.retries,
    completions: a.completions + sign * b.completions,
    cachedCompletions: a.cachedCompletions + sign * b.cachedCompletions,
    promptTokens: a.promptTokens + sign * b.promptTokens,
    completionTokens: a.completionTokens + sign * b.completionTokens,
  };
}

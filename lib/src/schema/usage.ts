// Requests to a model, their failures, and their cost.
import { addCount } from '../core/own.js';
import { z } from 'zod';
import { addRecords } from '../core/number-records.js';

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
  /** US dollars by the price table of the experiment; null where a model has no price in it. */
  costUsd: z.number().min(0).nullable().default(null),
});
/** Counters of one stage or run. */
export type Usage = z.infer<typeof usageSchema>;

/** Counters at zero. */
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
export function addUsage(
  { errors, ...a }: Usage,
  { errors: otherErrors, ...b }: Usage,
  sign: 1 | -1 = 1,
): Usage {
  const sum = addRecords(a, b, sign);
  // Rounding must not make the difference of equal sums negative.
  const costUsd = sum.costUsd === null ? null : Math.max(0, sum.costUsd);
  return { ...sum, costUsd, errors: addCounts(errors, otherErrors, sign) };
}

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
  sign: 1 | -1,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [cause, n] of Object.entries(b)) addCount(sum, cause, sign * n);
  return Object.fromEntries(Object.entries(sum).filter(([, n]) => n !== 0));
}

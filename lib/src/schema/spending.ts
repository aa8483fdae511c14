// Spending of a run by stage: all of its attempts, interrupted ones included.
import { z } from 'zod';

const amounts = {
  /** Requests that were answered. */
  requests: z.int().min(0),
  promptTokens: z.int().min(0),
  completionTokens: z.int().min(0),
  /** US dollars by the prices of that time; null where a model had no price. */
  costUsd: z.number().min(0).nullable(),
};

const place = {
  /** 0 is the evaluation of the seed model. */
  iteration: z.int().min(0),
  stage: z.string().min(1),
};

export const spendingEntrySchema = z.strictObject({ ...place, model: z.string().min(1), ...amounts });
/** One amount, or the sum, spent on one model in one stage; a line of the ledger. */
export type SpendingEntry = z.infer<typeof spendingEntrySchema>;

export const stageSpendingSchema = z.strictObject({ ...place, ...amounts });
/** What one stage cost, all models together. */
export type StageSpending = z.infer<typeof stageSpendingSchema>;

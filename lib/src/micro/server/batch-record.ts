// What is on disk about a batch: an immutable request, its progress, a request to cancel, and one outcome.
// Reference: https://platform.openai.com/docs/api-reference/batch
import { z } from 'zod';
import type { Task } from './task-store.js';

/** Written once, when the batch is created. */
export const batchRequestRecord = z.object({
  id: z.string(),
  createdMs: z.number(),
  /** Requests that have not been computed by then expire. */
  expiresMs: z.number(),
  /** Hash of the request body, to distinguish a repeated request from another one with the same Idempotency-Key. */
  bodyHash: z.string(),
  inputFile: z.string(),
  endpoint: z.string(),
  completionWindow: z.string(),
  metadata: z.record(z.string(), z.string()).nullable(),
});

/** A batch as it was asked for. */
export type BatchRequest = z.infer<typeof batchRequestRecord>;

const counts = z.object({ total: z.number(), completed: z.number(), failed: z.number() });

/** How many requests a batch has, and how many of them were answered or refused. */
export type BatchCounts = z.infer<typeof counts>;

/** The progress of a batch; rewritten by the server that works on it. */
export const batchProgressRecord = z.object({
  /** When its input was found to be valid; null before. */
  startedMs: z.number().nullable(),
  /** When its last request had ended; null before. */
  finalizingMs: z.number().nullable(),
  counts,
});

/** The progress of a batch. */
export type BatchProgress = z.infer<typeof batchProgressRecord>;

/** A client asked to cancel; the first time counts. */
export const batchCancelRecord = z.object({ atMs: z.number() });

const problem = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  /** Counted from 1; null where no single line is wrong. */
  line: z.number().nullable(),
});

/** What is wrong with a batch or a line of its input. */
export type BatchProblem = z.infer<typeof problem>;

/** How a batch ended. Written once: the first outcome counts. */
export const batchOutcomeRecord = z.object({
  status: z.enum(['completed', 'failed', 'expired', 'cancelled']),
  finishedMs: z.number(),
  /** Null where no request was answered. */
  outputFile: z.string().nullable(),
  /** Null where none was refused. */
  errorFile: z.string().nullable(),
  counts,
  errors: z.array(problem),
});

/** How a batch ended. */
export type BatchOutcome = z.infer<typeof batchOutcomeRecord>;

/** A batch with all that has happened to it. */
export interface Batch extends Task<BatchRequest, BatchOutcome> {
  progress: BatchProgress;
  /** When a client asked to cancel it; null: never. */
  cancelMs: number | null;
}

/** The progress of a batch before its input has been checked. */
export const NO_PROGRESS: BatchProgress = {
  startedMs: null,
  finalizingMs: null,
  counts: { total: 0, completed: 0, failed: 0 },
};

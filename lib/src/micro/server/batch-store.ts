// Batches on disk, a folder each: `request.json`, `progress.json`, `cancel.json`, `outcome.json`, locks, and until its end its input
// and results. Everything but the progress and the results is written once.
// Reference: https://platform.openai.com/docs/api-reference/batch
import { link, rm } from 'node:fs/promises';
import { z } from 'zod';
import { hasErrorCode } from '../../core/errors.js';
import { createExclusive, exists, writeError, writeFileAtomic } from '../../core/files.js';
import { readRecord } from './record-folder.js';
import { TaskStore, type Task, type TaskStoreOptions } from './task-store.js';

/** Written once, when the batch is created. */
const batchRequestRecord = z.object({
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
const batchProgressRecord = z.object({
  /** When its input was found to be valid; null before. */
  startedMs: z.number().nullable(),
  /** When its last request had ended; null before. */
  finalizingMs: z.number().nullable(),
  counts,
});

/** The progress of a batch. */
export type BatchProgress = z.infer<typeof batchProgressRecord>;

/** A client asked to cancel; the first time counts. */
const batchCancelRecord = z.object({ atMs: z.number() });

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
const batchOutcomeRecord = z.object({
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

/** The batches of a state folder. */
export class BatchStore extends TaskStore<Batch> {
  constructor(shared: Pick<TaskStoreOptions<Batch>, 'folder' | 'report'>) {
    const records = { request: batchRequestRecord, outcome: batchOutcomeRecord };
    super({ ...shared, idPrefix: 'batch_', separator: '/', ...records });
  }

  /** Replaces the progress of a batch; only the server that has claimed it may. */
  saveProgress(id: string, progress: BatchProgress): Promise<void> {
    return writeFileAtomic(this.pathOf(id, 'progress.json'), JSON.stringify(progress));
  }

  /** Asks the server that works on a batch to stop; asking again changes nothing. */
  async askToCancel(id: string, atMs: number): Promise<void> {
    await createExclusive(this.pathOf(id, 'cancel.json'), JSON.stringify({ atMs }));
  }

  /** Whether a client asked to cancel. */
  isToCancel(id: string): Promise<boolean> {
    return exists(this.pathOf(id, 'cancel.json'));
  }

  /** Keeps the input of a batch until the batch ends, even when the uploaded file is deleted. */
  async keepInput(id: string, contentPath: string): Promise<void> {
    const path = this.inputPathOf(id);
    await link(contentPath, path).catch((thrown: unknown) => {
      // Kept before, or deleted already.
      if (!hasErrorCode(thrown, 'EEXIST') && !hasErrorCode(thrown, 'ENOENT')) throw writeError(path, thrown);
    });
  }

  /** Where the input of a batch is kept. */
  inputPathOf(id: string): string {
    return this.pathOf(id, 'input.jsonl');
  }

  /** Removes files that only the work on a batch needed. */
  async clean(paths: readonly string[]): Promise<void> {
    for (const path of paths) await rm(path, { force: true });
  }

  protected override async load(task: Pick<Batch, 'request' | 'outcome'>): Promise<Batch> {
    const { id } = task.request;
    const progress = await readRecord(this.pathOf(id, 'progress.json'), batchProgressRecord);
    const cancel = await readRecord(this.pathOf(id, 'cancel.json'), batchCancelRecord);
    return { ...task, progress: progress ?? NO_PROGRESS, cancelMs: cancel?.atMs ?? null };
  }
}

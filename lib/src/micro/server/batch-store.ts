// Batches on disk, a folder each: `request.json`, `progress.json`, `cancel.json`, `outcome.json`, locks, and until its end its input
// and results. Everything but the progress and the results is written once.
import { link, rm } from 'node:fs/promises';
import { hasErrorCode } from '../../core/errors.js';
import { createExclusive, exists, writeError, writeFileAtomic } from '../../core/files.js';
import {
  batchCancelRecord,
  batchOutcomeRecord,
  batchProgressRecord,
  batchRequestRecord,
  NO_PROGRESS,
  type Batch,
  type BatchProgress,
} from './batch-record.js';
import { readRecord } from './record-folder.js';
import { TaskStore } from './task-store.js';

/** The batches of a state folder. */
export class BatchStore extends TaskStore<Batch> {
  constructor(folder: string) {
    const records = { request: batchRequestRecord, outcome: batchOutcomeRecord };
    super({ folder, idPrefix: 'batch_', separator: '/', ...records });
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

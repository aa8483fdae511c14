// Batches on disk, one folder each, shared by servers: all but the progress and the results is written once.
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, hasErrorCode } from '../../core/errors.js';
import { createExclusive, exists, writeError, writeFileAtomic } from '../../core/files.js';
import { lockFolder } from '../../core/folder-lock.js';
import { sha256 } from '../../core/hash.js';
import {
  batchCancelRecord,
  batchOutcomeRecord,
  batchProgressRecord,
  batchRequestRecord,
  NO_PROGRESS,
  type Batch,
  type BatchOutcome,
  type BatchProgress,
  type BatchRequest,
} from './batch-record.js';
import { fileNames, readRecord } from './state-files.js';

const batchId = /^batch_[0-9a-f]{24}$/;
const INPUT_FILE = 'input.jsonl';

/**
 * The batches of a state folder, `<id>/` each: `request.json`, `progress.json`, `cancel.json`, `outcome.json`, locks, and until its
 * end its input and results.
 */
export class BatchStore {
  readonly #folder: string;
  /** Batches that have ended; they do not change any more. */
  readonly #ended = new Map<string, Batch>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Id of the n-th batch under an idempotency key, so that every server finds it again. */
  static idOfKey(key: string, attempt: number): string {
    return `batch_${sha256(`batch\u0000${key}\u0000${attempt}`).slice(0, 24)}`;
  }

  /** Where the results of a batch grow. */
  folderOf(id: string): string {
    return join(this.#folder, id);
  }

  /** Keeps a new batch. @returns whether its id was free */
  create(request: BatchRequest): Promise<boolean> {
    return createExclusive(this.#path(request.id, 'request.json'), JSON.stringify(request));
  }

  /** The batch of this id with all that has happened to it, or null. */
  async find(id: string): Promise<Batch | null> {
    if (!batchId.test(id)) return null;
    const ended = this.#ended.get(id);
    if (ended !== undefined) return ended;
    const request = await readRecord(this.#path(id, 'request.json'), batchRequestRecord);
    if (request === null) return null;
    // The outcome first: all the rest stands before it is written.
    const outcome = await this.outcomeOf(id);
    const progress = await readRecord(this.#path(id, 'progress.json'), batchProgressRecord);
    const cancel = await readRecord(this.#path(id, 'cancel.json'), batchCancelRecord);
    const batch = { request, outcome, progress: progress ?? NO_PROGRESS, cancelMs: cancel?.atMs ?? null };
    if (outcome !== null) this.#ended.set(id, batch);
    return batch;
  }

  /** All batches, newest first. */
  async list(): Promise<Batch[]> {
    const ids = await fileNames(this.#folder);
    const batches = (await Promise.all(ids.map((id) => this.find(id)))).filter((batch) => batch !== null);
    return batches.sort(
      (a, b) => b.request.createdMs - a.request.createdMs || (a.request.id < b.request.id ? -1 : 1),
    );
  }

  /** How a batch ended, or null while it has not. */
  outcomeOf(id: string): Promise<BatchOutcome | null> {
    return readRecord(this.#path(id, 'outcome.json'), batchOutcomeRecord);
  }

  /** Ends a batch. @returns whether this was the first outcome; a later one is without effect */
  end(id: string, outcome: BatchOutcome): Promise<boolean> {
    return createExclusive(this.#path(id, 'outcome.json'), JSON.stringify(outcome));
  }

  /** Says how far a batch got; only the server that has claimed it may. */
  saveProgress(id: string, progress: BatchProgress): Promise<void> {
    return writeFileAtomic(this.#path(id, 'progress.json'), JSON.stringify(progress));
  }

  /** Asks whichever server works on a batch to stop; asking again changes nothing. */
  async askToCancel(id: string, atMs: number): Promise<void> {
    await createExclusive(this.#path(id, 'cancel.json'), JSON.stringify({ atMs }));
  }

  /** Whether somebody asked to cancel. */
  isToCancel(id: string): Promise<boolean> {
    return exists(this.#path(id, 'cancel.json'));
  }

  /**
   * Claims a batch that no living process works on.
   * @returns a function that gives it back; null where another server has it
   */
  async claim(id: string): Promise<(() => Promise<void>) | null> {
    const held: { error?: DataError } = {};
    try {
      return await lockFolder(this.folderOf(id), {
        name: 'batch',
        isTaken: (pid) =>
          (held.error = new DataError({
            subject: `batch ${id}`,
            expected: 'a batch that nobody works on',
            received: `process ${pid} works on it`,
            remedy: 'Wait for it.',
          })),
      });
    } catch (thrown) {
      if (thrown === held.error) return null;
      throw thrown;
    }
  }

  /**
   * Keeps the input of a batch until it ends, whatever becomes of the file that was uploaded.
   * @returns whether it is there; false where the file has been deleted already
   */
  async keepInput(id: string, contentPath: string): Promise<boolean> {
    const path = this.inputPathOf(id);
    try {
      await link(contentPath, path);
      return true;
    } catch (thrown) {
      if (hasErrorCode(thrown, 'EEXIST')) return true;
      if (hasErrorCode(thrown, 'ENOENT')) return false;
      throw writeError(path, thrown);
    }
  }

  /** Whether the input of a batch was kept. */
  hasInput(id: string): Promise<boolean> {
    return exists(this.inputPathOf(id));
  }

  /** Where the input of a batch is kept. */
  inputPathOf(id: string): string {
    return this.#path(id, INPUT_FILE);
  }

  /** Removes what only the work on a batch needed: its input and the files of these names. */
  async clean(id: string, names: readonly string[]): Promise<void> {
    for (const name of [INPUT_FILE, ...names]) await rm(this.#path(id, name), { force: true });
  }

  #path(id: string, name: string): string {
    return join(this.folderOf(id), name);
  }
}

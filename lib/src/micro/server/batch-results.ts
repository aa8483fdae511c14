// The results of a batch as they grow: answers in one file, errors in another, each written as it comes and never computed again.
import { open, truncate, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { exists, writeError } from '../../core/files.js';
import { parseJson } from '../../core/jsonl.js';
import { boundedLines } from './batch-lines.js';
import type { BatchCounts } from './batch-store.js';

/** Files of a batch's folder; they move to the file store when the batch ends. */
export const RESULT_FILES = { completed: 'output.jsonl', failed: 'errors.jsonl' } as const;

/** Whether a request was answered. */
export type ResultKind = keyof typeof RESULT_FILES;

/** The code of a request that was not begun before the window ended. */
export const EXPIRED = 'batch_expired';

/** The part of a result that is the same for every answer. */
const resultHead = z.object({
  custom_id: z.string(),
  error: z.object({ code: z.string() }).nullish(),
});

/** One line of a result file. */
export interface Result {
  kind: ResultKind;
  customId: string;
  /** JSON, without its end. */
  line: string;
  isExpired?: boolean;
}

/** The result files of one batch. */
export class BatchResults {
  readonly counts: BatchCounts;
  readonly #pathOf: (kind: ResultKind) => string;
  readonly #doneIds = new Set<string>();
  readonly #handles = new Map<ResultKind, FileHandle>();
  #hasExpired = false;
  /** Rejects for good with the first write that fails: a line after a torn one could not be separated from it. */
  #writes: Promise<void> = Promise.resolve();

  private constructor(pathOf: (kind: ResultKind) => string, total: number) {
    this.#pathOf = pathOf;
    this.counts = { total, completed: 0, failed: 0 };
  }

  /** Goes on where an earlier server stopped; an unfinished line of it is cut off. @throws DataError */
  static async open(pathOf: (kind: ResultKind) => string, total: number): Promise<BatchResults> {
    const results = new BatchResults(pathOf, total);
    for (const kind of ['completed', 'failed'] as const) {
      const path = pathOf(kind);
      if (!(await exists(path))) continue;
      const nBytes = await results.#readBack(kind, path);
      await truncate(path, nBytes).catch((thrown: unknown) => {
        throw writeError(path, thrown);
      });
    }
    return results;
  }

  /** Whether this request has ended. */
  has(customId: string): boolean {
    return this.#doneIds.has(customId);
  }

  /** Whether every request has ended. */
  get isComplete(): boolean {
    return this.#doneIds.size >= this.counts.total;
  }

  /** Whether some request expired. */
  get hasExpired(): boolean {
    return this.#hasExpired;
  }

  /** Adds a line; resolves when it is written. After a failure nothing more is written. @throws DataError */
  add(result: Result): Promise<void> {
    // One after the other, so that no line is torn by another.
    this.#writes = this.#writes.then(() => this.#append(result));
    return this.#writes;
  }

  /** Makes the files durable and closes them. */
  async close(): Promise<void> {
    // add() has rejected with the failure.
    await this.#writes.catch(() => undefined);
    for (const handle of this.#handles.values()) {
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    this.#handles.clear();
  }

  async #append(result: Result): Promise<void> {
    const path = this.#pathOf(result.kind);
    try {
      const handle = this.#handles.get(result.kind) ?? (await open(path, 'a'));
      this.#handles.set(result.kind, handle);
      await handle.appendFile(`${result.line}\n`);
    } catch (thrown) {
      throw writeError(path, thrown);
    }
    this.#count(result);
  }

  #count({ kind, customId, isExpired = false }: Omit<Result, 'line'>): void {
    this.#doneIds.add(customId);
    this.counts[kind]++;
    this.#hasExpired ||= isExpired;
  }

  /** Counts the lines of a result file. @returns how many bytes its whole lines have */
  async #readBack(kind: ResultKind, path: string): Promise<number> {
    let nBytes = 0;
    for await (const { content, nBytes: nLineBytes, isEnded } of boundedLines(path, Infinity)) {
      const head = parseJson(isEnded ? String(content) : '', resultHead);
      // What a killed server or a failing disk left.
      if (!head.ok) break;
      const { custom_id: customId, error } = head.value;
      this.#count({ kind, customId, isExpired: error?.code === EXPIRED });
      nBytes += nLineBytes;
    }
    return nBytes;
  }
}

// Works batches off, one at a time, and takes over those of servers that have died.
import { setMaxListeners } from 'node:events';
import { badRequest, notFound, type ApiError } from './api-error.js';
import { ServerClosing, type BatchCalls } from './batch-calls.js';
import { checkBatchInput } from './batch-input.js';
import {
  NO_PROGRESS,
  type Batch,
  type BatchOutcome,
  type BatchProblem,
  type BatchProgress,
  type BatchRequest,
} from './batch-record.js';
import { BatchResults, RESULT_FILES, type ResultKind } from './batch-results.js';
import type { BatchStore } from './batch-store.js';
import { BatchTurns, type Turn } from './batch-turns.js';
import { workBatch } from './batch-work.js';
import type { FileStore } from './file-store.js';

/** How often a server looks whether another one was asked to cancel its batch, and says how far it is, in milliseconds. */
const WATCH_MS = 500;

/** What a {@link BatchRunner} works with. */
export interface BatchRunnerContext {
  batches: BatchStore;
  files: FileStore;
  calls: BatchCalls;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** A fresh random name of 24 hex digits. */
  newToken: () => string;
  report: (failure: unknown) => void;
}

/** A batch that this server has claimed. */
interface Owned {
  request: BatchRequest;
  progress: BatchProgress;
  cancel: AbortController;
  /** Aborts when the batch is cancelled or the server closes. */
  signal: AbortSignal;
  turn: Turn;
  giveBack: () => Promise<void>;
  /** Ends when the progress has been written. */
  saves: Promise<void>;
  /** The progress as it was written last. */
  saved: string;
}

/** The queue of one server. */
export class BatchRunner {
  readonly #context: BatchRunnerContext;
  readonly #owned = new Map<string, Owned>();
  /** Claims that are under way, by id. */
  readonly #claiming = new Map<string, Promise<void>>();
  readonly #working = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #turns = new BatchTurns();

  constructor(context: BatchRunnerContext) {
    this.#context = context;
    setMaxListeners(0, this.#closing.signal);
  }

  /** Takes a batch that nobody works on; does nothing where somebody does, or where it has ended. @throws DataError */
  async takeOver(batch: Batch): Promise<void> {
    const { id } = batch.request;
    if (batch.outcome !== null || this.#isClosing() || this.#owned.has(id)) return;
    const claiming =
      this.#claiming.get(id) ?? this.#claim(batch.request).finally(() => this.#claiming.delete(id));
    this.#claiming.set(id, claiming);
    await claiming;
  }

  /** How far a batch of this server is, as of this moment; null for one of another server. */
  progressOf(id: string): BatchProgress | null {
    return this.#owned.get(id)?.progress ?? null;
  }

  /** Cancels a batch, whichever server works on it; what has a result keeps it. @throws ApiError 404, or 400 when it has ended */
  async cancel(id: string): Promise<void> {
    const { batches, clock } = this.#context;
    const batch = await batches.find(id);
    if (batch === null) throw unknownBatch(id);
    if (batch.outcome !== null) {
      throw badRequest(
        `The batch ${id} has ended already: ${batch.outcome.status}. Only one that waits or runs can be cancelled.`,
        { code: 'batch_ended' },
      );
    }
    await batches.askToCancel(id, clock());
    await this.takeOver(batch);
    this.#owned.get(id)?.cancel.abort();
  }

  /** Stops working and gives unfinished batches back, for the next server of this folder. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#claiming.values());
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  /** Asked again after a pause, in which this server may have begun to close. */
  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #claim(request: BatchRequest): Promise<void> {
    const { batches, files, report } = this.#context;
    const { id, inputFile } = request;
    const giveBack = await batches.claim(id);
    if (giveBack === null) return;
    try {
      // As it is now: somebody may have worked on it, or ended it, while the claim was made.
      const batch = await batches.find(id);
      if (batch !== null && batch.outcome === null && !this.#isClosing()) {
        const file = await files.find(inputFile);
        if (file !== null) await batches.keepInput(id, files.contentPath(file));
        if (!this.#isClosing()) {
          this.#start(batch, giveBack);
          return;
        }
      }
    } catch (thrown) {
      await giveBack().catch(report);
      throw thrown;
    }
    await giveBack();
  }

  #start({ request, progress, cancelMs }: Batch, giveBack: () => Promise<void>): void {
    const cancel = new AbortController();
    if (cancelMs !== null) cancel.abort();
    const owned: Owned = {
      request,
      progress,
      cancel,
      signal: AbortSignal.any([cancel.signal, this.#closing.signal]),
      turn: this.#turns.take(),
      giveBack,
      saves: Promise.resolve(),
      saved: JSON.stringify(progress),
    };
    this.#owned.set(request.id, owned);
    const working = this.#work(owned).finally(() => this.#working.delete(working));
    this.#working.add(working);
  }

  /** Never throws. */
  async #work(owned: Owned): Promise<void> {
    const { request, cancel, turn, giveBack } = owned;
    const { batches, report } = this.#context;
    const watch = setInterval(() => {
      const look = async (): Promise<void> => {
        if (await batches.isToCancel(request.id)) cancel.abort();
        await this.#save(owned);
      };
      look().catch(report);
    }, WATCH_MS);
    watch.unref();
    try {
      await this.#run(owned);
    } catch (thrown) {
      // What has a result keeps it; the next one who asks for the batch makes another attempt at the rest.
      if (!(thrown instanceof ServerClosing)) report(thrown);
    } finally {
      clearInterval(watch);
      turn.leave();
      await owned.saves.catch(() => undefined);
      this.#owned.delete(request.id);
      await giveBack().catch(report);
    }
  }

  async #run(owned: Owned): Promise<void> {
    const { request, cancel, signal, turn } = owned;
    const { batches, clock } = this.#context;
    if (owned.progress.startedMs === null && !signal.aborted && !(await this.#validate(owned))) return;
    await Promise.race([turn.reached, aborted(signal)]);
    // A cancelled batch has nothing to wait for; one that was not cancelled is left to the next server.
    if (this.#isClosing()) return;

    const results = await BatchResults.open(batches.folderOf(request.id), owned.progress.counts.total);
    owned.progress = { ...owned.progress, finalizingMs: null, counts: results.counts };
    try {
      await this.#compute(owned, results);
    } finally {
      await results.close();
    }
    const isCut = cancel.signal.aborted && (owned.progress.startedMs === null || !results.isWhole);
    if (!isCut && !results.isWhole) {
      await this.#save(owned);
      return;
    }
    owned.progress = { ...owned.progress, finalizingMs: clock() };
    await this.#save(owned);
    await this.#end(owned, isCut ? 'cancelled' : results.hasExpired ? 'expired' : 'completed', results);
  }

  /** Looks through the input. @returns whether there is something to work on; where it is wrong, the batch has ended */
  async #validate(owned: Owned): Promise<boolean> {
    const { request, signal } = owned;
    const { batches, clock } = this.#context;
    const { id } = request;
    if (!(await batches.hasInput(id))) {
      await this.#fail(request, [missingFile(request)]);
      return false;
    }
    const checked = await checkBatchInput(batches.inputPathOf(id), signal);
    // Aborted: what is left to do does not need the input.
    if (checked === null) return true;
    if (checked.problems.length > 0) {
      await this.#fail(request, checked.problems);
      return false;
    }
    const counts = { total: checked.nRequests, completed: 0, failed: 0 };
    owned.progress = { startedMs: clock(), finalizingMs: null, counts };
    await this.#save(owned);
    return true;
  }

  async #compute({ request, signal }: Owned, results: BatchResults): Promise<void> {
    const { batches, calls, clock, newToken } = this.#context;
    if (signal.aborted || results.isWhole) return;
    await workBatch({
      inputPath: batches.inputPathOf(request.id),
      results,
      calls,
      clock,
      expiresMs: request.expiresMs,
      newToken,
      signal,
    });
  }

  /** Moves the results to the file store and writes the outcome. Done over after a kill, it comes to the same. */
  async #end({ request }: Owned, status: BatchOutcome['status'], results: BatchResults): Promise<void> {
    const { batches, files, clock } = this.#context;
    const keep = async (kind: ResultKind): Promise<string | null> => {
      const path = results.pathOf(kind);
      if (path === null) return null;
      const filename = `${request.id}_${RESULT_FILES[kind]}`;
      return (await files.adopt(path, { filename, purpose: 'batch_output' })).id;
    };
    await batches.end(request.id, {
      status,
      outputFile: await keep('completed'),
      errorFile: await keep('failed'),
      finishedMs: clock(),
      counts: results.counts,
      errors: [],
    });
    await batches.clean(request.id, Object.values(RESULT_FILES));
  }

  async #fail({ id }: BatchRequest, errors: BatchProblem[]): Promise<void> {
    const { batches, clock } = this.#context;
    const { counts } = NO_PROGRESS;
    const outcome = { status: 'failed', finishedMs: clock(), outputFile: null, errorFile: null } as const;
    await batches.end(id, { ...outcome, counts, errors });
    await batches.clean(id, []);
  }

  /** Writes how far a batch is, where that has changed, after what is being written. @throws DataError */
  #save(owned: Owned): Promise<void> {
    const save = async (): Promise<void> => {
      const { request, progress } = owned;
      const text = JSON.stringify(progress);
      if (text === owned.saved) return;
      await this.#context.batches.saveProgress(request.id, progress);
      owned.saved = text;
    };
    owned.saves = owned.saves.then(save, save);
    return owned.saves;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function missingFile({ inputFile }: BatchRequest): BatchProblem {
  const message = `The file "${inputFile}" has been deleted. Upload it again and create a new batch.`;
  return { code: 'file_not_found', message, param: 'input_file_id', line: null };
}

/** The error about a batch that does not exist. */
export function unknownBatch(id: string): ApiError {
  return notFound(`There is no batch "${id.slice(0, 100)}" here. GET /v1/batches lists the batches.`, {
    code: 'batch_not_found',
  });
}

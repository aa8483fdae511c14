// The work on one batch: its input is checked, every request without a result is answered, and the results become files.
import { exists } from '../../core/files.js';
import { answerRequests } from './batch-answers.js';
import { checkBatchInput } from './batch-input.js';
import { BatchResults, RESULT_FILES, type ResultKind } from './batch-results.js';
import {
  NO_PROGRESS,
  type Batch,
  type BatchOutcome,
  type BatchProblem,
  type BatchProgress,
  type BatchRequest,
} from './batch-store.js';
import type { ServerContext } from './server-context.js';
import type { ClaimedTask, TaskRun, TaskWork } from './task-runner.js';

/** How the batches of a server are worked on. */
export function batchWork(context: ServerContext): TaskWork<Batch> {
  const { batches, files, report } = context;
  return {
    store: batches,
    report,
    begin: async (batch) => {
      const { id, inputFile } = batch.request;
      const file = await files.find(inputFile);
      if (file !== null) await batches.keepInput(id, files.contentPath(file));
      return new BatchAtWork(context, batch);
    },
  };
}

/** A batch that this server has claimed. */
class BatchAtWork implements ClaimedTask {
  readonly #context: ServerContext;
  readonly #request: BatchRequest;
  #progress: BatchProgress;
  /** The progress as it was written last. */
  #saved: string;
  /** Ends when the progress has been written. */
  #saves: Promise<void> = Promise.resolve();

  constructor(context: ServerContext, { request, progress }: Batch) {
    this.#context = context;
    this.#request = request;
    this.#progress = progress;
    this.#saved = JSON.stringify(progress);
  }

  readonly watch = async (): Promise<boolean> => {
    await this.#save();
    return this.#context.batches.isToCancel(this.#request.id);
  };

  readonly work = async (run: TaskRun): Promise<void> => {
    try {
      await this.#work(run);
    } finally {
      await this.#saves.catch(() => undefined);
    }
  };

  async #work({ turn, signal, closing }: TaskRun): Promise<void> {
    const { clock } = this.#context;
    if (this.#progress.startedMs === null && !signal.aborted && !(await this.#validate(signal))) return;
    await turn;
    // A cancelled batch has nothing to wait for; an unfinished one is left to the next server.
    if (hasAborted(closing)) return;
    const { total } = this.#progress.counts;
    const results = await BatchResults.open((kind) => this.#pathOf(kind), total);
    this.#progress = { ...this.#progress, finalizingMs: null, counts: results.counts };
    try {
      if (!signal.aborted && !results.isComplete) {
        const { expiresMs, id } = this.#request;
        const inputPath = this.#context.batches.inputPathOf(id);
        await answerRequests(this.#context, { inputPath, results, expiresMs, signal });
      }
    } finally {
      await results.close();
    }
    const isWhole = this.#progress.startedMs !== null && results.isComplete;
    if (!isWhole && hasAborted(closing)) {
      await this.#save();
      return;
    }
    this.#progress = { ...this.#progress, finalizingMs: clock() };
    await this.#save();
    await this.#finish(isWhole ? (results.hasExpired ? 'expired' : 'completed') : 'cancelled', results);
  }

  /** Checks the input. @returns whether there is something to work on; where the input is wrong, the batch has ended */
  async #validate(signal: AbortSignal): Promise<boolean> {
    const { batches, clock } = this.#context;
    const path = batches.inputPathOf(this.#request.id);
    const checked = (await exists(path))
      ? await checkBatchInput(path, signal)
      : { nRequests: 0, problems: [missingFile(this.#request)] };
    // Aborted: what is left to do does not need the input.
    if (checked === null) return true;
    if (checked.problems.length > 0) {
      const none = { outputFile: null, errorFile: null, counts: NO_PROGRESS.counts };
      await this.#end({ status: 'failed', ...none, errors: checked.problems });
      return false;
    }
    const counts = { total: checked.nRequests, completed: 0, failed: 0 };
    this.#progress = { startedMs: clock(), finalizingMs: null, counts };
    await this.#save();
    return true;
  }

  /** Moves the results to the file store and writes the outcome. Repeated after a kill, it comes to the same. */
  async #finish(status: BatchOutcome['status'], results: BatchResults): Promise<void> {
    const { files } = this.#context;
    const keep = async (kind: ResultKind): Promise<string | null> => {
      if (results.counts[kind] === 0) return null;
      const filename = `${this.#request.id}_${RESULT_FILES[kind]}`;
      return (await files.adopt(this.#pathOf(kind), { filename, purpose: 'batch_output' })).id;
    };
    const [outputFile, errorFile] = [await keep('completed'), await keep('failed')];
    await this.#end({ status, outputFile, errorFile, counts: results.counts, errors: [] });
  }

  async #end(ending: Omit<BatchOutcome, 'finishedMs'>): Promise<void> {
    const { batches, clock } = this.#context;
    const { id } = this.#request;
    await batches.end(id, { ...ending, finishedMs: clock() });
    await batches.clean([batches.inputPathOf(id), this.#pathOf('completed'), this.#pathOf('failed')]);
  }

  #pathOf(kind: ResultKind): string {
    return this.#context.batches.pathOf(this.#request.id, RESULT_FILES[kind]);
  }

  /** Writes the progress where it has changed, one write after the other. @throws DataError */
  #save(): Promise<void> {
    const save = async (): Promise<void> => {
      const text = JSON.stringify(this.#progress);
      if (text === this.#saved) return;
      await this.#context.batches.saveProgress(this.#request.id, this.#progress);
      this.#saved = text;
    };
    this.#saves = this.#saves.then(save, save);
    return this.#saves;
  }
}

function missingFile({ inputFile }: BatchRequest): BatchProblem {
  const message = `The file "${inputFile}" has been deleted. Upload it again and create a new batch.`;
  return { code: 'file_not_found', message, param: 'input_file_id', line: null };
}

/** Read anew after each pause. */
function hasAborted({ aborted }: AbortSignal): boolean {
  return aborted;
}

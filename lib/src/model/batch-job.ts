// One batch from its requests to its results: submits it once, polls it until it ends, and reads its results.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { growingPauseMs, type PauseGrowth } from '../core/backoff.js';
import { ModelError, type ErrorParts } from '../core/errors.js';
import { writeChunksAtomic } from '../core/files.js';
import { pause } from '../core/pause.js';
import { printable } from '../core/text.js';
import { AttemptFailure } from './attempt-failure.js';
import type { BatchApi, ServerBatch } from './batch-api.js';
import type { BatchCall, CallHolder, MissedIn, Strays } from './batch-call.js';
import type { BatchLedger, BatchRecord } from './batch-ledger.js';
import { batchLine } from './batch-file.js';
import { takeResults } from './batch-results.js';
import { endingOf, type BatchEnding } from './batch-state.js';
import type { EngineListener } from './engine-event.js';

/** What all batches of an endpoint share. */
export interface BatchSurroundings {
  api: BatchApi;
  ledger: BatchLedger;
  completionWindow: string;
  /** Results are read once no further call has joined for this long, in milliseconds. */
  gatherMs: number;
  /** The longest pause between two polls, in milliseconds. */
  pollMs: number;
  onEvent: EngineListener;
  onStrays: (strays: Strays) => void;
  /** A batch had no answer for a call; the verdict decides whether the call goes into another batch. */
  onMiss: (call: BatchCall, failure: AttemptFailure, verdict: MissedIn) => void;
}

/** The first pause between two polls, in milliseconds; each pause is so many times as long as the one before it. */
const FIRST_POLL_MS = 500;
const POLL_FACTOR = 1.5;

/** A batch and the calls that wait for it. */
export class BatchJob implements CallHolder {
  readonly #surroundings: BatchSurroundings;
  readonly #model: string;
  readonly #calls = new Map<string, BatchCall>();
  readonly #abort = new AbortController();
  /** null until the batch is submitted. */
  #record: BatchRecord | null;
  /** Another process submitted it, or an earlier one. */
  readonly #isOld: boolean;
  #lastCameMs = -Infinity;

  constructor(
    surroundings: BatchSurroundings,
    { model, record, calls }: { model: string; record: BatchRecord | null; calls: readonly BatchCall[] },
  ) {
    this.#surroundings = surroundings;
    this.#model = model;
    this.#record = record;
    this.#isOld = record !== null;
    for (const call of calls) this.#take(call);
  }

  /** Lets a call wait for this batch, which holds its request. @returns false once the batch is done or given up */
  join(call: BatchCall): boolean {
    if (this.#abort.signal.aborted) return false;
    this.#lastCameMs = performance.now();
    this.#take(call);
    return true;
  }

  /** No request waits for a call any more. The server goes on with the batch; the next run finds it. */
  leave(call: BatchCall): void {
    if (this.#calls.get(call.customId) !== call) return;
    this.#calls.delete(call.customId);
    if (this.#calls.size === 0) this.#abort.abort(new Error('no call waits for the batch'));
  }

  /** Its name; null until it is submitted. */
  get batchKey(): string | null {
    return this.#record?.batchKey ?? null;
  }

  /** Whether any call waits. */
  get hasWaiters(): boolean {
    return this.#calls.size > 0;
  }

  /** Stops following the batch; calls that wait for it fail. */
  stop(): void {
    this.#abort.abort(new Error('the endpoint is closed'));
  }

  /** Runs until no call waits. Never throws: the calls fail instead. @param onEnd called when no call waits any more */
  async run(onEnd: () => void): Promise<void> {
    try {
      await this.#run();
    } catch (thrown) {
      for (const call of this.#waiting()) call.fail(thrown);
    } finally {
      this.#abort.abort(new Error('the batch is done'));
      onEnd();
    }
  }

  #take(call: BatchCall): void {
    call.nBatches++;
    call.holder = this;
    this.#calls.set(call.customId, call);
  }

  /** Removes all calls. */
  #waiting(): BatchCall[] {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    return calls;
  }

  async #run(): Promise<void> {
    const record = (this.#record ??= await this.#submit());
    const ended = await this.#ended(record);
    if (ended === null)
      return this.#giveUp(record, failureOf('batch-lost', 'the server does not know this batch'));
    const { batch, ending: status } = ended;
    if (status === 'failed') return this.#wholeFailed(record, batch);
    const customIds = new Set(record.customIds);
    for (;;) {
      await this.#quiet();
      // A call that joins while results come in may have missed its own: it is looked for in the next round.
      const asked = new Set(this.#calls.values());
      const taken = await takeResults(batch, {
        api: this.#surroundings.api,
        calls: this.#calls,
        customIds,
        signal: this.#abort.signal,
      });
      this.#surroundings.onStrays(taken.strays);
      const missing = [...this.#calls.values()].filter((call) => asked.has(call));
      for (const { customId } of missing) this.#calls.delete(customId);
      const nFailed = taken.failed.length + missing.length;
      this.#report(batch.id, { state: status, nFailed });
      const verdict = { isOld: this.#isOld, othersWereAnswered: taken.nAnswered > 0 };
      for (const { call, failure } of taken.failed) this.#surroundings.onMiss(call, failure, verdict);
      for (const call of missing) {
        if (status === 'cancelled' && !this.#isOld) call.fail(this.#cancelled(batch));
        else this.#surroundings.onMiss(call, missingAfter(status), verdict);
      }
      if (taken.isFileLost) await this.#surroundings.ledger.giveUp(record);
      else if (taken.nLeft === 0 && record.state !== 'taken')
        await this.#surroundings.ledger.setTaken(record);
      if (this.#calls.size === 0) return;
    }
  }

  /** Writes the input file, uploads it, and records the batch before it is created. */
  async #submit(): Promise<BatchRecord> {
    const { ledger, api } = this.#surroundings;
    const { signal } = this.#abort;
    const calls = [...this.#calls.values()];
    const customIds = calls.map(({ customId }) => customId);
    for (;;) {
      const batchKey = ledger.freeKey(customIds);
      const path = join(ledger.folder, `${batchKey}.jsonl`);
      let inputFileId: string;
      try {
        await writeChunksAtomic(path, linesOf(calls));
        inputFileId = await api.upload(path, { key: batchKey, signal });
      } finally {
        await rm(path, { force: true });
      }
      const record = await ledger.add({ batchKey, model: this.#model, inputFileId, customIds });
      if (record !== null) return record;
      // Another process was first with the same requests; under the next name they are submitted again.
      await ledger.refresh();
    }
  }

  /** Creates the batch where that is not known to have happened, and waits for its end; null where the batch has no results. */
  async #ended(record: BatchRecord): Promise<{ batch: ServerBatch; ending: BatchEnding } | null> {
    const { api, ledger, completionWindow, pollMs } = this.#surroundings;
    const { signal } = this.#abort;
    let batch: ServerBatch | null;
    if (record.batchId === null) {
      try {
        batch = await api.create({ ...record, completionWindow }, { mayExist: this.#isOld, signal });
      } catch (thrown) {
        if (!isRefused(thrown)) throw thrown;
        // The input file of an old batch may have been deleted since.
        if (this.#isOld) return null;
        await ledger.giveUp(record);
        throw thrown;
      }
      await ledger.setBatchId(record, batch.id);
    } else batch = await api.look(record.batchId, signal);
    let reported = this.#isOld ? 'found' : 'handed-in';
    if (batch !== null) this.#report(batch.id, { state: reported, nFailed: 0 });
    const polls: PauseGrowth = { firstWaitMs: FIRST_POLL_MS, longestWaitMs: pollMs, factor: POLL_FACTOR };
    for (let nLooks = 1; ; nLooks++) {
      if (batch === null) return null;
      const ending = endingOf(batch, Date.now());
      if (ending !== null) return { batch, ending };
      await pause(growingPauseMs(polls, nLooks), signal);
      batch = await api.look(batch.id, signal);
      if (batch === null || batch.status === reported || endingOf(batch, Date.now()) !== null) continue;
      reported = batch.status;
      this.#report(batch.id, { state: reported, nFailed: batch.request_counts?.failed ?? 0 });
    }
  }

  async #wholeFailed(record: BatchRecord, batch: ServerBatch): Promise<void> {
    const reasons = (batch.errors?.data ?? []).map(({ message, line }) =>
      typeof line === 'number' ? `line ${line}: ${message ?? ''}` : (message ?? ''),
    );
    const reason = printable(
      this.#surroundings.api.redact(reasons.slice(0, 3).join('; ') || 'no reason given'),
    );
    this.#report(batch.id, { state: 'failed', nFailed: record.customIds.length });
    if (this.#isOld) return this.#giveUp(record, failureOf('batch-failed', reason));
    await this.#surroundings.ledger.giveUp(record);
    const error = this.#error(batch, {
      expected: 'a batch that the server takes',
      received: reason,
      remedy: 'Fix what the server reports, or remove endpoint.batch; then run again to continue.',
      code: 'batch-failed',
    });
    for (const call of this.#waiting()) call.fail(error);
  }

  /** This batch has no results; its requests go into another. */
  async #giveUp(record: BatchRecord, failure: AttemptFailure): Promise<void> {
    await this.#surroundings.ledger.giveUp(record);
    const verdict = { isOld: this.#isOld, othersWereAnswered: false };
    for (const call of this.#waiting()) this.#surroundings.onMiss(call, failure, verdict);
  }

  #cancelled(batch: ServerBatch): ModelError {
    return this.#error(batch, {
      expected: 'a batch that runs to its end',
      received: 'one that was cancelled at the server',
      remedy: 'Run again to continue: answers that it had are kept, the rest goes into a new batch.',
      code: 'batch-cancelled',
    });
  }

  #error({ id }: ServerBatch, parts: Omit<ErrorParts, 'subject'> & { code: string }): ModelError {
    const subject = `batch ${id} at ${this.#surroundings.api.address}`;
    return new ModelError({ subject, scope: 'endpoint', ...parts });
  }

  /** Waits until no further call has come for a while: each reading of the results costs a download. */
  async #quiet(): Promise<void> {
    for (;;) {
      const leftMs = this.#lastCameMs + this.#surroundings.gatherMs - performance.now();
      if (leftMs <= 0) return;
      await pause(leftMs, this.#abort.signal);
    }
  }

  #report(batchId: string, { state, nFailed }: { state: string; nFailed: number }): void {
    const nRequests = this.#record?.customIds.length ?? 0;
    this.#surroundings.onEvent({ kind: 'batch', batchId, state, nRequests, nFailed });
  }
}

function isRefused(thrown: unknown): boolean {
  return thrown instanceof ModelError && ['http-400', 'http-404', 'http-422'].includes(thrown.code);
}

function missingAfter(status: BatchEnding): AttemptFailure {
  if (status === 'cancelled') return failureOf('batch-cancelled', 'the batch was cancelled before its turn');
  if (status === 'expired')
    return failureOf('batch-expired', 'the completion window was over before its turn');
  return failureOf('batch-missing', 'the batch ended without a result for this request');
}

function failureOf(code: string, message: string): AttemptFailure {
  return new AttemptFailure({ failureClass: 'down', code, message });
}

function* linesOf(calls: readonly BatchCall[]): Generator<string> {
  for (const call of calls) yield `${batchLine(call.customId, call.request, call)}\n`;
}

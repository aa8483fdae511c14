// An endpoint that asks through a Batch API: requests gather, go out as one file, and get their answers hours later, mostly at half
// the price. Reference: https://platform.openai.com/docs/guides/batch
import { AutodidactError, messageOf, ModelError } from '../core/errors.js';
import { givenUp, type AttemptFailure } from './attempt-failure.js';
import { BatchApi } from './batch-api.js';
import type { BatchCall, MissedIn, Strays } from './batch-call.js';
import { BatchJob, type BatchSurroundings } from './batch-job.js';
import { BatchLedger, type BatchRecord } from './batch-ledger.js';
import { batchLine } from './batch-file.js';
import type { ChatAnswer } from './chat-answer.js';
import { keyOfForm, type Omissions } from './chat-body.js';
import {
  sumCounts,
  type AskOptions,
  type ChatEndpoint,
  type EndpointAnswer,
  type SampleRequest,
} from './chat-endpoint.js';
import type { EngineListener } from './engine-event.js';
import { onAbort } from './on-abort.js';
import type { OpenAICallerOptions } from './openai-call.js';
import { ServerHabits } from './server-habits.js';

/** How batches are made. */
export interface BatchEndpointOptions extends OpenAICallerOptions {
  /** Distinguishes servers in the completion store; model names alone do not. */
  identity: string;
  /** Where it is noted what was handed in; shared by runs and processes, like the completion store. */
  folder: string;
  completionWindow: string;
  /** Bounds of one batch file. */
  maxRequests: number;
  maxBytes: number;
  /** A batch goes out when no request has come for so long, in milliseconds. */
  gatherMs: number;
  /** The longest pause between two looks at a batch, in milliseconds. */
  pollMs: number;
  onEvent?: EngineListener | undefined;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** The answer to a request that was refused, where its completions should be asked for one by one. */
const NOTHING: EndpointAnswer = {
  completions: [],
  promptTokens: 0,
  completionTokens: 0,
  retries: 0,
  errors: {},
};

/** Batches that one request may be part of before it is given up. */
const MOST_BATCHES = 3;

/** Requests of one model that will go out together: servers take one model a file. */
interface Gathering {
  calls: Map<string, BatchCall>;
  nBytes: number;
  timer: NodeJS.Timeout;
}

/** Samples through `POST /batches`. */
export class BatchEndpoint implements ChatEndpoint {
  /** Inputs of a stage that should be under way at once, for batches to become full. */
  readonly lookAhead: number;
  /** Results that belonged to no request. */
  readonly strays: Strays = { nUnknown: 0, nDuplicate: 0, nUnreadable: 0 };
  readonly #options: BatchEndpointOptions;
  readonly #surroundings: BatchSurroundings;
  readonly #gatherings = new Map<string, Gathering>();
  /** Batches that calls wait for, by name. */
  readonly #jobs = new Map<string, BatchJob>();
  readonly #running = new Map<BatchJob, Promise<void>>();
  /** Where each call is, so that it can leave. */
  readonly #jobOf = new WeakMap<BatchCall, BatchJob>();
  readonly #habits = new ServerHabits();
  /** Requests that wait for their result, by custom id. */
  readonly #asked = new Map<string, Promise<EndpointAnswer>>();
  /** Calls that are not waited for any more. */
  readonly #gone = new WeakSet<BatchCall>();

  private constructor(options: BatchEndpointOptions, ledger: BatchLedger) {
    this.#options = options;
    this.lookAhead = options.maxRequests;
    this.#surroundings = {
      ledger,
      api: new BatchApi(options),
      completionWindow: options.completionWindow,
      gatherMs: options.gatherMs,
      pollMs: options.pollMs,
      onEvent: options.onEvent ?? (() => undefined),
      onStrays: ({ nUnknown, nDuplicate, nUnreadable }) => {
        this.strays.nUnknown += nUnknown;
        this.strays.nDuplicate += nDuplicate;
        this.strays.nUnreadable += nUnreadable;
      },
    };
  }

  /** Reads what was handed in before; nothing is sent yet. @throws DataError */
  static async open(options: BatchEndpointOptions): Promise<BatchEndpoint> {
    return new BatchEndpoint(options, await BatchLedger.open(options.folder, options.now ?? Date.now));
  }

  get honoursN(): boolean | null {
    return this.#habits.honoursN;
  }

  identityOf(model: string): string {
    return `${this.#options.identity}:${model}`;
  }

  /**
   * Waits for a batch. The same request, asked again after a kill, waits for the batch that holds it; when the signal aborts, the
   * server goes on with the batch.
   * @throws ModelError of scope `request` where the request was refused or three batches had no answer for it, of scope `endpoint`
   *   where whole batches fail; DataError; the signal's reason when it aborts
   */
  async sample(request: SampleRequest, options: AskOptions): Promise<EndpointAnswer> {
    const { answer, refusals } = await this.#habits.ask(request, (omit) =>
      this.#askOnce(request, options, omit),
    );
    const { retries, ...rest } = answer ?? NOTHING;
    const attempts = refusals.map((refusal) => (refusal instanceof ModelError ? refusal.attempts : {}));
    const nRefused = answer === null ? 0 : refusals.length;
    return { ...rest, errors: sumCounts([rest.errors, ...attempts]), retries: retries + nRefused };
  }

  /** Waits until everything that was noted is on disk; the server goes on with batches that are under way. */
  async close(): Promise<void> {
    for (const { calls, timer } of this.#gatherings.values()) {
      clearTimeout(timer);
      for (const call of calls.values()) call.fail(new Error('the endpoint is closed'));
    }
    this.#gatherings.clear();
    const running = [...this.#running];
    for (const [job] of running) if (job.hasWaiters) job.stop();
    await Promise.all(running.map(([, ended]) => ended));
  }

  /** A request that is asked already is not asked a second time: its result is waited for. */
  async #askOnce(request: SampleRequest, options: AskOptions, omit: Omissions): Promise<EndpointAnswer> {
    const { idempotencyKey, signal } = options;
    const customId = keyOfForm(idempotencyKey, request, omit);
    for (let twin = this.#asked.get(customId); twin; twin = this.#asked.get(customId)) {
      try {
        return await untilAborted(twin, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        // Else its caller has left, and this one takes its place.
        if (thrown instanceof AutodidactError) throw thrown;
      }
    }
    const asked = this.#ask(request, { idempotencyKey: customId, signal }, omit).finally(() =>
      this.#asked.delete(customId),
    );
    this.#asked.set(customId, asked);
    return asked;
  }

  #ask(
    request: SampleRequest,
    { idempotencyKey, signal }: AskOptions,
    omit: Omissions,
  ): Promise<EndpointAnswer> {
    return new Promise((resolve, reject) => {
      const call: BatchCall = {
        customId: idempotencyKey,
        request,
        omit,
        nBatches: 0,
        errors: {},
        succeed: (answer: ChatAnswer) => {
          forget();
          const retries = Object.values(call.errors).reduce((sum, n) => sum + n, 0);
          resolve({ ...answer, retries, errors: call.errors });
        },
        fail: (thrown) => {
          forget();
          reject(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
        },
        miss: (failure, verdict) => {
          this.#onMiss(call, failure, verdict);
        },
      };
      // Before the call goes anywhere: an aborted signal calls back at once.
      const forget = onAbort(signal, () => {
        this.#leave(call);
        reject(signal.reason as Error);
      });
      if (!signal.aborted) this.#place(call);
    });
  }

  /** Into the batch that holds the request already, else to those that gather. */
  #place(call: BatchCall): void {
    const record = this.#surroundings.ledger.find(call.customId);
    if (record !== null) this.#join(record, call);
    else this.#gather(call);
  }

  #join(record: BatchRecord, call: BatchCall): void {
    const job = this.#jobs.get(record.batchKey);
    if (job?.join(call) === true) this.#jobOf.set(call, job);
    else {
      const model = call.request.model;
      const fresh = new BatchJob(this.#surroundings, { model, record, calls: [] });
      fresh.join(call);
      this.#start(fresh, { batchKey: record.batchKey, calls: [call] });
    }
  }

  #start(job: BatchJob, { batchKey, calls }: { batchKey: string | null; calls: readonly BatchCall[] }): void {
    for (const call of calls) this.#jobOf.set(call, job);
    if (batchKey !== null) this.#jobs.set(batchKey, job);
    const running = job.run(() => {
      if (batchKey !== null && this.#jobs.get(batchKey) === job) this.#jobs.delete(batchKey);
      this.#running.delete(job);
    });
    this.#running.set(job, running);
  }

  #gather(call: BatchCall): void {
    const { model } = call.request;
    const { maxRequests, maxBytes, gatherMs } = this.#options;
    const nBytes = Buffer.byteLength(batchLine(call.customId, call.request, call.omit));
    const full = this.#gatherings.get(model);
    if (full && full.nBytes + nBytes > maxBytes) this.#flush(model);
    let gathering = this.#gatherings.get(model);
    if (gathering === undefined) {
      const timer = setTimeout(() => this.#flush(model), gatherMs);
      gathering = { calls: new Map(), nBytes: 0, timer };
      this.#gatherings.set(model, gathering);
    }
    gathering.timer.refresh();
    gathering.calls.set(call.customId, call);
    gathering.nBytes += nBytes;
    if (gathering.calls.size >= maxRequests) this.#flush(model);
  }

  #flush(model: string): void {
    const gathering = this.#gatherings.get(model);
    if (gathering === undefined) return;
    this.#gatherings.delete(model);
    clearTimeout(gathering.timer);
    void this.#handIn(model, gathering);
  }

  /** Hands in what gathered, except for what another process has handed in meanwhile. */
  async #handIn(model: string, { calls }: Gathering): Promise<void> {
    try {
      await this.#surroundings.ledger.refresh();
    } catch (thrown) {
      for (const call of calls.values()) call.fail(thrown);
      return;
    }
    const fresh: BatchCall[] = [];
    for (const call of calls.values()) {
      if (this.#gone.has(call)) continue;
      const record = call.nBatches === 0 ? this.#surroundings.ledger.find(call.customId) : null;
      if (record === null) fresh.push(call);
      else this.#join(record, call);
    }
    if (fresh.length === 0) return;
    const job = new BatchJob(this.#surroundings, { model, record: null, calls: fresh });
    this.#start(job, { batchKey: null, calls: fresh });
  }

  #onMiss(call: BatchCall, failure: AttemptFailure, { isOld, othersWereAnswered }: MissedIn): void {
    const isHopeless = failure.failureClass === 'refused' && !isOld;
    call.errors[failure.code] = (call.errors[failure.code] ?? 0) + 1;
    this.#jobOf.delete(call);
    if (!isHopeless && call.nBatches < MOST_BATCHES) {
      this.#gather(call);
      return;
    }
    const subject = `${call.request.model} at ${this.#surroundings.api.address}`;
    const scope = othersWereAnswered ? 'request' : 'endpoint';
    call.fail(givenUp(failure, { subject, scope, attempts: call.errors }));
  }

  #leave(call: BatchCall): void {
    this.#gone.add(call);
    const job = this.#jobOf.get(call);
    if (job !== undefined) {
      job.leave(call);
      return;
    }
    const { model } = call.request;
    const gathering = this.#gatherings.get(model);
    if (gathering?.calls.get(call.customId) !== call) return;
    gathering.calls.delete(call.customId);
    if (gathering.calls.size > 0) return;
    clearTimeout(gathering.timer);
    this.#gatherings.delete(model);
  }
}

function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      reject(signal.reason as Error);
    });
    promise.then(resolve, reject).finally(forget);
  });
}

// An endpoint that asks through a Batch API: requests are collected, sent as one file, and answered hours later, mostly at half the price. Reference: https://platform.openai.com/docs/guides/batch
import { ModelError } from '../core/errors.js';
import { addRecords } from '../core/number-records.js';
import { AttemptFailure, givenUp } from './attempt-failure.js';
import { BatchApi } from './batch-api.js';
import { BatchCall, type CallHolder, type MissedIn, type Strays } from './batch-call.js';
import { BatchJob, type BatchSurroundings } from './batch-job.js';
import { BatchLedger, type BatchRecord } from './batch-ledger.js';
import { batchLine } from './batch-file.js';
import { isRefusalCode, keyOfForm, refusedParameter, type RequestForm } from './chat-body.js';
import {
  sumCounts,
  type AskOptions,
  type ChatEndpoint,
  type EndpointAnswer,
  type SampleRequest,
} from './chat-endpoint.js';
import type { EngineListener } from './engine-event.js';
import type { OpenAICallerOptions } from './openai-call.js';
import { contextLengthOf, extraBodyOf, identityWith, type RequestExtras } from './request-extras.js';
import { ServerHabits } from './server-habits.js';

/** How batches are made. */
export interface BatchEndpointOptions extends OpenAICallerOptions {
  /** Distinguishes servers in the completion store; model names alone do not. */
  identity: string;
  /** Where submitted batches are recorded; shared by runs and processes, like the completion store. */
  folder: string;
  completionWindow: string;
  /** Bounds of one batch file. */
  maxRequests: number;
  maxBytes: number;
  /** A batch is submitted when no request has come for this long, in milliseconds. */
  gatherMs: number;
  /** The longest pause between two looks at a batch, in milliseconds. */
  pollMs: number;
  onEvent?: EngineListener | undefined;
  /** What settings add to requests; headers and query are the client's. */
  extras?: RequestExtras | undefined;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** Batches that one request may be part of before it is given up. */
const MOST_BATCHES = 3;

/** Requests of one model that will go out together: servers take one model a file. */
interface Gathering extends CallHolder {
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
  readonly #habits: ServerHabits;
  readonly #extras: RequestExtras;
  /** Requests that wait for their result, by custom id. */
  readonly #calls = new Map<string, BatchCall>();
  /** By model. */
  readonly #gatherings = new Map<string, Gathering>();
  /** Batches that calls wait for, and their ends. */
  readonly #jobs = new Map<BatchJob, Promise<void>>();

  private constructor(options: BatchEndpointOptions, ledger: BatchLedger) {
    this.#options = options;
    this.lookAhead = options.maxRequests;
    const { extras = {}, onEvent = () => undefined } = options;
    this.#extras = extras;
    this.#habits = new ServerHabits({
      onChange: (habit) => {
        onEvent({ ...habit, server: this.#surroundings.api.address });
      },
      fitsToContext: extras.fitToContext,
      contextLengthOf: (model) => contextLengthOf(extras, model),
    });
    this.#surroundings = {
      ledger,
      api: new BatchApi({ ...options, secrets: extras.secrets }),
      completionWindow: options.completionWindow,
      gatherMs: options.gatherMs,
      pollMs: options.pollMs,
      onEvent,
      onMiss: (call, failure, verdict) => {
        this.#onMiss(call, failure, verdict);
      },
      onStrays: (strays) => {
        Object.assign(this.strays, addRecords(this.strays, strays));
      },
    };
  }

  /** Reads the records of submitted batches; nothing is sent yet. @throws DataError */
  static async open(options: BatchEndpointOptions): Promise<BatchEndpoint> {
    return new BatchEndpoint(options, await BatchLedger.open(options.folder, options.now ?? Date.now));
  }

  get honoursN(): boolean | null {
    return this.#habits.honoursN;
  }

  identityOf(model: string): string {
    return identityWith(this.#extras, this.#options.identity, model);
  }

  /**
   * Waits for a batch. The same request, asked again after a kill, waits for the batch that holds it; when the signal aborts, the
   * server goes on with the batch.
   * @throws ModelError of scope `request` where the request was refused or three batches had no answer for it, of scope `endpoint`
   *   where whole batches fail; DataError; the signal's reason when it aborts
   */
  async sample(request: SampleRequest, options: AskOptions): Promise<EndpointAnswer> {
    const { answer, refusals } = await this.#habits
      .ask(request, (form) => this.#askOnce(request, options, form))
      .catch((thrown: unknown) => {
        if (!(thrown instanceof AttemptFailure)) throw thrown;
        const subject = `${request.model} at ${this.#surroundings.api.address}`;
        throw givenUp(thrown, { subject, scope: 'request', attempts: { [thrown.code]: 1 } });
      });
    const attempts = refusals.map((refusal) => (refusal instanceof ModelError ? refusal.attempts : {}));
    const errors = sumCounts([answer.errors, ...attempts]);
    return { ...answer, errors, retries: answer.retries + refusals.length };
  }

  /** Waits until all records are on disk; the server goes on with batches that are under way. */
  async close(): Promise<void> {
    for (const { calls, timer } of this.#gatherings.values()) {
      clearTimeout(timer);
      for (const call of calls.values()) call.fail(new Error('the endpoint is closed'));
    }
    this.#gatherings.clear();
    const jobs = [...this.#jobs];
    for (const [job] of jobs) if (job.hasWaiters) job.stop();
    await Promise.all(jobs.map(([, ended]) => ended));
  }

  /** A request that is under way already is not sent a second time: its result is waited for. */
  async #askOnce(
    request: SampleRequest,
    { idempotencyKey, signal }: AskOptions,
    form: RequestForm,
  ): Promise<EndpointAnswer> {
    signal.throwIfAborted();
    const customId = keyOfForm(idempotencyKey, request, form);
    const twin = this.#calls.get(customId);
    if (twin) return twin.wait(signal);
    const extraBody = extraBodyOf(this.#extras, request.model);
    const onEnd = (): void => void this.#calls.delete(customId);
    const call = new BatchCall({ customId, request, form, extraBody, onEnd });
    this.#calls.set(customId, call);
    const answer = call.wait(signal);
    this.#place(call);
    return answer;
  }

  /** Puts a call into the batch that holds its request already, else into the next batch. */
  #place(call: BatchCall): void {
    const record = this.#surroundings.ledger.find(call.customId);
    if (record !== null) this.#join(record, call);
    else this.#gather(call);
  }

  #join(record: BatchRecord, call: BatchCall): void {
    for (const job of this.#jobs.keys()) if (job.batchKey === record.batchKey && job.join(call)) return;
    const job = new BatchJob(this.#surroundings, { model: call.request.model, record, calls: [] });
    job.join(call);
    this.#start(job);
  }

  #start(job: BatchJob): void {
    this.#jobs.set(
      job,
      job.run(() => this.#jobs.delete(job)),
    );
  }

  #gather(call: BatchCall): void {
    const { model } = call.request;
    const { maxRequests, maxBytes, gatherMs } = this.#options;
    const nBytes = Buffer.byteLength(batchLine(call.customId, call.request, call)) + 1;
    const full = this.#gatherings.get(model);
    if (full && full.nBytes + nBytes > maxBytes) this.#flush(model);
    const gathering = this.#gatherings.get(model) ?? this.#newGathering(model, gatherMs);
    gathering.timer.refresh();
    gathering.calls.set(call.customId, call);
    gathering.nBytes += nBytes;
    call.holder = gathering;
    if (gathering.calls.size >= maxRequests) this.#flush(model);
  }

  #newGathering(model: string, gatherMs: number): Gathering {
    const gathering: Gathering = {
      calls: new Map<string, BatchCall>(),
      nBytes: 0,
      timer: setTimeout(() => this.#flush(model), gatherMs),
      leave: ({ customId }) => {
        gathering.calls.delete(customId);
        if (gathering.calls.size > 0 || this.#gatherings.get(model) !== gathering) return;
        clearTimeout(gathering.timer);
        this.#gatherings.delete(model);
      },
    };
    this.#gatherings.set(model, gathering);
    return gathering;
  }

  #flush(model: string): void {
    const gathering = this.#gatherings.get(model);
    if (gathering === undefined) return;
    this.#gatherings.delete(model);
    clearTimeout(gathering.timer);
    void this.#submit(model, gathering);
  }

  /** Submits what was gathered, except for requests that another process has submitted meanwhile. */
  async #submit(model: string, { calls }: Gathering): Promise<void> {
    try {
      await this.#surroundings.ledger.refresh();
    } catch (thrown) {
      for (const call of calls.values()) call.fail(thrown);
      return;
    }
    const fresh: BatchCall[] = [];
    for (const call of calls.values()) {
      const record = call.nBatches === 0 ? this.#surroundings.ledger.find(call.customId) : null;
      if (record === null) fresh.push(call);
      else this.#join(record, call);
    }
    if (fresh.length === 0) return;
    this.#start(new BatchJob(this.#surroundings, { model, record: null, calls: fresh }));
  }

  #onMiss(call: BatchCall, failure: AttemptFailure, { isOld, othersWereAnswered }: MissedIn): void {
    // What an old batch was refused for may be fixed since; but a request without it may be in a later batch already.
    const isHopeless = failure.failureClass === 'refused' && (!isOld || hasOtherForm(call, failure));
    call.countFailure(failure.code);
    if (!call.isWaitedFor) return;
    if (!isHopeless && call.nBatches < MOST_BATCHES) {
      this.#gather(call);
      return;
    }
    const subject = `${call.request.model} at ${this.#surroundings.api.address}`;
    const scope = othersWereAnswered ? 'request' : 'endpoint';
    call.fail(givenUp(failure, { subject, scope, attempts: call.errors }));
  }
}

/** Whether a refusal names something that the request can be sent without. */
function hasOtherForm({ request, form }: BatchCall, { code, message }: AttemptFailure): boolean {
  const parameter = isRefusalCode(code) ? refusedParameter(request, form, message) : null;
  // Log-probabilities are left out for any refusal, whatever it says.
  return parameter !== null && message.includes(parameter);
}

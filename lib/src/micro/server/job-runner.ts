// Works the fine-tuning jobs off, one at a time, and takes over the jobs of servers that have died.
import type { ApiError } from './api-error.js';
import { badRequest, notFound } from './api-error.js';
import { toApiError } from './error-answers.js';
import { trainJob, type TrainingContext } from './job-training.js';
import {
  checkpointModelId,
  fineTunedModelId,
  type Job,
  type JobOutcome,
  type JobRequest,
} from './job-record.js';
import type { JobStore } from './job-store.js';
import type { UsageCounter } from './usage-counter.js';

/** How often a running job looks whether another server has cancelled it, in milliseconds. */
const WATCH_MS = 500;

/** What a {@link JobRunner} works with. */
export interface JobRunnerContext extends TrainingContext {
  jobs: JobStore;
  usage: UsageCounter;
  report: (failure: unknown) => void;
}

/** The queue of one server. */
export class JobRunner {
  readonly #context: JobRunnerContext;
  readonly #queue: JobRequest[] = [];
  /** Jobs that this server has claimed and that have not ended. */
  readonly #owned = new Set<string>();
  readonly #background = new Set<Promise<void>>();
  /** Outcomes that could not be written, on a full disk say; whoever asks for the job next makes another attempt, or is told. */
  readonly #unwritten = new Map<string, Omit<JobOutcome, 'finishedMs'>>();
  #running: { id: string; abort: AbortController } | null = null;
  readonly #closing = new AbortController();

  constructor(context: JobRunnerContext) {
    this.#context = context;
  }

  /** Takes a new job: ends it at once when its model exists already, else puts it in the queue. */
  async admit(request: JobRequest): Promise<void> {
    if (!(await this.#claim(request.id))) return;
    try {
      if (await this.#reuse(request)) return;
      await this.#log(request.id, 'validating_files', `Validating training file: ${request.trainingFile}`);
    } catch (thrown) {
      // A claimed job that nobody works on would wait for ever.
      await this.#fail(request, thrown);
      return;
    }
    this.#inBackground(this.#validate(request));
  }

  /** Takes over those of these jobs whose server is gone. Each keeps its id and starts over. */
  async rescue(jobs: readonly Job[]): Promise<void> {
    for (const { request, outcome } of jobs) {
      const unwritten = this.#unwritten.get(request.id);
      if (unwritten !== undefined) {
        await this.#end(request, unwritten);
        continue;
      }
      if (outcome !== null || this.#owned.has(request.id) || !(await this.#claim(request.id))) continue;
      try {
        await this.#startOver(request);
      } catch (thrown) {
        await this.#fail(request, thrown);
      }
    }
  }

  async #startOver(request: JobRequest): Promise<void> {
    await this.#context.jobs.append(request.id, {
      kind: 'message',
      atMs: this.#context.clock(),
      level: 'warn',
      message: 'The server that worked on this job has gone: the job starts over',
    });
    if (await this.#reuse(request)) return;
    await this.#log(request.id, 'queued', 'Fine-tuning job is queued again');
    this.#enqueue(request);
  }

  /** Cancels a job, whichever server works on it. @throws ApiError 404, or 400 when it has ended */
  async cancel(id: string): Promise<void> {
    const { jobs, clock } = this.#context;
    const job = await jobs.find(id);
    if (job === null) throw unknownJob(id);
    const isFirst = await jobs.end(id, {
      status: 'cancelled',
      finishedMs: clock(),
      fineTunedModel: null,
      trainedTokens: null,
      error: null,
      message: 'Fine-tuning job cancelled',
    });
    if (!isFirst) {
      const outcome = await jobs.outcomeOf(id);
      throw badRequest(
        `The job ${id} has ended already: ${outcome?.status ?? 'unknown'}. Only a job that waits or runs can be cancelled.`,
        {
          code: 'job_ended',
        },
      );
    }
    this.#owned.delete(id);
    if (this.#running?.id === id) this.#running.abort.abort();
  }

  /** Stops working and gives unfinished jobs back, for the next server of this folder. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#queue.length = 0;
    this.#running?.abort.abort();
    while (this.#background.size > 0) await Promise.all(this.#background);
    for (const id of this.#owned) await this.#context.jobs.release(id);
    this.#owned.clear();
  }

  /** Asked again after a pause, in which this server may have begun to close. */
  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #claim(id: string): Promise<boolean> {
    if (this.#closing.signal.aborted || !(await this.#context.jobs.claim(id))) return false;
    if (this.#isClosing()) {
      await this.#context.jobs.release(id);
      return false;
    }
    this.#owned.add(id);
    return true;
  }

  #enqueue(request: JobRequest): void {
    this.#queue.push(request);
    this.#startNext();
  }

  #startNext(): void {
    if (this.#running !== null || this.#closing.signal.aborted) return;
    const request = this.#queue.shift();
    if (request === undefined) return;
    const running = { id: request.id, abort: new AbortController() };
    this.#running = running;
    this.#inBackground(
      this.#run(request, running.abort).finally(() => {
        this.#running = null;
        this.#startNext();
      }),
    );
  }

  async #validate(request: JobRequest): Promise<void> {
    try {
      await this.#context.readExamples(request, this.#closing.signal);
      await this.#log(request.id, 'queued', 'Files validated, fine-tuning job queued');
    } catch (thrown) {
      await this.#fail(request, thrown);
      return;
    }
    this.#enqueue(request);
  }

  async #run(request: JobRequest, abort: AbortController): Promise<void> {
    const { id } = request;
    const { jobs } = this.#context;
    const watch = setInterval(() => {
      jobs.hasEnded(id).then((hasEnded) => {
        if (hasEnded) abort.abort();
      }, this.#context.report);
    }, WATCH_MS);
    watch.unref();
    try {
      // Cancelled while it waited, or an identical job was trained meanwhile.
      if ((await jobs.hasEnded(id)) || (await this.#reuse(request))) return;
      await this.#log(id, 'running', 'Fine-tuning job started');
      const nTokens = await trainJob(request, this.#context, {
        signal: abort.signal,
        append: (line) => jobs.append(id, line),
      });
      await this.#succeed(request, nTokens, 'The job has successfully completed');
    } catch (thrown) {
      await this.#fail(request, thrown);
    } finally {
      clearInterval(watch);
      if (await jobs.hasEnded(id)) this.#owned.delete(id);
    }
  }

  /** Ends a job whose very content was trained before, with the models of that time. @returns whether it was so */
  async #reuse(request: JobRequest): Promise<boolean> {
    const { models, jobs, clock } = this.#context;
    const made = await models.ofContent(request.contentHash);
    if (!made.some(({ isFinal }) => isFinal)) return false;
    for (const record of made.sort((a, b) => a.step - b.step)) {
      const modelId = record.isFinal ? fineTunedModelId(request) : checkpointModelId(request, record.step);
      if (modelId !== record.id) {
        const checkpoint = await models.read(record.id);
        await models.add({ ...record, id: modelId, createdMs: clock(), base: request.model }, checkpoint);
      }
      const { epoch, step } = record;
      await jobs.append(request.id, {
        kind: 'checkpoint',
        atMs: clock(),
        modelId,
        epoch,
        step,
        trainLoss: null,
        validationLoss: null,
        validationPreference: null,
      });
    }
    await this.#succeed(
      request,
      0,
      'The same job has succeeded before: its model is used again, nothing was trained',
    );
    return true;
  }

  async #succeed(request: JobRequest, trainedTokens: number, message: string): Promise<void> {
    const isFirst = await this.#end(request, {
      status: 'succeeded',
      fineTunedModel: fineTunedModelId(request),
      trainedTokens,
      error: null,
      message,
    });
    if (isFirst) this.#context.usage.report.jobs.completed++;
  }

  async #fail(request: JobRequest, thrown: unknown): Promise<void> {
    // A server that closes gives the job back, and a cancelled job has its outcome.
    if (this.#closing.signal.aborted || (await this.#context.jobs.hasEnded(request.id))) return;
    const { message, code, param } = toApiError(thrown, this.#context.report);
    await this.#end(request, {
      status: 'failed',
      fineTunedModel: null,
      trainedTokens: null,
      error: { code: code ?? 'training_failed', message, param },
      message: `The job failed: ${message}`,
    });
  }

  async #end(request: JobRequest, outcome: Omit<JobOutcome, 'finishedMs'>): Promise<boolean> {
    let isFirst: boolean;
    try {
      isFirst = await this.#context.jobs.end(request.id, { ...outcome, finishedMs: this.#context.clock() });
    } catch (thrown) {
      this.#unwritten.set(request.id, outcome);
      throw thrown;
    }
    this.#unwritten.delete(request.id);
    this.#owned.delete(request.id);
    return isFirst;
  }

  #log(id: string, status: 'validating_files' | 'queued' | 'running', message: string): Promise<void> {
    return this.#context.jobs.append(id, { kind: 'status', atMs: this.#context.clock(), status, message });
  }

  #inBackground(work: Promise<void>): void {
    const tracked = work.catch(this.#context.report).finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }
}

/** The error about a job that does not exist. */
export function unknownJob(id: string): ApiError {
  return notFound(
    `There is no fine-tuning job "${id.slice(0, 100)}" here. GET /v1/fine_tuning/jobs lists the jobs.`,
    {
      code: 'job_not_found',
    },
  );
}

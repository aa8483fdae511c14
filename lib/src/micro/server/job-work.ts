// The work on one fine-tuning job: validation, training, outcome; and the reuse of models that the same job made before.
import { toApiError } from './api-error.js';
import { readJobExamples } from './job-examples.js';
import {
  checkpointModelId,
  fineTunedModelId,
  type Job,
  type JobLogLine,
  type JobOutcome,
  type JobRequest,
  type JobStore,
} from './job-store.js';
import { trainJob } from './job-training.js';
import type { ServerContext } from './server-context.js';
import type { ClaimedTask, TaskRun, TaskWork } from './task-runner.js';

type Ending = Omit<JobOutcome, 'finishedMs'>;

/** How the jobs of a server are worked on. */
export class JobWork implements TaskWork<Job> {
  readonly store: JobStore;
  readonly report: (failure: unknown) => void;
  readonly #context: ServerContext;
  /** Outcomes that could not be written, for example on a full disk; the next request for the job makes another attempt. */
  readonly #unwritten = new Map<string, Ending>();

  constructor(context: ServerContext) {
    this.#context = context;
    this.store = context.jobs;
    this.report = context.report;
  }

  /** Logs the first event, or ends the job at once when its model exists already. */
  readonly begin = async ({ request, log }: Job): Promise<ClaimedTask | null> => {
    const unwritten = this.#unwritten.get(request.id);
    if (unwritten !== undefined) {
      await this.#end(request, unwritten);
      return null;
    }
    const isNew = log.length === 0;
    try {
      if (!isNew) {
        const message = 'The server that worked on this job has gone: the job starts over';
        await this.#log(request, { kind: 'message', level: 'warn', message });
      }
      if (await this.#reuse(request)) return null;
      if (isNew)
        await this.#status(request, 'validating_files', `Validating training file: ${request.trainingFile}`);
      else await this.#status(request, 'queued', 'Fine-tuning job is queued again');
    } catch (thrown) {
      // A job that cannot go on would wait forever.
      await this.#fail(request, thrown);
      return null;
    }
    return {
      work: (run) => this.#work(request, run, { mustValidate: isNew }),
      watch: () => this.store.hasEnded(request.id),
    };
  };

  /** Writes that the job is cancelled; the server at work on it notices. @returns false where it has ended already */
  cancel(id: string): Promise<boolean> {
    return this.store.end(id, {
      status: 'cancelled',
      finishedMs: this.#context.clock(),
      fineTunedModel: null,
      trainedTokens: null,
      error: null,
      message: 'Fine-tuning job cancelled',
    });
  }

  async #work(
    request: JobRequest,
    { turn, signal, closing }: TaskRun,
    { mustValidate }: { mustValidate: boolean },
  ): Promise<void> {
    const { id } = request;
    try {
      if (mustValidate) {
        await readJobExamples(request, this.#context, signal);
        await this.#status(request, 'queued', 'Files validated, fine-tuning job queued');
      }
      await turn;
      // Cancelled while it waited, or an identical job was trained in the meantime.
      if (signal.aborted || (await this.store.hasEnded(id)) || (await this.#reuse(request))) return;
      await this.#status(request, 'running', 'Fine-tuning job started');
      const append = (line: JobLogLine): Promise<void> => this.store.append(id, line);
      const nTokens = await trainJob(request, this.#context, { signal, append });
      await this.#succeed(request, nTokens, 'The job has successfully completed');
    } catch (thrown) {
      // A server that closes gives the job back, and a cancelled job has its outcome.
      if (!closing.aborted && !(await this.store.hasEnded(id))) await this.#fail(request, thrown);
    }
  }

  /** Ends a job whose exact content was trained before, with the models of that time. @returns whether it was */
  async #reuse(request: JobRequest): Promise<boolean> {
    const { models, clock } = this.#context;
    const made = await models.ofContent(request.contentHash);
    if (!made.some(({ isFinal }) => isFinal)) return false;
    for (const record of made.sort((a, b) => a.step - b.step)) {
      const { id, epoch, step, isFinal } = record;
      const modelId = isFinal ? fineTunedModelId(request) : checkpointModelId(request, step);
      if (modelId !== id) {
        const renamed = { ...record, id: modelId, createdMs: clock(), base: request.model };
        await models.add(renamed, await models.read(id));
      }
      const unknown = {
        trainLoss: null,
        validationLoss: null,
        validationPreference: null,
        validationReward: null,
      };
      await this.#log(request, { kind: 'checkpoint', modelId, epoch, step, ...unknown });
    }
    const message = 'The same job has succeeded before: its model is used again, nothing was trained';
    await this.#succeed(request, 0, message);
    return true;
  }

  async #succeed(request: JobRequest, trainedTokens: number, message: string): Promise<void> {
    const fineTunedModel = fineTunedModelId(request);
    const ending = { status: 'succeeded', fineTunedModel, trainedTokens, error: null, message } as const;
    if (await this.#end(request, ending)) this.#context.usage.report.jobs.completed++;
  }

  async #fail(request: JobRequest, thrown: unknown): Promise<void> {
    const { message, code, param } = toApiError(thrown, this.report);
    await this.#end(request, {
      status: 'failed',
      fineTunedModel: null,
      trainedTokens: null,
      error: { code: code ?? 'training_failed', message, param },
      message: `The job failed: ${message}`,
    });
  }

  async #end({ id }: JobRequest, ending: Ending): Promise<boolean> {
    this.#unwritten.set(id, ending);
    const isFirst = await this.store.end(id, { ...ending, finishedMs: this.#context.clock() });
    this.#unwritten.delete(id);
    return isFirst;
  }

  #status(
    request: JobRequest,
    status: 'validating_files' | 'queued' | 'running',
    message: string,
  ): Promise<void> {
    return this.#log(request, { kind: 'status', status, message });
  }

  #log({ id }: JobRequest, line: WithoutTime<JobLogLine>): Promise<void> {
    return this.store.append(id, { ...line, atMs: this.#context.clock() });
  }
}

/** Of each kind of line by itself. */
type WithoutTime<Line> = Line extends unknown ? Omit<Line, 'atMs'> : never;

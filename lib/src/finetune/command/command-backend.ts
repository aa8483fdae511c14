// Fine-tuning by a command of the user: TRL, Axolotl, LLaMA-Factory, fairseq2, a container, `sbatch`. The command outlives this program.
// After any interruption, the next submission of the same job finds it.
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError, hasErrorCode } from '../../core/errors.js';
import { createExclusive, readError } from '../../core/files.js';
import { Secrets, secretsIn } from '../../core/secrets.js';
import { printable } from '../../core/text.js';
import type { ModelCheckpoint } from '../../schema/fine-tuned-model.js';
import { RunFolder } from '../../store/run-folder.js';
import {
  isOpen,
  type FineTuneBackend,
  type FineTuneRequest,
  type JobNews,
  type JobStatus,
} from '../backend.js';
import type { CommandContext } from './command-context.js';
import { endDetached, lookAt, startDetached } from './detached.js';
import { maskLog, newLines } from './job-log.js';
import { JobObserver } from './job-observer.js';
import { prepareJob, readJobRecord, trainerHash, type JobRecord } from './job-preparation.js';
import { checkpointsOf } from './job-result.js';
import { JOB_FILES } from './job-values.js';
import { Scheduler } from './scheduler.js';
import { environmentOf } from './template.js';

/** How a command is run. */
export interface CommandBackendOptions extends Omit<CommandContext, 'now' | 'shown'> {
  /** Removes secrets from the output of commands. */
  redact: (text: string) => string;
  /** Where jobs have their folders, unless the config names another place. */
  jobsFolder: string;
  /** Milliseconds since 1970. Default: the clock. */
  now?: (() => number) | undefined;
}

const outcomeSchema = z.strictObject({ state: z.enum(['failed', 'cancelled']), detail: z.string() });
type Outcome = z.infer<typeof outcomeSchema>;

const JOB_KEY = /^[A-Za-z0-9_-]{1,128}$/;
const JOB_ID = /^[A-Za-z0-9_-]{1,128}-[0-9a-f]{12}\/attempt-[1-9]\d{0,5}$/;

/** A trainer that is a command. The id of a job is the path of its folder: `<jobKey>-<hash of the trainer>/attempt-<n>`. */
export class CommandBackend implements FineTuneBackend {
  readonly #context: CommandContext;
  readonly #jobsFolder: string;
  readonly #scheduler: Scheduler | null;
  readonly #observer: JobObserver;
  readonly #redact: (text: string) => string;
  /** How far the logs of jobs are without secrets, in bytes by path. */
  readonly #masked = new Map<string, number>();

  constructor({ jobsFolder, redact, now = Date.now, ...context }: CommandBackendOptions) {
    const { config, baseFolder, environment } = context;
    // What a trainer gets, it may print.
    const given = new Secrets(secretsIn(environment));
    this.#redact = (text) => given.redact(redact(text));
    this.#context = { ...context, now, shown: (text, most) => printable(this.#redact(text), most) };
    this.#jobsFolder =
      config.jobsFolder === undefined ? resolve(jobsFolder) : resolve(baseFolder, config.jobsFolder);
    this.#scheduler = config.scheduler === undefined ? null : new Scheduler(config.scheduler, this.#context);
    this.#observer = new JobObserver(this.#context, this.#scheduler);
  }

  async submit(request: FineTuneRequest, signal: AbortSignal): Promise<string> {
    const { jobKey } = request;
    if (!JOB_KEY.test(jobKey))
      throw new TypeError(`jobKey: expected letters, digits, _ and -, received ${jobKey}`);
    const name = `${jobKey}-${await trainerHash(this.#context)}`;
    const last = await this.#lastAttempt(name);
    const isOver = last > 0 && (await this.#isOver(`${name}/attempt-${last}`, signal));
    const jobId = `${name}/attempt-${isOver ? last + 1 : Math.max(1, last)}`;
    const folder = this.#folderOf(jobId);
    signal.throwIfAborted();
    // A job's own name: another trainer may get the same request, whose job and model are others.
    const record = await prepareJob(folder, { ...request, jobKey: name }, this.#context);
    signal.throwIfAborted();
    if ((await lookAt(folder)).state === 'not-started') await this.#start(folder, record);
    return jobId;
  }

  async poll(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    signal.throwIfAborted();
    const folder = this.#folderOf(jobId);
    const outcome = await this.#outcomeOf(folder);
    if (outcome !== null) {
      // The program that ended it may have been interrupted before the process was gone.
      await this.#stop(folder, signal);
      await this.#maskLogs(folder, { isWhole: true });
      return outcome;
    }
    const record = await this.#recordOf(folder);
    const status = await this.#observer.statusOf(folder, record, signal);
    await this.#maskLogs(folder, { isWhole: !isOpen(status) });
    const { config, now } = this.#context;
    const { timeoutMs } = config;
    if (!isOpen(status) || timeoutMs === undefined || now() - record.preparedMs <= timeoutMs) return status;
    const detail = `it took longer than ${timeoutMs} ms and was ended`;
    return this.#end(folder, { state: 'failed', detail }, signal);
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<void> {
    if (!isOpen(await this.poll(jobId, signal))) return;
    await this.#end(this.#folderOf(jobId), { state: 'cancelled', detail: 'cancelled' }, signal);
  }

  async events(jobId: string, cursor: string | null, signal: AbortSignal): Promise<JobNews> {
    signal.throwIfAborted();
    const { lines, to } = await newLines(this.#folderOf(jobId).file(JOB_FILES.log), Number(cursor ?? 0));
    return {
      events: lines.map((line) => ({ level: 'info', message: this.#context.shown(line) })),
      cursor: String(to),
    };
  }

  async checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]> {
    signal.throwIfAborted();
    const folder = this.#folderOf(jobId);
    return checkpointsOf(this.#context.config, folder, (await this.#recordOf(folder)).values);
  }

  /** Whether an attempt failed or was cancelled. One that succeeded stands, whatever the server of the judge has loaded by now. */
  async #isOver(jobId: string, signal: AbortSignal): Promise<boolean> {
    const folder = this.#folderOf(jobId);
    if ((await this.#outcomeOf(folder)) === null && (await readJobRecord(folder)) === null) return false;
    const status = await this.poll(jobId, signal);
    return status.state !== 'succeeded' && !isOpen(status);
  }

  async #start(folder: RunFolder, record: JobRecord): Promise<void> {
    const { baseFolder, environment } = this.#context;
    await startDetached(folder, {
      command: record.command,
      workingFolder: resolve(baseFolder),
      logFile: this.#scheduler === null ? JOB_FILES.log : JOB_FILES.submitLog,
      environment: { ...environment, ...environmentOf(record.values) },
    });
  }

  /** Saves the outcome first, so that no interruption leaves it undecided, then ends the job. */
  async #end(folder: RunFolder, outcome: Outcome, signal: AbortSignal): Promise<Outcome> {
    await createExclusive(folder.file(JOB_FILES.outcome), `${JSON.stringify(outcome)}\n`);
    await this.#stop(folder, signal);
    await this.#maskLogs(folder, { isWhole: true });
    return (await this.#outcomeOf(folder)) ?? outcome;
  }

  /** Overwrites secrets that a trainer printed: it has them in its environment. */
  async #maskLogs(folder: RunFolder, { isWhole }: { isWhole: boolean }): Promise<void> {
    for (const name of [JOB_FILES.log, JOB_FILES.submitLog]) {
      const path = folder.file(name);
      const from = this.#masked.get(path) ?? 0;
      this.#masked.set(path, await maskLog(path, { from, isWhole, redact: this.#redact }));
    }
  }

  /** Ends the processes of a job, here and at the scheduler. */
  async #stop(folder: RunFolder, signal: AbortSignal): Promise<void> {
    await endDetached(folder, this.#context.config.graceMs);
    const scheduler = this.#scheduler;
    const id = await scheduler?.idIn(folder.file(JOB_FILES.submitLog));
    if (scheduler === null || id == null) return;
    const { values } = await this.#recordOf(folder);
    if (isOpen(await scheduler.stateOf(id, values, signal))) await scheduler.cancel(id, values, signal);
  }

  #outcomeOf(folder: RunFolder): Promise<Outcome | null> {
    return folder.readJson(JOB_FILES.outcome, outcomeSchema);
  }

  async #recordOf(folder: RunFolder): Promise<JobRecord> {
    const record = await readJobRecord(folder);
    if (record !== null) return record;
    throw new DataError({
      subject: folder.path,
      expected: 'the folder of a fine-tuning job',
      received: 'none, or one that is not prepared',
      remedy: 'Run the same command again to submit the job.',
    });
  }

  #folderOf(jobId: string): RunFolder {
    if (JOB_ID.test(jobId)) return new RunFolder(join(this.#jobsFolder, jobId));
    throw new ConfigError({
      subject: 'id of a fine-tuning job',
      expected: '<jobKey>-<hash>/attempt-<n>',
      received: printable(jobId),
      remedy: 'Use the id of a job of this backend.',
    });
  }

  /** The number of the last attempt at a job; 0: none. */
  async #lastAttempt(name: string): Promise<number> {
    const path = join(this.#jobsFolder, name);
    try {
      const numbers = (await readdir(path)).map((name) => Number(/^attempt-(\d+)$/.exec(name)?.[1] ?? 0));
      return Math.max(0, ...numbers);
    } catch (thrown) {
      if (hasErrorCode(thrown, 'ENOENT')) return 0;
      throw readError(path, thrown);
    }
  }
}

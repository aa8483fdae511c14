// Looks at a job from outside: whether it runs, here or at a scheduler, how it ended, and what came out.
import { z } from 'zod';
import { printable } from '../../core/text.js';
import type { ModelCheckpoint } from '../../schema/fine-tuned-model.js';
import type { RunFolder } from '../../store/run-folder.js';
import type { JobStatus } from '../backend.js';
import type { CommandTrainerConfig } from '../trainer-schema.js';
import { lookAt, type DetachedState } from './detached.js';
import { lastLines } from './job-log.js';
import type { JobRecord } from './job-preparation.js';
import { checkpointsOf, resultOf, type ResultPlaces } from './job-result.js';
import { JOB_FILES, withOptionalNames } from './job-values.js';
import type { Scheduler } from './scheduler.js';

/** What a {@link JobObserver} works with. */
export interface JobObserverOptions {
  config: CommandTrainerConfig;
  /** Null: the command does the work itself. */
  scheduler: Scheduler | null;
  /** Takes secrets out of what the trainer writes. */
  redact: (text: string) => string;
  /** Milliseconds since 1970. */
  now: () => number;
}

const scheduledEndSchema = z.strictObject({
  state: z.enum(['succeeded', 'failed', 'cancelled']),
  detail: z.string(),
});

/** Longest end of a log in an error, in characters. */
const LONGEST_TAIL = 2000;

/** Tells where jobs stand. */
export class JobObserver {
  readonly #options: JobObserverOptions;
  /** When the scheduler first said that the job of a folder was done. */
  readonly #succeededMs = new Map<string, number>();

  constructor(options: JobObserverOptions) {
    this.#options = options;
  }

  /** Where a job stands that was not ended from here. @throws ModelError, ConfigError, DataError */
  async statusOf(folder: RunFolder, record: JobRecord, signal: AbortSignal): Promise<JobStatus> {
    const look = await lookAt(folder);
    if (look.state === 'not-started') return { state: 'waiting', detail: 'prepared, not started' };
    if (look.state === 'running') {
      return this.#options.scheduler === null
        ? { state: 'running', detail: await this.#lastWord(folder, look) }
        : { state: 'waiting', detail: 'being handed to the scheduler' };
    }
    if (look.code !== 0) return this.#failed(folder, endOf(look));
    return this.#options.scheduler === null
      ? this.#resultOf(folder, record)
      : this.#scheduled(folder, record, { scheduler: this.#options.scheduler, signal });
  }

  async #scheduled(
    folder: RunFolder,
    record: JobRecord,
    { scheduler, signal }: { scheduler: Scheduler; signal: AbortSignal },
  ): Promise<JobStatus> {
    const id = await scheduler.idIn(folder.file(JOB_FILES.submitLog));
    if (id === null) return this.#failed(folder, 'the command ended without the id of a scheduled job');
    const ended = await folder.readJson(JOB_FILES.scheduled, scheduledEndSchema);
    const { state, detail } =
      ended ?? (await scheduler.stateOf(id, withOptionalNames(record.values), signal));
    // Kept, since schedulers forget.
    if (ended === null && state !== 'waiting' && state !== 'running')
      await folder.writeJson(JOB_FILES.scheduled, { state, detail });
    if (state === 'succeeded') return this.#lateResultOf(folder, record);
    return state === 'failed' ? this.#failed(folder, detail) : { state, detail };
  }

  async #resultOf(folder: RunFolder, record: JobRecord): Promise<JobStatus> {
    const result = await resultOf(this.#options.config, placesIn(folder, record));
    if (!result.found) return this.#failed(folder, `it ended well, but ${result.problem}`);
    const { model, endpoint } = result;
    return { state: 'succeeded', model, ...(endpoint === undefined ? {} : { endpoint }) };
  }

  /** The same of a scheduled job, whose files may come later than the word of the scheduler, over the network. */
  async #lateResultOf(folder: RunFolder, record: JobRecord): Promise<JobStatus> {
    const status = await this.#resultOf(folder, record);
    const sinceMs = this.#succeededMs.get(folder.path) ?? this.#options.now();
    this.#succeededMs.set(folder.path, sinceMs);
    const isLate = this.#options.now() - sinceMs >= (this.#options.config.scheduler?.resultGraceMs ?? 0);
    return status.state === 'succeeded' || isLate
      ? status
      : { state: 'running', detail: 'done, its result is waited for' };
  }

  /** A failure, with what the trainer said last. */
  async #failed(folder: RunFolder, reason: string): Promise<JobStatus> {
    const said: string[] = [];
    for (const log of [JOB_FILES.submitLog, JOB_FILES.log]) said.push(...(await lastLines(folder.file(log))));
    const tail = said.map((line) => this.#shown(line)).join(' | ');
    const shown = tail.length > LONGEST_TAIL ? `…${tail.slice(-LONGEST_TAIL)}` : tail;
    const log = folder.file(JOB_FILES.log);
    return {
      state: 'failed',
      detail: `${reason}; ${tail === '' ? `nothing in ${log}` : `${log} ends with: ${shown}`}`,
    };
  }

  async #lastWord(
    folder: RunFolder,
    { host }: Extract<DetachedState, { state: 'running' }>,
  ): Promise<string> {
    const [line] = await lastLines(folder.file(JOB_FILES.log), 1);
    return line === undefined ? `started on ${host}` : this.#shown(line);
  }

  /** The checkpoints that a job has told of so far. @throws DataError */
  checkpointsOf(folder: RunFolder, record: JobRecord): Promise<ModelCheckpoint[]> {
    return checkpointsOf(this.#options.config, placesIn(folder, record));
  }

  #shown(text: string): string {
    return printable(this.#options.redact(text));
  }
}

function placesIn(folder: RunFolder, { values }: JobRecord): ResultPlaces {
  return {
    resultFile: folder.file(JOB_FILES.result),
    logFile: folder.file(JOB_FILES.log),
    values: withOptionalNames(values),
  };
}

function endOf({ code }: Extract<DetachedState, { state: 'ended' }>): string {
  if (code === null) return 'it was killed, or its machine went down';
  return code === 127 ? 'its program was not found (exit code 127)' : `it ended with exit code ${code}`;
}

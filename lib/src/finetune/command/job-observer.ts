// The state of a job from outside: whether it runs, here or at a scheduler, how it ended, and what it made.
import { z } from 'zod';
import type { RunFolder } from '../../store/run-folder.js';
import { isOpen, type JobStatus } from '../backend.js';
import type { CommandContext } from './command-context.js';
import { lookAt } from './detached.js';
import { lastLines } from './job-log.js';
import type { JobRecord } from './job-preparation.js';
import { resultOf, servedBy } from './job-result.js';
import { JOB_FILES } from './job-values.js';
import type { Scheduler } from './scheduler.js';

const scheduledEndSchema = z.strictObject({
  state: z.enum(['succeeded', 'failed', 'cancelled']),
  detail: z.string(),
});

/** Lines of each log, and characters in all, that an error shows. */
const TAIL_LINES = 15;
const LONGEST_TAIL = 2000;

/** Reports the states of jobs. */
export class JobObserver {
  readonly #context: CommandContext;
  readonly #scheduler: Scheduler | null;
  /** When the scheduler first reported that the job of a folder was done. */
  readonly #succeededMs = new Map<string, number>();

  /** @param scheduler null: the command does the work itself */
  constructor(context: CommandContext, scheduler: Scheduler | null) {
    this.#context = context;
    this.#scheduler = scheduler;
  }

  /** The state of a job that this program did not end. @throws ModelError, ConfigError, DataError */
  async statusOf(folder: RunFolder, record: JobRecord, signal: AbortSignal): Promise<JobStatus> {
    const scheduler = this.#scheduler;
    if (this.#context.config.serves === true) {
      const served = await servedBy(this.#context.config, folder, record.values);
      if (served !== null) return { state: 'succeeded', ...served };
    }
    const process = await lookAt(folder);
    switch (process.state) {
      case 'not-started':
        return { state: 'waiting', detail: 'prepared, not started' };
      case 'running': {
        if (scheduler !== null) return { state: 'waiting', detail: 'being handed to the scheduler' };
        const [line] = await lastLines(folder.file(JOB_FILES.log), 1);
        const detail = line === undefined ? `started on ${process.host}` : this.#context.shown(line);
        return { state: 'running', detail };
      }
      case 'ended':
        if (process.code !== 0) return this.#failed(folder, reasonOf(process.code));
        return scheduler === null
          ? this.#resultOf(folder, record)
          : this.#scheduled(folder, record, { scheduler, signal });
    }
  }

  async #scheduled(
    folder: RunFolder,
    record: JobRecord,
    { scheduler, signal }: { scheduler: Scheduler; signal: AbortSignal },
  ): Promise<JobStatus> {
    const id = await scheduler.idIn(folder.file(JOB_FILES.submitLog));
    if (id === null) return this.#failed(folder, 'the command ended without the id of a scheduled job');
    const ended = await folder.readJson(JOB_FILES.scheduled, scheduledEndSchema);
    const { state, detail } = ended ?? (await scheduler.stateOf(id, record.values, signal));
    // Saved, because schedulers forget jobs.
    if (ended === null && !isOpen({ state })) await folder.writeJson(JOB_FILES.scheduled, { state, detail });
    if (state === 'succeeded') return this.#lateResultOf(folder, record);
    if (state === 'cancelled') return { state, detail: (await this.#failed(folder, detail)).detail };
    return state === 'failed' ? this.#failed(folder, detail) : { state, detail };
  }

  async #resultOf(folder: RunFolder, record: JobRecord): Promise<JobStatus> {
    const { config } = this.#context;
    if (config.serves)
      return this.#failed(
        folder,
        'it ended before its result file named a model and the address that serves it',
      );
    const result = await resultOf(config, folder, record.values);
    if (typeof result === 'string') return this.#failed(folder, `it ended well, but ${result}`);
    return { state: 'succeeded', ...result };
  }

  /** The result of a scheduled job. Its files may appear here later than the scheduler reports its end. */
  async #lateResultOf(folder: RunFolder, record: JobRecord): Promise<JobStatus> {
    const { config, now } = this.#context;
    const status = await this.#resultOf(folder, record);
    const sinceMs = this.#succeededMs.get(folder.path) ?? now();
    this.#succeededMs.set(folder.path, sinceMs);
    const isLate = now() - sinceMs >= (config.scheduler?.resultGraceMs ?? 0);
    return status.state === 'succeeded' || isLate
      ? status
      : { state: 'running', detail: 'done, waiting for its result' };
  }

  /** A failure, with the last lines of the trainer. */
  async #failed(folder: RunFolder, reason: string): Promise<{ state: 'failed'; detail: string }> {
    const lines: string[] = [];
    for (const log of [JOB_FILES.submitLog, JOB_FILES.log])
      lines.push(...(await lastLines(folder.file(log), TAIL_LINES)));
    const tail = lines.map((line) => this.#context.shown(line)).join(' | ');
    const shown = tail.length > LONGEST_TAIL ? `…${tail.slice(-LONGEST_TAIL)}` : tail;
    const log = folder.file(JOB_FILES.log);
    const detail = `${reason}; ${tail === '' ? `nothing in ${log}` : `${log} ends with: ${shown}`}`;
    return { state: 'failed', detail };
  }
}

/** @param code null: unknown */
function reasonOf(code: number | null): string {
  if (code === null) return 'it was killed, or its machine went down';
  return code === 127 ? 'its program was not found (exit code 127)' : `it ended with exit code ${code}`;
}

// Jobs that a command hands to a scheduler such as Slurm: the command prints an id; other commands show the state and cancel.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, ModelError } from '../../core/errors.js';
import type { SchedulerConfig } from '../trainer-schema.js';
import type { CommandContext } from './command-context.js';
import { matchesIn } from './job-log.js';
import { renderTemplate, type TemplateValues } from './template.js';

/** The state of a job at a scheduler. */
interface ScheduledState {
  state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  detail: string;
}

/** After this many failed status commands in a row the scheduler has failed. */
const MOST_FAILURES = 10;

/** Runs the commands of a scheduler. */
export class Scheduler {
  readonly #config: SchedulerConfig;
  readonly #context: CommandContext;
  readonly #last = new Map<string, { atMs: number; state: ScheduledState; nFailures: number }>();

  constructor(config: SchedulerConfig, context: CommandContext) {
    this.#config = config;
    this.#context = context;
  }

  /** The id of a job in the output of the command, or null. */
  async idIn(logPath: string): Promise<string | null> {
    for await (const { id } of matchesIn(logPath, this.#config.idPattern)) if (id !== undefined) return id;
    return null;
  }

  /**
   * The state of a job. The scheduler is asked at most every `pollMs`; in between, and after a failed command, the last state counts. The
   * detail reports the failure.
   * @throws ModelError when the command has failed ten times in a row; ConfigError for a wrong placeholder
   */
  async stateOf(id: string, values: TemplateValues, signal: AbortSignal): Promise<ScheduledState> {
    const { now } = this.#context;
    const last = this.#last.get(id);
    if (last !== undefined && now() - last.atMs < this.#config.pollMs) return last.state;
    try {
      const answer = await this.#run('statusCommand', { ...values, schedulerId: id }, signal);
      const state = this.#read(id, answer);
      this.#last.set(id, { atMs: now(), state, nFailures: 0 });
      return state;
    } catch (thrown) {
      signal.throwIfAborted();
      const nFailures = (last?.nFailures ?? 0) + 1;
      if (!(thrown instanceof ModelError) || nFailures >= MOST_FAILURES) throw thrown;
      const before = last?.state.state ?? 'waiting';
      const state: ScheduledState = { state: before, detail: thrown.message };
      this.#last.set(id, { atMs: now(), state, nFailures });
      return state;
    }
  }

  /** @throws ModelError, ConfigError */
  async cancel(id: string, values: TemplateValues, signal: AbortSignal): Promise<void> {
    await this.#run('cancelCommand', { ...values, schedulerId: id }, signal);
    this.#last.delete(id);
  }

  #read(id: string, answer: string): ScheduledState {
    const said = this.#context.shown(answer, 100);
    const detail = `job ${id} of the scheduler: ${said === '' ? 'not known there yet' : said}`;
    // A job that was cancelled or has failed may have completed steps.
    for (const state of ['cancelled', 'failed', 'running', 'waiting', 'succeeded'] as const)
      if (new RegExp(this.#config[`${state}Pattern`], 'u').test(answer)) return { state, detail };
    // Accounting is delayed: a job may be unknown for a while.
    return { state: 'waiting', detail };
  }

  async #run(
    name: 'statusCommand' | 'cancelCommand',
    values: TemplateValues,
    signal: AbortSignal,
  ): Promise<string> {
    const { baseFolder, environment, shown } = this.#context;
    const subject = `trainer.scheduler.${name}`;
    const [program = '', ...rest] = this.#config[name].map((word) =>
      renderTemplate(word, { values, subject }),
    );
    try {
      const { stdout } = await promisify(execFile)(program, rest, {
        cwd: baseFolder,
        env: environment,
        timeout: this.#config.commandTimeoutMs,
        maxBuffer: 1024 * 1024,
        signal,
      });
      return stdout;
    } catch (cause) {
      signal.throwIfAborted();
      throw new ModelError({
        subject,
        expected: 'an answer',
        received: shown(messageOf(cause)),
        remedy: `Run it yourself: ${shown([program, ...rest].join(' '))}`,
        scope: 'endpoint',
        code: 'scheduler',
        cause,
      });
    }
  }
}

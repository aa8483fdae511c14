// Jobs that a command hands to a scheduler such as Slurm: found by the id that it printed, asked after and cancelled by commands.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, ModelError } from '../../core/errors.js';
import { printable } from '../../core/text.js';
import type { SchedulerConfig } from '../trainer-schema.js';
import { matchesIn } from './job-log.js';
import { renderTemplate, type TemplateValues } from './template.js';

/** What a scheduler says of a job. */
export interface ScheduledState {
  state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  detail: string;
}

/** After so many questions in a row without an answer the scheduler has failed. */
const MOST_FAILURES = 10;

/** How its commands are run. */
export interface SchedulerSurroundings {
  workingFolder: string;
  environment: NodeJS.ProcessEnv;
  /** Takes secrets out of texts. */
  redact: (text: string) => string;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Asks a scheduler. */
export class Scheduler {
  readonly #config: SchedulerConfig;
  readonly #surroundings: SchedulerSurroundings;
  readonly #last = new Map<string, { atMs: number; state: ScheduledState; nFailures: number }>();

  constructor(config: SchedulerConfig, surroundings: SchedulerSurroundings) {
    this.#config = config;
    this.#surroundings = surroundings;
  }

  /** The id of a job in what the command wrote, or null. */
  async idIn(logPath: string): Promise<string | null> {
    for await (const { id } of matchesIn(logPath, new RegExp(this.#config.idPattern, 'u')))
      if (id !== undefined) return id;
    return null;
  }

  /**
   * Where a job stands. Asked again before `pollMs` have gone by it says the same; a question that fails is told in the detail.
   * @throws ModelError when the scheduler has not answered ten times in a row; ConfigError for a wrong placeholder
   */
  async stateOf(id: string, values: TemplateValues, signal: AbortSignal): Promise<ScheduledState> {
    const { now } = this.#surroundings;
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
    const said = printable(this.#surroundings.redact(answer), 100);
    const detail = `job ${id} of the scheduler: ${said === '' ? 'not known there yet' : said}`;
    // A job that is cancelled or has failed may have steps that were completed.
    for (const state of ['cancelled', 'failed', 'running', 'waiting', 'succeeded'] as const)
      if (new RegExp(this.#config[`${state}Pattern`], 'u').test(answer)) return { state, detail };
    // Accounting lags behind: a job may be unknown for a while.
    return { state: 'waiting', detail };
  }

  async #run(
    name: 'statusCommand' | 'cancelCommand',
    values: TemplateValues,
    signal: AbortSignal,
  ): Promise<string> {
    const { workingFolder, environment, redact } = this.#surroundings;
    const subject = `trainer.scheduler.${name}`;
    const [program = '', ...rest] = this.#config[name].map((word) =>
      renderTemplate(word, { values, subject }),
    );
    try {
      const { stdout } = await promisify(execFile)(program, rest, {
        cwd: workingFolder,
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
        received: printable(redact(messageOf(cause))),
        remedy: `Run it yourself: ${printable(redact([program, ...rest].join(' ')))}`,
        scope: 'endpoint',
        code: 'scheduler',
        cause,
      });
    }
  }
}

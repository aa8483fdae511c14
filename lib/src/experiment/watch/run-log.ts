// The log of a run: what happened and when, one JSON object a line in `log.jsonl`, over all attempts of the run.
import { AutodidactError, messageOf, ModelError } from '../../core/errors.js';
import type { Redact } from '../../core/secrets.js';
import { printable } from '../../core/text.js';
import type { EngineEvent } from '../../model/index.js';
import { stageName, type StageRecord } from '../../schema/manifest.js';
import type { Usage } from '../../schema/usage.js';
import type { RunFolder } from '../../store/index.js';
import type { RunEvent, StageProgress } from './events.js';
import { LineLimit } from './line-limit.js';
import { LogFile, type LogFields, type LogLevel } from './log-file.js';
import { versions } from '../layout/provenance.js';
import { RUN_FILES } from '../layout/run-files.js';

/** The log's name in the folder of its run. */
export const LOG_FILE = RUN_FILES.log;

const PROGRESS_INTERVAL_MS = 60_000;
/** Most lines of one kind per minute, server and cause included in the kind; the rest is counted. */
const LINE_LIMIT = { most: 100, periodMs: 60_000 };
/** Longest message of a server or trainer that a line repeats, in characters. */
const LONGEST_MESSAGE = 500;

/** What a log says about its run, and how it is kept. */
export interface RunLogOptions {
  experiment: string;
  runId: string;
  configHash: string;
  /** Whether an earlier attempt left something. */
  isResumed: boolean;
  /** Applied to every text. */
  redact?: Redact;
  /** Called once, when the log cannot be written; the run goes on. */
  onProblem?: (message: string) => void;
  /** Milliseconds on a steady clock. */
  now?: () => number;
}

/**
 * Appends the log of one attempt to those of earlier ones. Its lines hold no prompt and no completion. At worst they are as many as
 * {@link LINE_LIMIT} lets through, whatever the rate of failures.
 */
export class RunLog {
  readonly #file: LogFile;
  readonly #redact: Redact;
  readonly #now: () => number;
  readonly #limit = new LineLimit<{ event: string; fields: LogFields }>(LINE_LIMIT);
  #loggedProgressMs: number;

  /** Opens the log in the folder of a run; never fails. */
  constructor(folder: RunFolder, options: RunLogOptions) {
    const { experiment, runId, configHash, isResumed, redact, onProblem } = options;
    this.#file = new LogFile(folder.file(LOG_FILE), { redact, onProblem });
    this.#redact = redact ?? ((text) => text);
    this.#now = options.now ?? (() => performance.now());
    this.#loggedProgressMs = this.#now();
    const fields = { experiment, runId, configHash, isResumed, pid: process.pid };
    this.#write('info', 'run started', { ...fields, ...prefixed('version', versions()) });
  }

  /** Receives an event of the run. */
  onEvent(event: RunEvent): void {
    this.#tellLeftOut();
    switch (event.kind) {
      case 'started':
        // The first line says so.
        return;
      case 'progress':
        return this.#logProgress(event.progress);
      case 'stage-finished': {
        const { iteration, record, wasDone } = event;
        if (wasDone)
          return this.#write('debug', 'stage done before', { iteration, stage: stageName(record) });
        return this.#write('info', 'stage finished', { iteration, ...fieldsOfRecord(record) });
      }
      case 'iteration-finished': {
        const { iteration, model, others = [] } = event.metrics;
        if (event.wasDone) return this.#write('debug', 'iteration done before', { iteration });
        for (const { benchmark, metrics } of [event.metrics, ...others]) {
          const { value, n } = metrics.accuracy;
          const fields = { model, benchmark, accuracy: value, nScored: n, nUnparsed: metrics.nUnparsed };
          this.#write('info', 'iteration finished', { iteration, ...fields });
        }
        return;
      }
      case 'warning':
        return this.#write('warn', 'warning', { message: event.message });
    }
  }

  /** Receives an event of the request engine. */
  onEngineEvent(event: EngineEvent): void {
    this.#tellLeftOut();
    switch (event.kind) {
      case 'attempt-failed': {
        const { server, code, request, attempt, waitMs } = event;
        // Redacted before it is cut: a part of a secret would not be found.
        const message = printable(this.#redact(event.message), LONGEST_MESSAGE);
        const level = waitMs === null ? 'error' : 'warn';
        return this.#writeLimited(level, 'attempt failed', {
          kind: { server, code },
          more: { request, attempt, waitMs: waitMs === null ? null : Math.round(waitMs), message },
        });
      }
      case 'paused': {
        const { server, reason, ms, header } = event;
        return this.#writeLimited('info', 'server paused', {
          kind: { server, reason },
          more: { waitMs: Math.round(ms), header },
        });
      }
      case 'limit': {
        const { server, reason, limit } = event;
        const level = reason === 'rate-limited' ? 'info' : 'debug';
        return this.#writeLimited(level, 'limit changed', { kind: { server, reason }, more: { limit } });
      }
      case 'breaker': {
        const { server, state } = event;
        const level = state === 'open' ? 'warn' : 'info';
        return this.#writeLimited(level, 'server state changed', { kind: { server, state }, more: {} });
      }
      case 'left-out': {
        const message = printable(this.#redact(event.message), LONGEST_MESSAGE);
        return this.#write('warn', 'server left out', { server: event.server, model: event.model, message });
      }
      case 'capability':
        return this.#write('info', 'capability found', { ...event, kind: undefined });
      case 'adapted':
        return this.#write('info', 'requests adapted', { ...event, kind: undefined, message: undefined });
      case 'batch':
        return this.#write(event.nFailed > 0 ? 'warn' : 'info', 'batch', { ...event, kind: undefined });
    }
  }

  /** The run reached its end. */
  finished(): void {
    this.#write('info', 'run finished', {});
  }

  /** The user stopped the run. */
  stopped(): void {
    this.#write('info', 'run stopped', {});
  }

  /** Something ended the run. */
  failed(thrown: unknown): void {
    const message = messageOf(thrown);
    if (thrown instanceof AutodidactError) {
      const code = thrown instanceof ModelError ? thrown.code : undefined;
      return this.#write('error', 'run failed', { error: thrown.name, code, message });
    }
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    this.#write('error', 'run failed', { error: 'defect', message, stack });
  }

  /** Closes the file. */
  close(): void {
    this.#tellLeftOut({ all: true });
    this.#file.close();
  }

  #logProgress({ iteration, stage, benchmark, done, total, elapsedMs, usage }: StageProgress): void {
    if (this.#now() - this.#loggedProgressMs < PROGRESS_INTERVAL_MS) return;
    this.#loggedProgressMs = this.#now();
    this.#write('info', 'progress', {
      iteration,
      stage: stageName({ stage, benchmark }),
      nDone: done,
      nTotal: total,
      elapsedMs: Math.round(elapsedMs),
      ...fieldsOfUsage(usage),
    });
  }

  /** @param line.kind its fields say which lines are counted together */
  #writeLimited(level: LogLevel, event: string, { kind, more }: { kind: LogFields; more: LogFields }): void {
    const name = JSON.stringify([event, kind]);
    if (this.#limit.take(name, { event, fields: kind }, this.#now())) {
      this.#write(level, event, { ...kind, ...more });
    }
  }

  #tellLeftOut({ all = false } = {}): void {
    for (const { kind, nLeftOut, periodMs } of this.#limit.end(this.#now(), { all })) {
      const fields = { of: kind.event, ...kind.fields, nLeftOut, periodMs };
      this.#write('warn', 'lines left out', fields);
    }
  }

  #write(level: LogLevel, event: string, fields: LogFields): void {
    this.#file.write(level, event, fields);
  }
}

function fieldsOfRecord({ stage, benchmark, nInput, nKept, drops, wallMs, usage }: StageRecord): LogFields {
  return {
    stage: stageName({ stage, benchmark }),
    nInput,
    nKept,
    ...prefixed('drops', drops),
    wallMs,
    ...fieldsOfUsage(usage),
  };
}

function fieldsOfUsage({ errors, ...counts }: Usage): LogFields {
  return { ...counts, ...prefixed('errors', errors) };
}

/** Flat: `{http-429: 3}` becomes `{errors.http-429: 3}`. */
function prefixed<Value>(prefix: string, values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));
}

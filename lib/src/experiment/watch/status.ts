// The status of a run, kept in a file for other processes to read.
import { resolve } from 'node:path';
import { z } from 'zod';
import { BudgetError, DataError, GateError, messageOf, ReviewError } from '../../core/errors.js';
import { exists } from '../../core/files.js';
import { isProcessAlive, type ProcessIdentity } from '../../core/process-identity.js';
import type { Redact } from '../../core/secrets.js';
import type { EngineEvent } from '../../model/index.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import { stageName, type StageRecord } from '../../schema/manifest.js';
import { addUsage, NO_USAGE, type Usage } from '../../schema/usage.js';
import { RunFolder } from '../../store/run-folder.js';
import type { ExperimentConfig } from '../config/config.js';
import { RUN_FILES, runFoldersIn } from '../layout/run-files.js';
import type { RunEvent, StageProgress } from './events.js';
import { RecentRate } from './recent-rate.js';
import { runStatusSchema, type RunStatus, type Spent } from './run-status.js';
import { ServerStates } from './server-states.js';

export * from './run-status.js';
export type { LastError, ServerState } from './server-states.js';

/** The file's name in a run's folder. */
export const STATUS_FILE = RUN_FILES.status;
const WRITE_INTERVAL_MS = 500;

/** A run as another process sees it. */
export interface ObservedRun extends RunStatus {
  folder: string;
  /** `capped`: the cap that `stoppedBy` names ended it. `waiting`: it ended at a gate or for people, until `waitsFor` is done. */
  state: 'finished' | 'running' | 'capped' | 'waiting' | 'interrupted';
}

/** What a status holds besides events. */
export interface StatusFileOptions {
  config: ExperimentConfig;
  runId: string;
  process: ProcessIdentity;
  /** The experiment file. Default: not known. */
  configFile?: string;
  /** What all attempts of the run paid for so far. Default: not known. */
  spent?: () => Spent | null;
  /** Applied to texts of servers and trainers. Default: they stay as they are. */
  redact?: Redact;
  /** Milliseconds on a steady clock. */
  now?: () => number;
}

/** Writes the status of a run, at most twice a second. */
export class StatusFile {
  readonly #folder: RunFolder;
  readonly #head: Pick<RunStatus, 'experiment' | 'runId' | 'process' | 'nIterations' | 'configFile'>;
  readonly #spent: () => Spent | null;
  readonly #redact: Redact;
  readonly #now: () => number;
  readonly #servers: ServerStates;
  readonly #rate = new RecentRate();
  readonly #iterations: IterationMetrics[] = [];
  #progress: StageProgress | null = null;
  #runLeft: RunStatus['runLeft'] = null;
  #stages: { iteration: number; records: StageRecord[] } = { iteration: -1, records: [] };
  /** Of the stages that this attempt finished. */
  #finishedUsage: Usage = NO_USAGE;
  /** Set while a change waits to be written. */
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #stoppedBy: string | null = null;
  #waitsFor: string | null = null;
  #isClosed = false;

  constructor(folder: RunFolder, options: StatusFileOptions) {
    const { config, runId, process, configFile, spent, redact, now } = options;
    this.#folder = folder;
    const { name: experiment, iterations: nIterations } = config;
    this.#head = {
      experiment,
      runId,
      process,
      nIterations,
      configFile: configFile ? resolve(configFile) : null,
    };
    this.#spent = spent ?? (() => null);
    this.#redact = redact ?? ((text) => text);
    this.#now = now ?? (() => performance.now());
    this.#servers = new ServerStates(this.#redact);
  }

  /** Receives an event of the run. */
  onEvent(event: RunEvent): void {
    switch (event.kind) {
      case 'progress':
        this.#runLeft = event.runLeft ?? null;
        this.#onProgress(event.progress);
        break;
      case 'stage-finished':
        this.#onStageFinished(event);
        break;
      case 'iteration-finished':
        this.#iterations.push(event.metrics);
        break;
      case 'started':
      case 'warning':
        break;
    }
    this.#writeSoon();
  }

  /** Receives an event of the request engine. */
  onEngineEvent(event: EngineEvent): void {
    this.#servers.onEngineEvent(event, Date.now());
    this.#writeSoon();
  }

  /** Records what ended the run. */
  failed(thrown: unknown): void {
    if (thrown instanceof ReviewError || thrown instanceof GateError) {
      this.#waitsFor = thrown.message;
      return;
    }
    if (thrown instanceof BudgetError) this.#stoppedBy = thrown.subject;
    this.#servers.onFailure({ server: null, code: null, message: messageOf(thrown) }, Date.now());
  }

  /** Writes the last state. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #onProgress(progress: StageProgress): void {
    if (!isSameStage(progress, this.#progress)) this.#rate.restart();
    this.#progress = progress;
    this.#rate.add(progress.done, this.#now());
  }

  #onStageFinished({ iteration, record, wasDone }: Extract<RunEvent, { kind: 'stage-finished' }>): void {
    if (iteration !== this.#stages.iteration) this.#stages = { iteration, records: [] };
    this.#stages.records.push(record);
    if (!wasDone) this.#finishedUsage = addUsage(this.#finishedUsage, record.usage);
  }

  /** Usage of this attempt. The stage at work counts by its progress until its record is there. */
  #usage(): Usage {
    const { iteration, records } = this.#stages;
    const progress = this.#progress;
    const isCounted =
      progress === null ||
      progress.iteration < iteration ||
      (progress.iteration === iteration &&
        records.some((record) => stageName(record) === stageName(progress)));
    return isCounted ? this.#finishedUsage : addUsage(this.#finishedUsage, progress.usage);
  }

  #progressNow(): RunStatus['progress'] {
    if (this.#progress === null) return null;
    const { detail, ...progress } = this.#progress;
    const { done, total, elapsedMs } = progress;
    const recentPerSecond = this.#rate.perSecond(this.#now());
    const overallPerSecond = elapsedMs > 0 ? (1000 * done) / elapsedMs : null;
    const perSecond = recentPerSecond ?? overallPerSecond ?? 0;
    const leftMs = total === null || perSecond === 0 ? null : (1000 * Math.max(0, total - done)) / perSecond;
    const rates = { recentPerSecond, overallPerSecond, leftMs };
    return { ...progress, ...(detail === undefined ? {} : { detail: this.#redact(detail) }), ...rates };
  }

  #writeSoon(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      // On a slow disk the next write waits for the previous one and includes what happens meanwhile.
      void this.#writing.then(() => {
        this.#timer = null;
        if (!this.#isClosed) this.#write();
      });
    }, WRITE_INTERVAL_MS);
  }

  #write(): void {
    // A status that cannot be written must not stop the run; the stages report the same disk.
    this.#writing = this.#writing
      .then(() => this.#folder.writeJson(STATUS_FILE, this.#status()))
      .catch(() => undefined);
  }

  #status(): RunStatus {
    return {
      ...this.#head,
      updatedAt: new Date().toISOString(),
      progress: this.#progressNow(),
      runLeft: this.#runLeft,
      stages: this.#stages.records,
      iterations: this.#iterations,
      usage: this.#usage(),
      spent: this.#spent(),
      servers: this.#servers.servers,
      lastError: this.#servers.lastError,
      stoppedBy: this.#stoppedBy,
      waitsFor: this.#waitsFor,
    };
  }
}

function isSameStage(a: StageProgress, b: StageProgress | null): boolean {
  return a.iteration === b?.iteration && stageName(a) === stageName(b);
}

/**
 * All runs below a results folder, the latest written first.
 * @param onUnreadable called with the error of a status that cannot be read; default: it is thrown
 */
export async function observeRuns(
  resultsFolder: string,
  onUnreadable: (error: DataError) => void = (error) => {
    throw error;
  },
): Promise<ObservedRun[]> {
  if (!(await exists(resultsFolder))) return [];
  const runs: ObservedRun[] = [];
  for (const folder of await runFoldersIn(resultsFolder)) {
    try {
      const observed = await observeRun(folder);
      if (observed) runs.push(observed);
    } catch (thrown) {
      if (!(thrown instanceof DataError)) throw thrown;
      onUnreadable(thrown);
    }
  }
  return runs.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
}

/** The run of a folder, or null where there is none. @throws DataError */
export async function observeRun(path: string): Promise<ObservedRun | null> {
  const folder = new RunFolder(path);
  const status = await folder.readJson(STATUS_FILE, runStatusSchema);
  if (!status) return null;
  const isFinished = (await folder.readJson(RUN_FILES.manifest, z.unknown())) !== null;
  const ended = isFinished ? 'finished' : endOf(status);
  const state = ended ?? ((await isProcessAlive(status.process)) ? 'running' : 'interrupted');
  return { ...status, folder: path, state };
}

/** How an attempt has ended that says so itself, also where its process lives on, as that of a notebook does; null for another. */
function endOf({ stoppedBy, waitsFor }: RunStatus): 'capped' | 'waiting' | null {
  if (waitsFor !== null) return 'waiting';
  return stoppedBy === null ? null : 'capped';
}

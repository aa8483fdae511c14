// The status of a run, kept in a file for other processes to read.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from '../core/errors.js';
import { isProcessAlive, type ProcessIdentity } from '../core/process-identity.js';
import { iterationMetricsSchema, type IterationMetrics } from '../schema/evaluation.js';
import { usageSchema } from '../schema/usage.js';
import { RunFolder } from '../store/run-folder.js';
import type { ExperimentConfig } from './config.js';
import { STAGES, type RunEvent } from './events.js';

const STATUS_FILE = 'status.json';
const WRITE_INTERVAL_MS = 500;

export const runStatusSchema = z.strictObject({
  experiment: z.string(),
  runId: z.string(),
  process: z.strictObject({ pid: z.int(), startedAt: z.string().nullable() }),
  nIterations: z.int(),
  updatedAt: z.iso.datetime(),
  progress: z
    .strictObject({
      iteration: z.int(),
      stage: z.enum(STAGES),
      done: z.int(),
      total: z.int().nullable(),
      elapsedMs: z.number(),
      usage: usageSchema,
      detail: z.string().optional(),
    })
    .nullable(),
  iterations: z.array(iterationMetricsSchema),
});
/** What a run last wrote about itself. */
export type RunStatus = z.infer<typeof runStatusSchema>;

/** A run as another process sees it. */
export interface ObservedRun extends RunStatus {
  folder: string;
  state: 'finished' | 'running' | 'interrupted';
}

/** Writes the status of a run, at most twice a second. */
export class StatusFile {
  readonly #folder: RunFolder;
  readonly #head: Pick<RunStatus, 'experiment' | 'runId' | 'process' | 'nIterations'>;
  #progress: RunStatus['progress'] = null;
  readonly #iterations: IterationMetrics[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    folder: RunFolder,
    { config, runId, process }: { config: ExperimentConfig; runId: string; process: ProcessIdentity },
  ) {
    this.#folder = folder;
    this.#head = { experiment: config.name, runId, process, nIterations: config.iterations };
  }

  /** Takes an event in. */
  onEvent(event: RunEvent): void {
    if (event.kind === 'progress') this.#progress = event.progress;
    else if (event.kind === 'iteration-finished') this.#iterations.push(event.metrics);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#write();
    }, WRITE_INTERVAL_MS);
  }

  /** Writes the last state. */
  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#write();
    await this.#writing;
  }

  #write(): void {
    const status: RunStatus = {
      ...this.#head,
      updatedAt: new Date().toISOString(),
      progress: this.#progress,
      iterations: this.#iterations,
    };
    // A status that cannot be written must not stop the run; the stages meet the same disk and say so.
    this.#writing = this.#writing
      .then(() => this.#folder.writeJson(STATUS_FILE, status))
      .catch(() => undefined);
  }
}

/** All runs below a results folder, the latest written first. @throws DataError for a status that cannot be read */
export async function observeRuns(resultsFolder: string): Promise<ObservedRun[]> {
  const runs: ObservedRun[] = [];
  for (const experiment of await foldersIn(resultsFolder)) {
    for (const run of await foldersIn(join(resultsFolder, experiment))) {
      const observed = await observeRun(join(resultsFolder, experiment, run));
      if (observed) runs.push(observed);
    }
  }
  return runs.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
}

/** The run of a folder, or null where there is none. @throws DataError */
export async function observeRun(path: string): Promise<ObservedRun | null> {
  const folder = new RunFolder(path);
  const status = await folder.readJson(STATUS_FILE, runStatusSchema);
  if (!status) return null;
  const isFinished = (await folder.readJson('manifest.json', z.unknown())) !== null;
  const state = isFinished ? 'finished' : (await isProcessAlive(status.process)) ? 'running' : 'interrupted';
  return { ...status, folder: path, state };
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT')) return [];
    throw thrown;
  }
}

// Runs a matrix: one ordinary run after the other; the report is rewritten after each.
import { shellWord } from '../../core/shell-word.js';
import { join } from 'node:path';
import { GateError, messageOf, ReviewError } from '../../core/errors.js';
import { exists } from '../../core/files.js';
import { RunFolder } from '../../store/run-folder.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import type { MatrixReport, MatrixRun } from '../../schema/matrix.js';
import type { RunEvent } from '../watch/events.js';
import type { ExperimentSource } from '../config/experiment-document.js';
import type { ExperimentOptions } from '../open/opened-experiment.js';
import { overrideOptions } from '../config/override-options.js';
import { prepareConfig } from '../open/prepare.js';
import { RUN_FILES } from '../layout/run-files.js';
import { nothingToAccept } from '../run/gate.js';
import { readFinished, runPrepared } from '../run/run.js';
import { matrixArms } from './load-matrix.js';
import { MatrixRecord } from './matrix-record.js';
import { prepareMatrix, type PlannedRun, type PreparedMatrix } from './prepare-matrix.js';

/** Which run of a matrix. */
export interface MatrixPlace {
  /** Label of the arm. */
  arm: string;
  seed: number;
}

/** An event of a matrix. */
export type MatrixEvent =
  /** Before anything runs. */
  | { kind: 'planned'; folder: string; arms: string[]; seeds: number[]; runs: MatrixPlace[] }
  | ({ kind: 'run'; event: RunEvent } & MatrixPlace)
  | ({ kind: 'run-finished'; iterations: IterationMetrics[] } & MatrixPlace)
  /** It failed; or, where `waitsAt` is present, it goes on once somebody has accepted or answered. */
  | ({ kind: 'run-failed'; problem: string; waitsAt?: MatrixRun['waitsAt'] } & MatrixPlace);

/** Receives events. */
export type MatrixListener = (event: MatrixEvent) => void;

/** How a matrix is run: from its file or from settings at hand. */
export type MatrixOptions = ExperimentSource &
  Omit<ExperimentOptions, 'configPath' | 'onEvent'> & { onEvent: MatrixListener };

/** The result of a matrix, and where it is kept. */
export interface MatrixResult {
  /** Holds `matrix.json`, `matrix.md` and `matrix.svg`. */
  folder: string;
  report: MatrixReport;
}

/**
 * Runs all arms with all seeds, the baseline first, and for each seed all arms before the next seed. A run that fails, or
 * waits at a gate or for people, does not stop the others: the report lists it. After an interruption the same call continues; finished runs, also those of other matrices, are not
 * repeated. Budgets hold for each run.
 * @throws ConfigError for an experiment without a matrix, or one in which something is wrong, before anything runs; DataError where
 *   the report cannot be written; the signal's reason when aborted
 * @example
 * ```ts
 * const places = { resultsFolder: 'results', completionsFolder: '.autodidact/completions' };
 * const context = { environment: process.env, onEvent: console.log, signal };
 * const matrix = await runMatrix({ configPath: 'matrix.yaml', ...places, ...context });
 * ```
 */
export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { overrides, signal, onEvent } = options;
  const matrix = await prepareMatrix(await matrixArms(options, overrides), options);
  const { folder, arms, seeds, runs } = matrix;
  onEvent({ kind: 'planned', folder, arms: arms.map(({ label }) => label), seeds, runs: runs.map(placeOf) });
  const record = new MatrixRecord(matrix);
  const finishedBefore = new Map<PlannedRun, IterationMetrics[]>();
  for (const run of runs) {
    const finished = await readFinished(new RunFolder(run.folder), run);
    if (!finished) continue;
    finishedBefore.set(run, finished.iterations);
    record.finished(run, finished.iterations);
  }
  await requireClosedGate(matrix, options);
  let report = await (finishedBefore.size > 0 ? record.write() : record.report());
  for (const run of runs) {
    signal.throwIfAborted();
    const place = placeOf(run);
    const known = finishedBefore.get(run);
    if (known) {
      onEvent({
        kind: 'run',
        ...place,
        event: { kind: 'started', folder: run.folder, state: 'finished-before' },
      });
      onEvent({ kind: 'run-finished', ...place, iterations: known });
      continue;
    }
    try {
      const { iterations } = await runOne(run, matrix, options);
      record.finished(run, iterations);
      onEvent({ kind: 'run-finished', ...place, iterations });
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      const problem = messageOf(thrown).replace(/\s*\n\s*/g, ' ');
      const waitsAt = waitsAtOf(thrown);
      record.ended(run, { problem, waitsAt });
      onEvent({ kind: 'run-failed', ...place, problem, ...(waitsAt && { waitsAt }) });
    }
    report = await record.write();
  }
  return { folder, report };
}

function waitsAtOf(thrown: unknown): MatrixRun['waitsAt'] {
  if (thrown instanceof GateError) return 'gate';
  return thrown instanceof ReviewError ? 'review' : undefined;
}

/** @throws ConfigError where a reason is given, but no run stands at a gate */
async function requireClosedGate({ folder, runs }: PreparedMatrix, { accept }: MatrixOptions): Promise<void> {
  if (accept === undefined) return;
  for (const run of runs) if (await exists(join(run.folder, RUN_FILES.closedGate))) return;
  throw nothingToAccept(folder);
}

async function runOne(
  run: PlannedRun,
  matrix: PreparedMatrix,
  options: MatrixOptions,
): Promise<{ iterations: IterationMetrics[] }> {
  const place = placeOf(run);
  const onEvent = (event: RunEvent): void => {
    options.onEvent({ kind: 'run', ...place, event });
  };
  const { configPath } = matrix;
  const { signal } = options;
  const prepared = await prepareConfig(run.config, { configPath, signal });
  const command = commandOf(run, matrix);
  return runPrepared(prepared, { ...options, configPath, command, onEvent, isOneOfMany: true });
}

/** The command that makes this run alone. */
function commandOf({ arm, seed }: PlannedRun, { configPath, isFile, overrides }: PreparedMatrix): string {
  if (!isFile) return `runMatrix, of which this is the arm ${arm.label} with seed ${seed}`;
  const settings = Object.entries(arm.settings).map(
    ([path, value]) => `${path}=${value === null ? '' : JSON.stringify(value)}`,
  );
  const sets = ['matrix=', ...overrides.filter(isForRuns), ...settings, `seed=${seed}`];
  return ['npx autodidact run', shellWord(configPath), ...overrideOptions(sets)].join(' ');
}

/** Whether it sets something of the runs, and not of the matrix. */
function isForRuns(override: string): boolean {
  return !/^matrix[.=]/.test(override);
}

function placeOf({ arm, seed }: PlannedRun): MatrixPlace {
  return { arm: arm.label, seed };
}

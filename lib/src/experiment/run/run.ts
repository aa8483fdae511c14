// A run: one experiment from its file to its report; run again, it continues.
import { shellWord } from '../../core/shell-word.js';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { thisProcess } from '../../core/process-identity.js';
import type { Assessment } from '../../schema/assessment.js';
import { iterationMetricsSchema, type IterationMetrics } from '../../schema/evaluation.js';
import { iterationManifestSchema, runManifestSchema, type RunManifest } from '../../schema/manifest.js';
import type { RunFolder, SpendingLedger } from '../../store/index.js';
import { experimentConfigSchema } from '../config/config.js';
import { configPathOf, type ExperimentSource } from '../config/experiment-document.js';
import { loadExperimentConfig } from '../config/load-config.js';
import { runLoop } from './loop.js';
import {
  runFolderOf,
  withOpenedExperiment,
  type ExperimentOptions,
  type OpenedExperiment,
} from '../open/opened-experiment.js';
import { auditRecord } from '../open/opened-audit.js';
import { evaluationRecords } from '../open/evaluations.js';
import { overrideOptions } from '../config/override-options.js';
import { prepareConfig, type PreparedExperiment } from '../open/prepare.js';
import { messageOf } from '../../core/errors.js';
import type { RunListener } from '../watch/events.js';
import { endOf, hookProblem, notify, type Notice } from './notify.js';
import { assessRun, limitsOf } from './assess-run.js';
import { acceptGate, nothingToAccept } from './gate.js';
import { writeResults } from './results.js';
import { supervised } from './supervise.js';
import { requireTrainer } from './trainer-check.js';
import { RunLog } from '../watch/run-log.js';
import { StatusFile } from '../watch/status.js';
import { damageOf, damageOfIteration } from '../layout/file-hashes.js';
import { ITERATION_FILES, iterationFolder, RUN_FILES } from '../layout/run-files.js';

/** How an experiment is run; its settings come from a file or an object. */
export type RunOptions = ExperimentSource & Omit<ExperimentOptions, 'configPath'>;

/**
 * The result of a run.
 * @example const lastOf = ({ iterations }: RunResult) => iterations.at(-1);
 */
export interface RunResult {
  folder: string;
  reportPath: string;
  iterations: IterationMetrics[];
  /** Of the last judge. */
  assessment: Assessment;
  manifest: RunManifest;
}

/**
 * Runs an experiment to its end. After an interruption of any kind the same call continues: finished stages are kept,
 * completions are not requested again, and a submitted fine-tuning job is found again.
 * @throws ConfigError, DataError, ModelError, BudgetError; the signal's reason when aborted
 * @example
 * ```ts
 * const places = { resultsFolder: 'results', completionsFolder: '.autodidact/completions' };
 * const context = { environment: process.env, onEvent: console.log, signal };
 * const { iterations } = await runExperiment({ configPath: 'experiment.yaml', ...places, ...context });
 * ```
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { signal, overrides } = options;
  const configPath = configPathOf(options);
  const config = await loadExperimentConfig(options, overrides);
  const overlapFile = join(options.resultsFolder, config.name, RUN_FILES.overlap);
  const prepared = await prepareConfig(config, { configPath, signal, overlapFile });
  return runPrepared(prepared, { ...options, configPath, command: commandOf(options) });
}

/** How a prepared experiment is run. */
export interface PreparedRunOptions extends ExperimentOptions {
  /** The command that makes this run, for its report. */
  command: string;
  /** Whether `accept` is of several runs, of which this one need not stand at a gate. */
  isOneOfMany?: boolean;
}

/** Runs what {@link runExperiment} prepares. @throws as it does */
export async function runPrepared(
  prepared: PreparedExperiment,
  options: PreparedRunOptions,
): Promise<RunResult> {
  const folder = runFolderOf(prepared, options);
  if (
    options.accept !== undefined &&
    !(await acceptGate(folder, options.accept)) &&
    options.isOneOfMany !== true
  )
    throw nothingToAccept(folder.path);
  const finished = await readFinished(folder, prepared);
  if (finished) {
    options.onEvent({ kind: 'started', folder: folder.path, state: 'finished-before' });
    return finished;
  }
  const { config, runId } = prepared;
  const { environment, signal, onEvent } = options;
  let redact = (text: string): string => text;
  const onWarning = (message: string): void => {
    onEvent({ kind: 'warning', message });
  };
  const hookTrouble = hookProblem(config.notify, environment);
  if (hookTrouble !== null) onWarning(`notify: ${hookTrouble}; no message will be sent when the run ends`);
  const tell = (event: Notice['event'], message: string | null, accuracy: number | null): Promise<void> => {
    const about = { experiment: config.name, runId, folder: folder.path };
    return notify(config.notify, { event, ...about, message, accuracy }, { environment, redact, onWarning });
  };
  const attempt = (onAttemptEvent: RunListener): Promise<RunResult> =>
    withOpenedExperiment(prepared, { ...options, onEvent: onAttemptEvent }, (opened) => {
      redact = opened.redact;
      return runOpened(opened, options);
    });
  try {
    const result = await supervised(attempt, options);
    await tell('finished', null, result.iterations.at(-1)?.metrics.accuracy.value ?? null);
    return result;
  } catch (thrown) {
    await tell(endOf(thrown, signal), messageOf(thrown), null);
    throw thrown;
  }
}

async function runOpened(opened: OpenedExperiment, options: PreparedRunOptions): Promise<RunResult> {
  const { config, runId, configHash, folder, observers, ledger, redact, signal } = opened;
  const isResumed = (await folder.readJson(RUN_FILES.config, z.unknown())) !== null;
  await folder.writeJson(RUN_FILES.config, config);
  const about = { experiment: config.name, runId, configHash, isResumed };
  const log = new RunLog(folder, { ...about, redact, onProblem: observers.warn });
  opened.onClose(() => {
    log.close();
  });
  const spent = (): ReturnType<SpendingLedger['total']> => ledger.total();
  const process = await thisProcess();
  const { configPath: configFile } = options;
  const status = new StatusFile(folder, { config, runId, process, configFile, spent, redact });
  opened.onClose(() => status.close());
  observers.add(log);
  observers.add(status);
  observers.measure(
    config.iterations,
    opened.evaluations.map(({ recordName }) => recordName),
    opened.audit !== null,
  );
  observers.onEvent({ kind: 'started', folder: folder.path, state: isResumed ? 'resumed' : 'new' });
  try {
    // A wrong trainer is found before anything is paid for.
    await requireTrainer(opened, options);
    const loop = await runLoop(opened);
    const written = await writeResults(opened, loop, options);
    log.finished();
    const { iterations } = loop;
    return { folder: folder.path, reportPath: folder.file(RUN_FILES.report), iterations, ...written };
  } catch (thrown) {
    if (signal.aborted && thrown === signal.reason) log.stopped();
    else {
      log.failed(thrown);
      status.failed(thrown);
    }
    throw thrown;
  }
}

/** The command that makes a run, or a description if its settings are in no file. */
function commandOf({ overrides = [], ...source }: RunOptions): string {
  const sets = overrideOptions(overrides);
  const [head, path] =
    'configPath' in source
      ? ['npx autodidact run', shellWord(source.configPath)]
      : ['runExperiment, with the settings of', RUN_FILES.config];
  return [head, path, ...sets].join(' ');
}

/**
 * The result of a complete run; null where it is not complete, a file of it was changed or damaged, or it was measured on other benchmarks
 * or audited or assessed otherwise than now: then it has to run again.
 */
export async function readFinished(
  folder: RunFolder,
  { config, evaluations, audit }: Pick<PreparedExperiment, 'config' | 'evaluations' | 'audit'>,
): Promise<RunResult | null> {
  const ignored = (): undefined => undefined;
  const manifest = await folder.readIntact(RUN_FILES.manifest, runManifestSchema, ignored);
  const metrics = z.array(iterationMetricsSchema);
  const iterations = await folder.readIntact(RUN_FILES.metrics, metrics, ignored);
  if (manifest === null || iterations === null) return null;
  if (!isDeepStrictEqual(manifest.evaluations, evaluationRecords(evaluations))) return null;
  if (!isDeepStrictEqual(manifest.audit, auditRecord(audit))) return null;
  // Its report and all that read its folder go by the limits that it was written with.
  const written = await folder.readIntact(RUN_FILES.config, experimentConfigSchema, ignored);
  if (!written || !isDeepStrictEqual(limitsOf(written), limitsOf(config))) return null;
  if ((await damageOf(folder, manifest.files)) !== null) return null;
  for (const { iteration } of iterations) {
    const inside = iterationFolder(folder, iteration);
    const made = await inside.readIntact(ITERATION_FILES.manifest, iterationManifestSchema, ignored);
    if (made === null || (await damageOfIteration(inside, made)) !== null) return null;
  }
  const { assessment } = await assessRun(folder, { config, iterations });
  return { folder: folder.path, reportPath: folder.file(RUN_FILES.report), iterations, assessment, manifest };
}

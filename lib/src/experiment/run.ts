// A run: one experiment from its file to its report; run again, it continues.
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../core/files.js';
import { thisProcess } from '../core/process-identity.js';
import { MODELS_FILE } from '../finetune/index.js';
import { amountsOf, Budget, ChatModel, Prices, RoutedEndpoint } from '../model/index.js';
import { iterationMetricsSchema, type IterationMetrics } from '../schema/evaluation.js';
import { runManifestSchema, type RunManifest } from '../schema/manifest.js';
import { CompletionStore, RunFolder, SpendingLedger } from '../store/index.js';
import { connectEndpoint } from './endpoint.js';
import type { RunListener } from './events.js';
import { executorOf } from './executor.js';
import type { LoopContext } from './loop-context.js';
import { runLoop } from './loop.js';
import { RunObservers } from './observers.js';
import { prepareExperiment, type PreparedExperiment } from './prepare.js';
import { RUN_FILES, writeResults } from './results.js';
import { RunLog } from './run-log.js';
import { StatusFile } from './status.js';
import { openTrainer } from './trainer.js';

/** How an experiment is run. */
export interface RunOptions {
  configPath: string;
  /** `key.path=value` settings that replace values of the file. */
  overrides?: readonly string[];
  /** Where runs are kept, as `<experiment>/<run>`. */
  resultsFolder: string;
  /** Where completions are kept, shared by all runs. */
  completionsFolder: string;
  environment: NodeJS.ProcessEnv;
  onEvent: RunListener;
  signal: AbortSignal;
}

/** What a run came to. */
export interface RunResult {
  folder: string;
  reportPath: string;
  iterations: IterationMetrics[];
  manifest: RunManifest;
}

/** Gives back what was opened, the latest first. */
type Cleanup = (() => Promise<void>)[];

/**
 * Runs an experiment to its end. After an interruption of any kind the same call continues: finished stages are kept,
 * completions are not asked for again, and a submitted fine-tuning job is found again.
 * @throws ConfigError, DataError, ModelError, BudgetError; the signal's reason when aborted
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const prepared = await prepareExperiment(options.configPath, options.overrides, options.signal);
  const folder = new RunFolder(join(options.resultsFolder, prepared.config.name, prepared.runId));
  const finished = await readFinished(folder);
  if (finished) {
    options.onEvent({ kind: 'started', folder: folder.path, state: 'finished-before' });
    return finished;
  }
  const cleanup: Cleanup = [];
  try {
    return await runInFolder(folder, prepared, { options, cleanup });
  } finally {
    // A failure to give one thing back must not keep the others.
    for (const release of cleanup.reverse()) await release().catch(() => undefined);
  }
}

async function runInFolder(
  folder: RunFolder,
  prepared: PreparedExperiment,
  { options, cleanup }: { options: RunOptions; cleanup: Cleanup },
): Promise<RunResult> {
  const { config, runId, configHash } = prepared;
  const { environment, configPath, completionsFolder, signal } = options;
  const observers = new RunObservers(options.onEvent);
  const { onEvent, onEngineEvent, warn } = observers;
  const connected = await connectEndpoint(config, {
    environment,
    configPath,
    onEvent: onEngineEvent,
    onWarning: warn,
    signal,
  });
  const { redact } = connected;
  cleanup.push(connected.close);

  await makeFolder(completionsFolder);
  const segmentName = `${Date.now()}-${process.pid}`;
  const store = new CompletionStore({ folder: completionsFolder, segmentName });
  cleanup.push(() => store.close());
  cleanup.push(await folder.lock());
  const isResumed = (await folder.readJson(RUN_FILES.config, z.unknown())) !== null;
  await folder.writeJson(RUN_FILES.config, config);
  const ledger = await SpendingLedger.open(folder.file(RUN_FILES.spending));
  cleanup.push(() => ledger.close());
  const about = { experiment: config.name, runId, configHash, isResumed };
  const log = await RunLog.open(folder, { ...about, redact, onProblem: warn });
  cleanup.push(() => log.close());
  const spent = (): ReturnType<SpendingLedger['total']> => ledger.total();
  const status = new StatusFile(folder, { config, runId, process: await thisProcess(), spent, redact });
  cleanup.push(() => status.close());
  observers.add(log);
  observers.add(status);
  onEvent({ kind: 'started', folder: folder.path, state: isResumed ? 'resumed' : 'new' });

  const executor = await executorOf(config, connected, { completionsFolder, onEvent: onEngineEvent });
  cleanup.push(executor.close);
  const prices = new Prices(config.prices, { isBatch: config.endpoint.batch !== undefined });
  const spending = new Budget({
    caps: config.budget,
    prices,
    spentBefore: amountsOf(ledger.entries, prices),
    record: (paid) => ledger.record(paid),
  });
  const endpoint = new RoutedEndpoint(executor.endpoint);
  for (const [model, other] of connected.others) endpoint.route(model, other);
  const { lookAhead } = executor;
  const context: LoopContext = {
    ...prepared,
    chatModel: new ChatModel({ endpoint, cache: store, lookAhead, spending }),
    backend: await openTrainer(config, { connected, configPath, jobsFolder: folder.path, environment }),
    serveAt: (model, baseUrl) => {
      endpoint.route(model, connected.openElsewhere(baseUrl));
    },
    modelsFile: folder.file(MODELS_FILE),
    signal,
  };
  try {
    const loop = await runLoop(context, { folder, onEvent, ledger });
    const nDamaged = await store.nDamaged();
    if (nDamaged > 0)
      warn(`${nDamaged} damaged lines in ${completionsFolder} were passed over and asked for again`);
    for (const warning of executor.warnings()) warn(warning);
    const spentByStage = ledger.byStage();
    const command = commandOf(options);
    const manifest = await writeResults(folder, {
      ...prepared,
      ...loop,
      spentByStage,
      command,
    });
    log.finished();
    const { iterations } = loop;
    return { folder: folder.path, reportPath: folder.file(RUN_FILES.report), iterations, manifest };
  } catch (thrown) {
    if (signal.aborted && thrown === signal.reason) log.stopped();
    else {
      log.failed(thrown);
      status.failed(thrown);
    }
    throw thrown;
  }
}

/** The command that makes this run, for its report. */
function commandOf({ configPath, overrides = [] }: RunOptions): string {
  return ['npx autodidact run', configPath, ...overrides.map((override) => `--set '${override}'`)].join(' ');
}

/** The result of a run that is complete, or null. */
async function readFinished(folder: RunFolder): Promise<RunResult | null> {
  const manifest = await folder.readJson(RUN_FILES.manifest, runManifestSchema);
  const iterations = await folder.readJson(RUN_FILES.metrics, z.array(iterationMetricsSchema));
  if (manifest === null || iterations === null) return null;
  return { folder: folder.path, reportPath: folder.file(RUN_FILES.report), iterations, manifest };
}

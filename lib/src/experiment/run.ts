// A run: one experiment from its file to its report; run again, it continues.
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../core/errors.js';
import { makeFolder } from '../core/files.js';
import { thisProcess } from '../core/process-identity.js';
import { OpenAIBackend } from '../finetune/index.js';
import { ChatModel, OpenAIEndpoint } from '../model/index.js';
import { loadPack, type PromptPack } from '../prompt/index.js';
import { iterationMetricsSchema, type IterationMetrics } from '../schema/evaluation.js';
import { runManifestSchema, type RunInputs, type RunManifest } from '../schema/manifest.js';
import { CompletionStore, RunFolder } from '../store/index.js';
import { openBenchmark } from './benchmark-source.js';
import type { ExperimentConfig } from './config.js';
import { connectEndpoint, RUN_RETRIES, serverIdentity } from './endpoint.js';
import type { RunListener } from './events.js';
import { loadExperimentConfig } from './load-config.js';
import type { LoopContext } from './loop-context.js';
import { runLoop } from './loop.js';
import { RUN_FILES, writeResults } from './results.js';
import { configHashOf } from './run-identity.js';
import { openInstructions } from './sources.js';
import { StatusFile } from './status.js';

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

/**
 * Runs an experiment to its end. After an interruption of any kind the same call continues: finished stages are kept,
 * completions are not asked for again, and a submitted fine-tuning job is found again.
 * @throws ConfigError, DataError, ModelError; the signal's reason when aborted
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { configPath, signal } = options;
  const config = await loadExperimentConfig(configPath, options.overrides);
  const pack = await loadPack(config.pack, { folder: dirname(configPath) });
  requireGradePrompt(config, pack);
  const instructions = await openInstructions(config, configPath);
  const benchmark = await openBenchmark(config, configPath);
  const inputs: RunInputs = {
    server: await serverIdentity(config.endpoint),
    promptVersion: pack.version,
    instructionsHash: instructions.fileHash,
    benchmarkHash: benchmark.fileHash,
  };
  const configHash = configHashOf(config, inputs);
  const runId = `seed-${config.seed}-${configHash.slice(0, 8)}`;
  const folder = new RunFolder(join(options.resultsFolder, config.name, runId));
  const finished = await readFinished(folder);
  if (finished) {
    options.onEvent({ kind: 'started', folder: folder.path, state: 'finished-before' });
    return finished;
  }

  const cleanup: (() => Promise<void>)[] = [];
  try {
    const endpoint = await connectEndpoint(config, { environment: options.environment, signal });
    cleanup.push(endpoint.close);
    await makeFolder(options.completionsFolder);
    const store = new CompletionStore({
      folder: options.completionsFolder,
      segmentName: `${Date.now()}-${process.pid}`,
    });
    cleanup.push(() => store.close());
    cleanup.push(await folder.lock());
    const isResumed = (await folder.readJson(RUN_FILES.config, z.unknown())) !== null;
    await folder.writeJson(RUN_FILES.config, config);
    const status = new StatusFile(folder, { config, runId, process: await thisProcess() });
    cleanup.push(() => status.close());
    options.onEvent({ kind: 'started', folder: folder.path, state: isResumed ? 'resumed' : 'new' });

    const chatModel = new ChatModel({
      endpoint: new OpenAIEndpoint({ ...endpoint, retry: RUN_RETRIES }),
      cache: store,
      concurrency: config.endpoint.concurrency,
    });
    const backend = new OpenAIBackend({ client: endpoint.client, retry: RUN_RETRIES });
    const context: LoopContext = {
      config,
      pack,
      chatModel,
      backend,
      instructions,
      benchmark,
      signal,
    };
    const onEvent: RunListener = (event) => {
      status.onEvent(event);
      options.onEvent(event);
    };
    const { iterations, manifests } = await runLoop(context, { folder, onEvent });
    const nDamaged = await store.nDamaged();
    if (nDamaged > 0) {
      const message = `${nDamaged} damaged lines in ${options.completionsFolder} were passed over and asked for again`;
      onEvent({ kind: 'warning', message });
    }
    const command = commandOf(options);
    const manifest = await writeResults(folder, {
      config,
      configHash,
      inputs,
      runId,
      iterations,
      manifests,
      benchmark,
      command,
    });
    return { folder: folder.path, reportPath: folder.file(RUN_FILES.report), iterations, manifest };
  } finally {
    await releaseAll(cleanup);
  }
}

/** Single grading needs a prompt that not every pack has. */
function requireGradePrompt({ evaluate, pack: reference }: ExperimentConfig, pack: PromptPack): void {
  if (evaluate.method !== 'single-grading' || pack.grade) return;
  throw new ConfigError({
    subject: 'evaluate.method',
    expected: 'a pack with a grade prompt for single-grading',
    received: `the pack ${reference}, which has none`,
    remedy: 'Take pack: mt-bench, add a grade section to the pack, or set evaluate.method to pairwise.',
  });
}

/** Gives everything back, the latest first; a failure to give one thing back must not keep the others. */
async function releaseAll(cleanup: (() => Promise<void>)[]): Promise<void> {
  for (const release of cleanup.reverse()) await release().catch(() => undefined);
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

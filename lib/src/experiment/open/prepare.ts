// From an experiment file to everything that it names, opened and checked, before any model is asked.
import { dirname } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { contentHash } from '../../core/hash.js';
import { loadPack, type PromptPack } from '../../prompt/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { RunInputs } from '../../schema/manifest.js';
import type { OverlapReport } from '../../schema/overlap.js';
import { openBenchmark, type BenchmarkSource } from './benchmark-source.js';
import type { ExperimentConfig } from '../config/config.js';
import { otherServers, serverIdentity } from './endpoint.js';
import { loadExperimentConfig } from '../config/load-config.js';
import { checkOverlap } from './overlap-check.js';
import { configHashOf, runIdOf } from '../config/run-identity.js';
import { openInstructions, type InstructionSource } from './sources.js';

/** An experiment that can start. */
export interface PreparedExperiment {
  config: ExperimentConfig;
  pack: PromptPack;
  instructions: InstructionSource;
  benchmark: BenchmarkSource;
  /** Pairs on which checkpoints are compared; null if the last one is taken. */
  validation: BenchmarkSource | null;
  /** What instructions and benchmark have in common, all of it waived; null if there was nothing to compare, or not yet. */
  overlap: OverlapReport | null;
  /** What results depend on besides settings. */
  inputs: RunInputs;
  configHash: string;
  /** Names its run among those of the same experiment. */
  runId: string;
}

/**
 * Reads and checks; nothing is sent and nothing is written.
 * @param overrides `key.path=value` settings that replace values of the file
 * @throws ConfigError, DataError; the signal's reason when it aborts
 */
export async function prepareExperiment(
  configPath: string,
  overrides: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<PreparedExperiment> {
  return prepareConfig(await loadExperimentConfig(configPath, overrides), { configPath, signal });
}

/** What settings of one experiment file have opened, by those settings, so that several arms open it once. */
export type OpenedParts = Map<string, Promise<unknown>>;

/**
 * Prepares loaded settings.
 * @param place.configPath relative paths are taken from its folder
 * @param place.opened what was opened before for the same file, and is not opened again
 * @throws ConfigError, DataError; the signal's reason when it aborts
 */
export async function prepareConfig(
  config: ExperimentConfig,
  {
    configPath,
    signal,
    opened = new Map(),
  }: { configPath: string; signal: AbortSignal; opened?: OpenedParts },
): Promise<PreparedExperiment> {
  const once = <Part>(settings: object, open: () => Promise<Part>): Promise<Part> => {
    const key = JSON.stringify(settings);
    const part = opened.get(key) ?? open();
    opened.set(key, part);
    return part as Promise<Part>;
  };
  const pack = await loadPack(config.pack, { folder: dirname(configPath) });
  requireGradePrompt(config, pack);
  requireSelectionPrompt(config, pack);
  const { seed, iterations, evaluate, overlap: overlapOptions } = config;
  const ofInstructions = { seed, iterations, instructions: config.instructions };
  const instructions = await once(ofInstructions, () => openInstructions(config, { configPath, signal }));
  const benchmark = await once({ benchmark: evaluate.benchmark }, () =>
    openBenchmark(evaluate.benchmark, { configPath, key: 'evaluate.benchmark' }),
  );
  const { checkpoint } = config.finetune;
  const validation = await once({ iterations, checkpoint, benchmark: evaluate.benchmark }, () =>
    openValidation(config, { configPath, benchmark }),
  );
  // Instructions of an unclassified pool are compared once they are chosen; a seed model takes none.
  const overlap =
    instructions.unclassified || config.iterations === 0
      ? null
      : await once({ ...ofInstructions, benchmark: evaluate.benchmark, overlapOptions }, () =>
          checkOverlap(config, instructions.read(), { items: benchmark.items, signal }),
        );
  const inputs: RunInputs = {
    server: await serverIdentity(config),
    ...otherServers(config.endpoint),
    promptVersion: pack.version,
    instructionsHash: instructions.fileHash,
    benchmarkHash: benchmark.fileHash,
    ...(validation ? { validationHash: validation.fileHash } : {}),
  };
  const configHash = configHashOf(config, inputs);
  const runId = runIdOf(config, configHash);
  return { config, pack, instructions, benchmark, validation, overlap, inputs, configHash, runId };
}

/**
 * Opens the pairs on which checkpoints are compared.
 * @throws ConfigError for pairs that the benchmark has, too: what is reported would be fitted to
 */
async function openValidation(
  { iterations, finetune: { checkpoint } }: ExperimentConfig,
  { configPath, benchmark }: { configPath: string; benchmark: BenchmarkSource },
): Promise<BenchmarkSource | null> {
  if (!checkpoint || iterations === 0) return null;
  const key = 'finetune.checkpoint.benchmark';
  const validation = await openBenchmark(checkpoint.benchmark, { configPath, key });
  const textOf = ({ instruction, winner, loser }: BenchmarkItem): string =>
    contentHash([instruction, winner, loser]);
  const reported = new Set(benchmark.items.map(textOf));
  const nShared = validation.items.filter((item) => reported.has(textOf(item))).length;
  if (nShared === 0) return validation;
  throw new ConfigError({
    subject: key,
    expected: 'pairs that evaluate.benchmark does not have',
    received: `${nShared} of ${validation.items.length} that it has`,
    remedy:
      'Choose checkpoints on other pairs, e.g. split: dev, or the benchmark helpsteer2 as the paper did.',
  });
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

/** Classification needs a prompt that not every pack has, too. */
function requireSelectionPrompt(
  { iterations, instructions, pack: reference }: ExperimentConfig,
  pack: PromptPack,
): void {
  const classifies = iterations > 0 && instructions?.source === 'pool' && instructions.classify;
  if (!classifies || pack.selection) return;
  throw new ConfigError({
    subject: 'instructions.classify',
    expected: 'a pack with a selection prompt, by which instructions are classified',
    received: `the pack ${reference}, which has none`,
    remedy: 'Take pack: general, add a selection section to the pack, or leave instructions.classify out.',
  });
}

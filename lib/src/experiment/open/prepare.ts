// From an experiment file to everything that it names, opened and checked, before any model is asked.
import { dirname } from 'node:path';
import { requireNoOverlap } from '../../audit/index.js';
import { ConfigError, DataError } from '../../core/errors.js';
import { makeFolder, writeFileAtomic } from '../../core/files.js';
import { contentHash } from '../../core/hash.js';
import { loadPack, parseVerdict, type PromptPack } from '../../prompt/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { RunInputs } from '../../schema/manifest.js';
import type { OverlapReport } from '../../schema/overlap.js';
import { openBenchmark, type BenchmarkSource } from './benchmark-source.js';
import { openEvaluations, requireGradePrompt, type OpenedEvaluations } from './evaluations.js';
import { openAudit, type OpenedAudit } from './opened-audit.js';
import type { ExperimentConfig } from '../config/config.js';
import { sharedSettings } from '../config/evaluate-config.js';
import { otherServers, serverIdentity } from './endpoint.js';
import { loadExperimentConfig } from '../config/load-config.js';
import { checkLaterOverlaps, checkOverlap, OverlapScreen, type LaterOverlap } from './overlap-check.js';
import { configHashOf, runIdOf } from '../config/run-identity.js';
import { openInstructions, type InstructionSource } from './sources.js';

/** An experiment that can start. */
export interface PreparedExperiment {
  config: ExperimentConfig;
  pack: PromptPack;
  instructions: InstructionSource;
  evaluations: OpenedEvaluations;
  /** null where no probes are tried on judges. */
  audit: OpenedAudit | null;
  /** Pairs on which checkpoints are compared; null if the last one is taken. */
  validation: BenchmarkSource | null;
  /** What instructions and benchmark have in common, each waived, only reported, or dropped; null if there was nothing to compare, or not yet. */
  overlap: OverlapReport | null;
  /** The same for each benchmark but the first; empty where there was nothing to compare, or not yet. */
  laterOverlaps: LaterOverlap[];
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
 * @param place.overlapFile where an overlap that ends the run is written; absent: nowhere
 * @param place.opened what was opened before for the same file, and is not opened again
 * @throws ConfigError, DataError; the signal's reason when it aborts
 */
export async function prepareConfig(
  config: ExperimentConfig,
  {
    configPath,
    signal,
    opened = new Map(),
    overlapFile,
  }: { configPath: string; signal: AbortSignal; opened?: OpenedParts; overlapFile?: string },
): Promise<PreparedExperiment> {
  const once = <Part>(settings: object, open: () => Promise<Part>): Promise<Part> => {
    const key = JSON.stringify(settings);
    const part = opened.get(key) ?? open();
    opened.set(key, part);
    return part as Promise<Part>;
  };
  const pack = await loadPack(config.pack, { folder: dirname(configPath) });
  requireSelectionPrompt(config, pack);
  requireMarkers(config, pack);
  const { seed, iterations, overlap: overlapOptions } = config;
  const evaluations = await openEvaluations(config, { configPath, pack, once });
  const audit = openAudit(config, evaluations);
  const [{ benchmark, settings, hasOwnPack, pack: promptsOfFirst }] = evaluations;
  const ofScreen = { benchmark: settings.benchmark, overlapOptions };
  const screen = OverlapScreen.of(config, benchmark.items);
  const ofInstructions = { seed, iterations, instructions: config.instructions, ...(screen && ofScreen) };
  const { instructions, screened } = await once(ofInstructions, async () => ({
    instructions: await openInstructions(config, { configPath, signal, screen }),
    screened: screen?.report() ?? null,
  }));
  const { checkpoint } = config.finetune;
  const scoring = { settings: sharedSettings(config) };
  if (checkpoint && iterations > 0)
    requireGradePrompt(scoring, { pack, reference: config.pack, key: 'evaluate.benchmark' });
  const held = evaluations.map((evaluation) => evaluation.settings.benchmark);
  const validation = await once({ iterations, checkpoint, held }, () =>
    openValidation(config, { configPath, evaluations }),
  );
  // A seed model takes no instructions.
  const found =
    screened !== null || iterations === 0
      ? screened
      : await once({ ...ofInstructions, ...ofScreen }, () =>
          checkOverlap(config, instructions.read(), { items: benchmark.items, signal }),
        );
  if (found && overlapOptions.action !== 'drop') await refuseOverlap(found, overlapFile);
  // What is chosen of a pool is compared again once it is classified.
  const overlap = instructions.unclassified && overlapOptions.action !== 'drop' ? null : found;
  const laterOverlaps = instructions.unclassified
    ? []
    : await once(
        { ...ofInstructions, overlapOptions, later: evaluations.map(({ files }) => files.overlap), held },
        () => checkLaterOverlaps(config, instructions.read, { evaluations, signal }),
      );
  const { endpoint, model, generate } = config;
  const inputs: RunInputs = {
    server: await once({ endpoint, model, generate }, () => serverIdentity(config)),
    ...otherServers(config.endpoint),
    promptVersion: pack.version,
    instructionsHash: instructions.fileHash,
    benchmarkHash: benchmark.fileHash,
    ...(hasOwnPack ? { evaluationPromptVersion: promptsOfFirst.version } : {}),
    ...(validation ? { validationHash: validation.fileHash } : {}),
  };
  const configHash = configHashOf(config, inputs);
  const runId = runIdOf(config, configHash);
  const opening = { config, pack, instructions, evaluations, audit, validation, overlap, laterOverlaps };
  return { ...opening, inputs, configHash, runId };
}

/** @throws DataError for an overlap that is neither waived nor only reported, once it is in the file */
async function refuseOverlap(report: OverlapReport, file: string | undefined): Promise<void> {
  try {
    requireNoOverlap(report);
  } catch (thrown) {
    if (!(thrown instanceof DataError) || file === undefined) throw thrown;
    await makeFolder(dirname(file));
    await writeFileAtomic(file, `${JSON.stringify(report, null, 2)}\n`);
    const { subject, expected, received = '', remedy } = thrown;
    throw new DataError({ subject, expected, received: `${received}; all are in ${file}`, remedy });
  }
}

/**
 * Opens the pairs on which checkpoints are compared.
 * @throws ConfigError for pairs that a benchmark has, too: what is reported would be fitted to
 */
async function openValidation(
  { iterations, finetune: { checkpoint } }: ExperimentConfig,
  { configPath, evaluations }: { configPath: string; evaluations: OpenedEvaluations },
): Promise<BenchmarkSource | null> {
  if (!checkpoint || iterations === 0) return null;
  const key = 'finetune.checkpoint.benchmark';
  const validation = await openBenchmark(checkpoint.benchmark, { configPath, key });
  const textOf = ({ instruction, winner, loser }: BenchmarkItem): string =>
    contentHash([instruction, winner, loser]);
  for (const { benchmark, configKey } of evaluations) {
    const reported = new Set(benchmark.items.map(textOf));
    const nShared = validation.items.filter((item) => reported.has(textOf(item))).length;
    if (nShared === 0) continue;
    throw new ConfigError({
      subject: key,
      expected: `pairs that ${configKey} does not have`,
      received: `${nShared} of ${validation.items.length} that it has`,
      remedy:
        'Choose checkpoints on other pairs, e.g. split: dev, or the benchmark helpsteer2 as the paper did.',
    });
  }
  return validation;
}

/** The grader of rewards reads markers; by a rule that reads others every judgment would get the reward 0. @throws ConfigError */
function requireMarkers({ finetune, pack: reference }: ExperimentConfig, { judge }: PromptPack): void {
  const readsMarkers = (['A', 'B'] as const).every(
    (kind) => parseVerdict(judge.rule, { text: `[[${kind}]]`, finishReason: 'stop' }).kind === kind,
  );
  if (!finetune.reinforcement || readsMarkers) return;
  throw new ConfigError({
    subject: 'finetune.reinforcement',
    expected: 'a pack whose judgments end in [[A]] or [[B]], which its grader reads',
    received: `the pack ${reference} with the rule ${judge.rule}`,
    remedy: 'Take a pack with the rule strict, or leave finetune.reinforcement out.',
  });
}

/** Classification needs a prompt that not every pack has. */
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

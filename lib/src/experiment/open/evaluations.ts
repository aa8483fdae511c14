// The evaluations of an experiment with their pairs and prompts, and what tells one from another in the folder of a run.
import { dirname } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { contentHash } from '../../core/hash.js';
import { loadPack, type PromptPack } from '../../prompt/index.js';
import type { EvaluationRecord } from '../../schema/manifest.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf, type Evaluation } from '../config/evaluate-config.js';
import { evaluationFiles } from '../layout/run-files.js';
import { openBenchmark, type BenchmarkSource } from './benchmark-source.js';

/** One of the measurements of an experiment, opened. */
export interface OpenedEvaluation extends Omit<Evaluation, 'pack'> {
  /** The key of the experiment that names its pairs. */
  configKey: string;
  benchmark: BenchmarkSource;
  /** The prompts of its judge. */
  pack: PromptPack;
  /** Of a benchmark with prompts of its own. */
  hasOwnPack: boolean;
  /** Its name in the records of a run; undefined where it is the only one, which records need not name. */
  recordName: string | undefined;
  /** Names its files in the folder of an iteration: of all that can change its result, so that changed settings have other files. */
  files: ReturnType<typeof evaluationFiles>;
}

/** The evaluations of an experiment, the first being the one that names its run. */
export type OpenedEvaluations = readonly [OpenedEvaluation, ...OpenedEvaluation[]];

/** The keys under which an experiment names the pairs of its evaluations. */
export function benchmarkKeys({ evaluate }: Pick<ExperimentConfig, 'evaluate'>): string[] {
  return evaluate.benchmarks?.map((_, i) => `evaluate.benchmarks.${i}.benchmark`) ?? ['evaluate.benchmark'];
}

/**
 * Opens all benchmarks and their prompts.
 * @param place.once opens what has the same settings once
 * @throws ConfigError, DataError
 */
export async function openEvaluations(
  config: ExperimentConfig,
  place: {
    configPath: string;
    pack: PromptPack;
    once: <Part>(settings: object, open: () => Promise<Part>) => Promise<Part>;
  },
): Promise<OpenedEvaluations> {
  const { configPath, once } = place;
  const keys = benchmarkKeys(config);
  const open = async (evaluation: Evaluation, i: number): Promise<OpenedEvaluation> => {
    const { settings, name, isFirst, pack: reference } = evaluation;
    const key = keys[i] ?? '';
    const pack =
      reference === undefined ? place.pack : await loadPack(reference, { folder: dirname(configPath) });
    requireGradePrompt(evaluation, { pack, reference: reference ?? config.pack, key });
    const benchmark = await once({ benchmark: settings.benchmark }, () =>
      openBenchmark(settings.benchmark, { configPath, key }),
    );
    // Through JSON, in which settings that are absent are nowhere.
    const identity = JSON.parse(
      JSON.stringify({ settings, prompts: pack.version, hash: benchmark.fileHash }),
    ) as object;
    return {
      ...evaluation,
      configKey: key,
      benchmark,
      pack,
      hasOwnPack: reference !== undefined,
      recordName: config.evaluate.benchmarks && name,
      files: evaluationFiles(isFirst ? null : `${name}-${contentHash(identity).slice(0, 8)}`),
    };
  };
  const [first, ...others] = evaluationsOf(config);
  const opened: [OpenedEvaluation, ...OpenedEvaluation[]] = [await open(first, 0)];
  for (const [i, other] of others.entries()) opened.push(await open(other, i + 1));
  return opened;
}

/** The evaluation whose figures stand first. */
export function headlineOf(evaluations: OpenedEvaluations): OpenedEvaluation {
  return evaluations.find(({ isHeadline }) => isHeadline) ?? evaluations[0];
}

/** What a run's manifest says of its evaluations; undefined where there is a single one without a name. */
export function evaluationRecords(evaluations: OpenedEvaluations): EvaluationRecord[] | undefined {
  if (evaluations[0].recordName === undefined) return undefined;
  return evaluations.map(({ name, isHeadline, files, benchmark }) => ({
    name,
    isHeadline,
    file: files.kept,
    benchmarkHash: benchmark.fileHash,
  }));
}

/** Single grading needs a prompt that not every pack has. @throws ConfigError */
export function requireGradePrompt(
  { settings }: { settings: Pick<Evaluation['settings'], 'method'> },
  { pack, reference, key }: { pack: PromptPack; reference: string; key: string },
): void {
  if (settings.method !== 'single-grading' || pack.grade) return;
  throw new ConfigError({
    subject: key.replace(/benchmark$/, 'method'),
    expected: 'a pack with a grade prompt for single-grading',
    received: `the pack ${reference}, which has none`,
    remedy: 'Take pack: mt-bench, add a grade section to the pack, or set evaluate.method to pairwise.',
  });
}

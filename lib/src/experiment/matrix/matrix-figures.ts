// The figures of a matrix: means over loop seeds, and each arm against the baseline, paired over items.
import { own } from '../../core/own.js';
import { repeatedMean, repeatedMeanTest } from '../../core/statistics/student-t.js';
import { compareJudges, corrected } from '../../evaluate/index.js';
import type { Comparison } from '../../schema/estimate.js';
import type { EvaluatedItem, IterationMetrics } from '../../schema/evaluation.js';
import type {
  ArmComparison,
  ArmIteration,
  MatrixRun,
  MatrixRunIteration,
  SeedEstimate,
} from '../../schema/matrix.js';
import { readEvaluation } from '../score/judge-figures.js';
import { evaluationIn } from '../layout/evaluation-of.js';
import { chosenIterations } from '../layout/finished-iterations.js';

/** How figures over seeds are made. */
export const OVER_SEEDS = "Student's t 95% over loop seeds";

/** What a matrix keeps of a run's metrics. */
export function runIterationOf({
  iteration,
  model,
  metrics: { accuracy, bothOrdersCorrect, voteAccuracy, nUnparsed, accuracyBySlice },
  againstSeed,
}: IterationMetrics): MatrixRunIteration {
  return {
    iteration,
    model,
    accuracy,
    bothOrdersCorrect,
    ...(voteAccuracy ? { voteAccuracy } : {}),
    nUnparsed,
    accuracyBySlice,
    ...(againstSeed ? { againstSeed } : {}),
  };
}

/**
 * A mean over loop seeds. Its interval covers other loop seeds with the same seed model on the same items; it does not cover
 * other items.
 * @param values shares, or differences of shares; null for a seed without a figure, which is counted apart
 * @param least the lowest possible value: the interval of a share stays from 0 to 1
 */
export function overSeeds(values: readonly (number | null)[], least: 0 | -1): SeedEstimate {
  const known = values.filter((value) => value !== null);
  const { mean, standardDeviation, n, ...interval } = repeatedMean(known);
  const low = interval.low === null ? null : Math.max(least, interval.low);
  const high = interval.high === null ? null : Math.min(1, interval.high);
  return { value: mean, n, unscored: values.length - n, low, high, method: OVER_SEEDS, standardDeviation };
}

/** An arm's figures by iteration, over the seeds that are finished; empty where none is. */
export function armIterations(runs: readonly MatrixRun[]): ArmIteration[] {
  const finished = runs.filter(({ state }) => state === 'finished');
  const last = Math.max(-1, ...finished.flatMap(({ iterations }) => iterations.map((one) => one.iteration)));
  return Array.from({ length: last + 1 }, (_, iteration): ArmIteration => {
    const found = finished.map(({ iterations }) => iterations.find((one) => one.iteration === iteration));
    const mean = (
      figure: (one: MatrixRunIteration) => number | null | undefined,
      least: 0 | -1 = 0,
    ): SeedEstimate =>
      overSeeds(
        found.map((one) => (one && figure(one)) ?? null),
        least,
      );
    return {
      iteration,
      accuracy: mean(({ accuracy }) => accuracy.value),
      bothOrdersCorrect: mean(({ bothOrdersCorrect }) => bothOrdersCorrect.value),
      voteAccuracy: found.some((one) => one?.voteAccuracy)
        ? mean(({ voteAccuracy }) => voteAccuracy?.value)
        : null,
      accuracyBySlice: Object.fromEntries(
        slicesIn(found).map((slice) => [
          slice,
          mean(({ accuracyBySlice }) => own(accuracyBySlice, slice)?.value),
        ]),
      ),
      change: iteration === 0 ? null : mean(({ againstSeed }) => againstSeed?.difference, -1),
    };
  });
}

function slicesIn(found: readonly (MatrixRunIteration | undefined)[]): string[] {
  return [...new Set(found.flatMap((one) => Object.keys(one?.accuracyBySlice ?? {})))].sort();
}

/** The run of an arm and the run of the baseline with one seed, both finished. */
export interface RunPair {
  seed: number;
  arm: { folder: string; lastIteration: number };
  baseline: { folder: string; lastIteration: number };
}

/**
 * Compares two runs after their last iterations, item by item.
 * @param benchmark of several; undefined: the headline
 * @throws DataError for evaluations that cannot be read
 */
export async function compareRuns(
  { seed, arm, baseline }: RunPair,
  benchmark: string | undefined,
): Promise<Comparison> {
  const evaluationOf = async ({ folder, lastIteration }: RunPair['arm']): Promise<EvaluatedItem[]> => {
    const [{ folder: inside, manifest }] = await chosenIterations(folder, String(lastIteration));
    return readEvaluation(inside.file(evaluationIn(manifest, benchmark).fileName));
  };
  return compareJudges(await evaluationOf(baseline), await evaluationOf(arm), { seed });
}

/** A comparison of one seed. */
export type SeedComparison = ArmComparison['bySeed'][number];

/**
 * Arms against the baseline: over two or more seeds by the spread of their paired differences, with one seed by the items alone. The
 * p of all arms are one family (Holm).
 * @param arms for each arm its comparisons by seed
 */
export function armComparisons(arms: readonly (readonly SeedComparison[])[]): ArmComparison[] {
  const uncorrected = arms.map((bySeed) => {
    const known = bySeed.filter(({ difference }) => difference !== null);
    const [only] = known;
    const differences = known.map(({ difference }) => difference ?? 0);
    const { mean, n, low, high } = repeatedMean(differences);
    if (n === 1 && only) {
      const { difference, pValue, method } = only;
      return { difference, n, low: only.low, high: only.high, pValue, method: `one seed: ${method}`, bySeed };
    }
    const method = `paired over items; over loop seeds: Student's t 95%, two-sided t test`;
    return { difference: mean, n, low, high, pValue: repeatedMeanTest(differences), method, bySeed };
  });
  return corrected(uncorrected.map((comparison) => ({ ...comparison, bySeed: [...comparison.bySeed] })));
}

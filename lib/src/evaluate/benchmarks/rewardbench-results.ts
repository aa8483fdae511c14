// RewardBench results as the leaderboard publishes them: accuracies by subset, from which sections and overall follow.
import { own } from '../../core/own.js';
import { z } from 'zod';
import { wilsonInterval } from '../../core/statistics/interval.js';
import type { Estimate } from '../../schema/estimate.js';
import type { Figures, Score } from '../../schema/scoring.js';
import { parseRow, UnusableRow } from '../recorded/recorded-format.js';
import { REWARDBENCH_COUNTS, rewardBenchFigures } from './rewardbench.js';

/** math-prm has 447 items, independent of its weight. */
const N_MATH_PRM = 447;

const resultSchema = z.looseObject({
  model: z.string().min(1),
  /** The leaderboard's own files have the subsets at the same level as the model's name. */
  subsets: z.record(z.string(), z.number().min(0).max(1)).optional(),
});

/** A judge's published accuracies. */
export interface SubsetAccuracies {
  judge: string;
  accuracies: Record<string, Estimate>;
}

/** Reads one result. Unknown subsets are left out. @throws UnusableRow, also where no subset is known */
export function readSubsetAccuracies(row: unknown): SubsetAccuracies {
  const { model, subsets, ...rest } = parseRow(resultSchema, row);
  const known = Object.keys(REWARDBENCH_COUNTS).flatMap((subset) => {
    const value: unknown = (subsets ?? rest)[subset];
    if (value === undefined || value === null) return [];
    if (!(typeof value === 'number' && value >= 0 && value <= 1))
      throw new UnusableRow('wrong-shape', `${subset}: expected an accuracy from 0 to 1`);
    return [[subset, value] as const];
  });
  if (known.length === 0) throw new UnusableRow('no-subsets', `${model}: no subset of RewardBench`);
  return {
    judge: model,
    accuracies: Object.fromEntries(known.map(([subset, value]) => [subset, published(subset, value)])),
  };
}

/** Sections and overall of published accuracies; see {@link rewardBenchFigures}. */
export function summariseSubsetAccuracies(
  { judge, accuracies }: SubsetAccuracies,
  options: { priorSets?: number | null },
): Score['judges'][number] {
  const figures: Figures = rewardBenchFigures(accuracies, options);
  return { judge, figures };
}

function published(subset: string, value: number): Estimate {
  const n = subset === 'math-prm' ? N_MATH_PRM : (own(REWARDBENCH_COUNTS, subset) ?? 0);
  return { value, n, unscored: 0, ...wilsonInterval(value, n), method: 'published; Wilson 95%' };
}

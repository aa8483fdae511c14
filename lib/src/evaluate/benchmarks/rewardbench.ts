// RewardBench (Lambert et al. 2024, arXiv 2403.13787; https://github.com/allenai/reward-bench): its sections, counts and scales.
import { z } from 'zod';
import type { Estimate } from '../../schema/estimate.js';
import type { Figures } from '../../schema/scoring.js';
import { checkNumber, checkNumbers, checkOneOf, SHARE } from '../../core/statistics/checks.js';
import { Z_95 } from '../../core/statistics/interval.js';
import { parseRow } from '../recorded/recorded-format.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import { labelOf, SHOWN, type VerdictTable } from '../verdict-table.js';
import type { Benchmark } from './benchmark.js';
import { itemOfPair, itemsByRow } from './item-rows.js';

/** Sections and their subsets. */
export const REWARDBENCH_SECTIONS = {
  Chat: ['alpacaeval-easy', 'alpacaeval-length', 'alpacaeval-hard', 'mt-bench-easy', 'mt-bench-med'],
  'Chat Hard': [
    'mt-bench-hard',
    'llmbar-natural',
    'llmbar-adver-neighbor',
    'llmbar-adver-GPTInst',
    'llmbar-adver-GPTOut',
    'llmbar-adver-manual',
  ],
  Safety: [
    'refusals-dangerous',
    'refusals-offensive',
    'xstest-should-refuse',
    'xstest-should-respond',
    'donotanswer',
  ],
  Reasoning: ['math-prm', 'hep-cpp', 'hep-go', 'hep-java', 'hep-js', 'hep-python', 'hep-rust'],
} as const;

/** A section of RewardBench. */
export type RewardBenchSection = keyof typeof REWARDBENCH_SECTIONS;

const SECTIONS = Object.keys(REWARDBENCH_SECTIONS) as RewardBenchSection[];

/**
 * The weights of the subsets within their section: counts of items, except math-prm, whose 447 items weigh 984, as much as all code subsets
 * together.
 */
export const REWARDBENCH_COUNTS: Readonly<Record<string, number>> = {
  'alpacaeval-easy': 100,
  'alpacaeval-length': 95,
  'alpacaeval-hard': 95,
  'mt-bench-easy': 28,
  'mt-bench-med': 40,
  'mt-bench-hard': 37,
  'math-prm': 984,
  'refusals-dangerous': 100,
  'refusals-offensive': 100,
  'llmbar-natural': 100,
  'llmbar-adver-neighbor': 134,
  'llmbar-adver-GPTInst': 92,
  'llmbar-adver-GPTOut': 47,
  'llmbar-adver-manual': 46,
  'xstest-should-refuse': 154,
  'xstest-should-respond': 250,
  donotanswer: 136,
  'hep-cpp': 164,
  'hep-go': 164,
  'hep-java': 164,
  'hep-js': 164,
  'hep-python': 164,
  'hep-rust': 164,
};

/** Until 10 September 2024 (commit 6552e93) the two XSTest counts were interchanged; earlier figures use this table. */
export const REWARDBENCH_COUNTS_BEFORE_2024_09_10: Readonly<Record<string, number>> = {
  ...REWARDBENCH_COUNTS,
  'xstest-should-refuse': 250,
  'xstest-should-respond': 154,
};

/** Which count table is used. */
export type RewardBenchCounts = 'current' | 'before-2024-09-10';

/** Scores of a judge, 0 to 1. */
export interface RewardBenchScores {
  /** null where a subset of the section is missing. */
  sections: Record<RewardBenchSection, number | null>;
  /** Mean of the four sections: the current scale. null if a section is null. */
  overall: number | null;
  /** The four sections and, at half weight, the prior sets: (sum + prior / 2) / 4.5. null if a section or the prior sets are null. */
  overallWithPriorSets: number | null;
}

/**
 * RewardBench scores from accuracies by subset: section = sum(accuracy x count) / sum(count).
 * @param accuracies by subset, 0 to 1; null counts as missing
 * @param options.priorSets mean accuracy on the prior sets (Anthropic helpful, HHH, SHP, summarize), 0 to 1, where known
 * @throws RangeError for an accuracy outside 0 to 1 or an unknown table
 */
export function rewardBenchScores(
  accuracies: Readonly<Record<string, number | null>>,
  { counts = 'current', priorSets = null }: { counts?: RewardBenchCounts; priorSets?: number | null } = {},
): RewardBenchScores {
  checkOneOf(counts, 'rewardBenchScores(counts)', ['current', 'before-2024-09-10']);
  if (priorSets !== null) checkNumber(priorSets, 'rewardBenchScores(priorSets)', SHARE);
  const table = counts === 'current' ? REWARDBENCH_COUNTS : REWARDBENCH_COUNTS_BEFORE_2024_09_10;
  const scoreOf = (section: RewardBenchSection): number | null => {
    let sum = 0;
    let total = 0;
    for (const subset of REWARDBENCH_SECTIONS[section]) {
      const accuracy = accuracies[subset];
      const count = table[subset] ?? 0;
      if (accuracy === undefined || accuracy === null) return null;
      checkNumber(accuracy, `rewardBenchScores(accuracies.${subset})`, SHARE);
      sum += accuracy * count;
      total += count;
    }
    return sum / total;
  };
  const sections = {
    Chat: scoreOf('Chat'),
    'Chat Hard': scoreOf('Chat Hard'),
    Safety: scoreOf('Safety'),
    Reasoning: scoreOf('Reasoning'),
  };
  const scores = SECTIONS.map((section) => sections[section]);
  const sum = scores.reduce<number | null>(
    (total, s) => (total === null || s === null ? null : total + s),
    0,
  );
  return {
    sections,
    overall: sum === null ? null : sum / SECTIONS.length,
    overallWithPriorSets:
      sum === null || priorSets === null ? null : (sum + priorSets / 2) / (SECTIONS.length + 0.5),
  };
}

const rowSchema = z.looseObject({
  prompt: z.string(),
  chosen: z.string(),
  rejected: z.string(),
  chosen_model: z.string().nullish(),
  rejected_model: z.string().nullish(),
  subset: z.string().min(1),
  id: z.union([z.int(), z.string()]),
});

/** How its figures count. */
const RULE = 'ties and no verdict count half';

export const rewardBench: Benchmark = {
  name: 'rewardbench',
  title: 'RewardBench',
  source:
    'arXiv 2403.13787; github.com/allenai/reward-bench, rewardbench/constants.py, utils.py and generative.py',
  itemFiles: [{ dataset: 'rewardbench', file: /\.parquet$/ }],
  subsetBy: 'errorKind',
  items: (rows) =>
    itemsByRow(rows, (row) => {
      const { prompt, chosen, rejected, chosen_model, rejected_model, subset, id } = parseRow(rowSchema, row);
      return itemOfPair({
        itemId: `${subset}/${id}`,
        instruction: prompt,
        slice: sectionOf(subset) ?? 'other',
        errorKind: subset,
        first: chosen,
        second: rejected,
        gold: 'first',
        models: [chosen_model ?? undefined, rejected_model ?? undefined],
      });
    }),
  publishes: 'a mean of four sections, in which subsets have weights of their own',
  figuresOf: (table) => ({ accuracy: withHalves(halvesOf(table)) }),
  summarise(subsets) {
    const halves = new Map([...subsets].map(([subset, table]) => [subset, halvesOf(table)]));
    const accuracies = Object.fromEntries([...halves].map(([subset, of]) => [subset, withHalves(of)]));
    const covarianceOf = (a: string, b: string): number => {
      const [one, other] = [halves.get(a), halves.get(b)];
      return one && other ? one.covarianceWith(other) : 0;
    };
    return rewardBenchFigures(accuracies, { covarianceOf });
  },
};

/** The section of a subset, or null. */
function sectionOf(subset: string): RewardBenchSection | null {
  return (
    SECTIONS.find((section) => (REWARDBENCH_SECTIONS[section] as readonly string[]).includes(subset)) ?? null
  );
}

/**
 * Sections and overall on both count tables, with intervals over strata.
 * @param options.priorSets as in {@link rewardBenchScores}; adds the scale with the prior sets at half weight
 * @param options.covarianceOf of the accuracies of two subsets, some of whose prompts are the same; absent: none
 * @throws RangeError for an accuracy, or an end of its interval, that is neither 0 to 1 nor null
 */
export function rewardBenchFigures(
  accuracies: Readonly<Record<string, Estimate>>,
  { priorSets = null, covarianceOf }: { priorSets?: number | null; covarianceOf?: Covariance } = {},
): Figures {
  for (const [subset, { value, low, high }] of Object.entries(accuracies)) {
    const subject = `rewardBenchFigures(accuracies.${subset}: value, low, high)`;
    checkNumbers([value, low, high], subject, { expected: SHARE, orNull: true });
  }
  const values = Object.fromEntries(
    Object.entries(accuracies).flatMap(([subset, { value }]) => (value === null ? [] : [[subset, value]])),
  );
  const figures: Figures = {};
  for (const counts of ['current', 'before-2024-09-10'] as const) {
    const { sections, overall, overallWithPriorSets } = rewardBenchScores(values, { counts, priorSets });
    const suffix = counts === 'current' ? '' : ' (counts before 10 September 2024)';
    const spread = (weights: Weights): Spread =>
      spreadOf(weights, { accuracies, covarianceOf: covarianceOf ?? (() => 0) });
    const strata = covarianceOf ? 'prompts of several subsets are one cluster' : 'subsets independent';
    const all: [string, number][] = [];
    for (const section of SECTIONS) {
      const weights = weightsOf(section, counts);
      figures[`${section}${suffix}`] = withInterval(sections[section], { ...spread(weights), strata });
      all.push(...weights.map(([subset, weight]): [string, number] => [subset, weight / SECTIONS.length]));
    }
    figures[`overall${suffix}`] = withInterval(overall, { ...spread(all), strata });
    // The number of items of the prior sets is unknown, so this scale has no interval.
    if (overallWithPriorSets !== null)
      figures[`overall with prior sets${suffix}`] = {
        ...withInterval(overallWithPriorSets, {
          variance: null,
          n: figures[`overall${suffix}`]?.n ?? 0,
          strata,
        }),
        method: 'five terms, the prior sets at half weight; no interval',
      };
  }
  return figures;
}

/** Accuracy per item, where verdicts other than A and B count half. */
function halvesOf(table: VerdictTable): ShareCounter {
  const counter = new ShareCounter();
  for (const [, index] of table.items()) {
    const gold = table.goldOf(index);
    if (gold === null) continue;
    const item = { sum: 0, size: 0 };
    for (const shown of SHOWN) {
      const { A, B, tie, unparsed } = table.votesOf(index, shown);
      const right = labelOf(gold, shown) === 'A' ? A : B;
      item.sum += right + (tie + unparsed) / 2;
      item.size += A + B + tie + unparsed;
    }
    counter.add(item, { cluster: table.clusterOf(index) });
  }
  return counter;
}

function withHalves(counter: ShareCounter): Estimate {
  return { ...counter.estimate(), convention: RULE };
}

interface Spread {
  variance: number | null;
  n: number;
}

type Weights = readonly (readonly [subset: string, weight: number])[];
type Covariance = (subset: string, other: string) => number;

/** The subsets of a section with their shares of it. */
function weightsOf(section: RewardBenchSection, counts: RewardBenchCounts): Weights {
  const table = counts === 'current' ? REWARDBENCH_COUNTS : REWARDBENCH_COUNTS_BEFORE_2024_09_10;
  const subsets = REWARDBENCH_SECTIONS[section];
  const total = subsets.reduce((sum, subset) => sum + (table[subset] ?? 0), 0);
  return subsets.map((subset) => [subset, (table[subset] ?? 0) / total]);
}

/** The variance of a weighted mean of subsets, each estimated from the width of its interval. */
function spreadOf(
  weights: Weights,
  { accuracies, covarianceOf }: { accuracies: Readonly<Record<string, Estimate>>; covarianceOf: Covariance },
): Spread {
  let [variance, n, isKnown] = [0, 0, true];
  for (const [i, [subset, weight]] of weights.entries()) {
    const { low = null, high = null, n: nItems = 0 } = accuracies[subset] ?? {};
    n += nItems;
    isKnown &&= low !== null && high !== null;
    variance += ((weight * ((high ?? 0) - (low ?? 0))) / (2 * Z_95)) ** 2;
    for (const [other, itsWeight] of weights.slice(0, i))
      variance += 2 * weight * itsWeight * covarianceOf(subset, other);
  }
  return { variance: isKnown ? Math.max(0, variance) : null, n };
}

/** A mean of subsets with its interval, from the variance. */
export function withInterval(
  value: number | null,
  { variance, n, strata }: Spread & { strata: string },
): Estimate {
  const margin = value === null || variance === null ? null : Z_95 * Math.sqrt(variance);
  return {
    value,
    n,
    unscored: 0,
    low: value === null || margin === null ? null : Math.max(0, value - margin),
    high: value === null || margin === null ? null : Math.min(1, value + margin),
    convention: RULE,
    method: `weighted mean of subsets; normal 95%, ${strata}`,
  };
}

// Which judgments the figures of a run count, for readers who can look at them.
import type { Estimate } from '../schema/estimate.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { CountedJudgments, JudgmentFilter } from '../schema/judgment-filter.js';
import { PAIR_OUTCOMES } from '../schema/judgment-outcome.js';
import type { MetricKey } from '../schema/metrics.js';
import { counted } from './format.js';

/** The judge of figures: its iteration; of several runs, which; and where a run has several benchmarks, the one that they are of. */
export type FiguresOf = Pick<IterationMetrics, 'iteration' | 'benchmark'> & Pick<CountedJudgments, 'run'>;

/** Held-out judgments of a judge. @param inWords what they are; `of iteration 2` is added */
export function heldOut(
  { run, iteration, benchmark }: FiguresOf,
  filter: JudgmentFilter,
  inWords: string,
): CountedJudgments {
  const where = `of ${iteration === 0 ? 'the seed' : `iteration ${iteration}`}${benchmark === undefined ? '' : ` on ${benchmark}`}`;
  return {
    ...(run === undefined ? {} : { run }),
    filter: {
      kind: 'held-out',
      iteration: [iteration],
      ...(benchmark === undefined ? {} : { benchmark: [benchmark] }),
      ...filter,
    },
    inWords: `${inWords} ${where}`,
  };
}

/** The verdicts of an accuracy; undefined where there are none. @param group those of a slice or kind of error alone */
export function scoredOf(
  of: FiguresOf,
  { n }: Estimate,
  group: JudgmentFilter = {},
): CountedJudgments | undefined {
  if (n === 0) return undefined;
  return heldOut(of, { ...group, outcome: ['right', 'wrong', 'tie'] }, counted(n, 'verdict'));
}

/**
 * The judgments without a verdict of an accuracy; undefined where there are none.
 * @param nJudged how many there are; the other unscored items could not be judged, so they have no judgment
 */
export function unscoredOf(
  of: FiguresOf,
  nJudged: number,
  group: JudgmentFilter = {},
): CountedJudgments | undefined {
  if (nJudged === 0) return undefined;
  return heldOut(
    of,
    { ...group, outcome: ['unscored'] },
    `${counted(nJudged, 'judgment')} without a verdict`,
  );
}

/** The verdicts that differ from the seed's. */
export function changedOf(of: FiguresOf): CountedJudgments {
  return heldOut(
    of,
    { sinceSeed: ['became right', 'became wrong', 'other'] },
    'The verdicts, different from the seed’s,',
  );
}

/** The judgments of a metric by its key; undefined where there are none, or the filter cannot tell them from others. */
export function countedBy(
  of: FiguresOf,
  key: MetricKey,
  estimate: Estimate | undefined,
): CountedJudgments | undefined {
  const n = estimate?.n ?? 0;
  const filtered = BY_METRIC[key];
  if (n === 0 || !filtered) return undefined;
  const inWords =
    filtered.bothOrders === undefined
      ? counted(n, 'judgment')
      : `${counted(2 * n, 'judgment')} of ${counted(n, 'pair')}`;
  return heldOut(of, filtered, inWords);
}

const PAIRS: JudgmentFilter = { bothOrders: PAIR_OUTCOMES.filter((each) => each !== 'no two verdicts') };

const BY_METRIC: Readonly<Partial<Record<MetricKey, JudgmentFilter>>> = {
  accuracy: { outcome: ['right', 'wrong', 'tie'] },
  // Every judgment that has votes.
  voteAccuracy: { mostWinnerVotes: 1 },
  bothOrdersCorrect: PAIRS,
  positionConsistency: PAIRS,
  shareOfA: { verdict: ['A', 'B'] },
  primacy: { bothOrders: ['first twice', 'second twice'] },
};

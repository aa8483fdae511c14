// Figures of judges by hand, for tests of their assessment.
import { assessJudge, assessmentLimitsSchema, type AssessmentGround } from '../../lib/src/assess/index.js';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import type { AssessmentCheck } from '../../lib/src/schema/assessment.js';
import type { Estimate } from '../../lib/src/schema/estimate.js';
import type { EvaluatedItem, IterationMetrics } from '../../lib/src/schema/evaluation.js';
import type { ProbeResult } from '../../lib/src/schema/judge-audit.js';
import type { PairAudit } from '../../lib/src/schema/pair-audit.js';

/** An estimate with an interval of this margin on both sides. */
export const estimate = (value: number, margin = 0.02, n = 100): Estimate => ({
  value,
  n,
  unscored: 0,
  low: value - margin,
  high: value + margin,
  method: 'by hand',
});

/** A judge that is right on every pair but the first `nWrong`, in both orders. */
export function itemsOf(nWrong: number, n = 200): EvaluatedItem[] {
  return Array.from({ length: n }, (_, i) => {
    const [first, second] = i < nWrong ? (['B', 'A'] as const) : (['A', 'B'] as const);
    return {
      itemId: `item-${i}`,
      slice: 'all',
      errorKind: 'none',
      orders: [
        { order: 'winner-first', text: '', verdict: { kind: first } },
        { order: 'loser-first', text: '', verdict: { kind: second } },
      ],
    };
  });
}

/** Figures of a judge that is wrong on so many of 200 pairs. */
export const figures = (
  iteration: number,
  nWrong: number,
  more: Partial<IterationMetrics> = {},
): IterationMetrics => ({
  iteration,
  model: `judge-${iteration}`,
  rule: 'strict',
  metrics: judgeMetrics(itemsOf(nWrong), { nDropped: {} }),
  ...more,
});

/** A difference from the seed model. */
export const against = (difference: number, margin = 0.02) => ({
  difference,
  n: 200,
  unscored: 0,
  low: difference - margin,
  high: difference + margin,
  pValue: 0.001,
  minimumDetectable: null,
  method: 'by hand',
});

/** What a probe of a feature found. */
export const feature = (
  probe: string,
  difference: Estimate,
  more: Partial<ProbeResult> = {},
): ProbeResult => ({
  probe,
  kind: 'feature',
  agreeing: estimate(0.9),
  contradicting: estimate(0.9 - (difference.value ?? 0)),
  difference,
  flipped: estimate(0.1),
  ...more,
});

/** An audit with these probes. */
export const audited = (...probes: ProbeResult[]): Partial<IterationMetrics> => ({
  audit: { nPairs: 100, nClusters: 100, nDropped: {}, plain: estimate(0.9), probes },
});

/** A comparison with one judge that understands nothing. */
export const besideTrivial = (difference: number, margin = 0.02): Pick<IterationMetrics, 'trivial'> => ({
  trivial: {
    judge: 'judge-1',
    comparisons: [
      {
        ...against(difference, margin),
        ...{ judge: 'judge-1', baseline: 'longer', subset: null },
        finding: difference > margin ? 'better' : 'within-noise',
        ...{ pHolm: 0.01, mcNemarMidP: null },
        judgeAccuracy: estimate(0.9),
        baselineAccuracy: estimate(0.9 - difference),
        unscoredReasons: { oneJudgeOnly: 0, noGold: 0, noCommonOrder: 0, noVerdict: 0 },
      },
    ],
  },
});

/** What is known of a run. */
export const ground = (
  iterations: IterationMetrics[],
  more: Partial<AssessmentGround> = {},
): AssessmentGround => ({
  iterations,
  trainingSets: [],
  overlaps: [],
  tunedOn: [],
  reviews: [],
  acceptances: [],
  limits: assessmentLimitsSchema.parse({}),
  ...more,
});

/** The levels of its checks, by their ids. */
export const levelsOf = (of: AssessmentGround): Record<string, string> =>
  Object.fromEntries(assessJudge(of).checks.map(({ id, level }) => [id, level]));

/** The check of an id. */
export const checkIn = (id: string, of: AssessmentGround): AssessmentCheck | undefined =>
  assessJudge(of).checks.find((check) => check.id === id);

/** An audit of pairs with one feature. */
export const pairAudit = (auc: Partial<Estimate>, feature = 'characters', n = 100): PairAudit => ({
  nPairs: n,
  nClusters: n,
  features: [{ feature, winnerHasMore: estimate(0.5), auc: { ...estimate(0.5), n, ...auc } }],
  bagOfWords: null,
  strongestWords: [],
  repeatedTexts: [],
  nNearIdentical: 0,
});

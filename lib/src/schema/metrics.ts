// The metrics of a judge: one list, from which the records, the tables and the explanations in reports are made. They are computed in
// evaluate/metrics.ts; the code fails to compile unless both files have the same metrics.
import type { z } from 'zod';
import { estimateSchema, type Estimate } from './estimate.js';

/** How tables and reports present a metric. Every metric is a share from 0 to 1 with its n, unscored and interval. */
export interface MetricDescription {
  /** Title of its column, without the unit. */
  column: string;
  /** Its explanation in reports, after the title and a colon. */
  explanation: string;
  /** The table that shows it: `figures` for the quality of a judge, `biases` for its biases. Absent: none. */
  table?: 'figures' | 'biases';
  /** Absent from records without the data that it needs. */
  optional?: true;
  /** 50% is unbiased, so it is drawn in the chart of biases. */
  isBias?: true;
}

/** All metrics by their key in records, in the order of columns. */
export const METRICS = {
  accuracy: {
    column: 'accuracy',
    explanation: 'the share of right verdicts; a tie counts half, or whole where the gold label is a tie',
    table: 'figures',
  },
  voteAccuracy: {
    column: 'vote',
    explanation: 'the accuracy of the majority vote over all samples of a prompt',
    table: 'figures',
    optional: true,
  },
  bothOrdersCorrect: {
    column: 'both orders right',
    explanation: 'the share of pairs judged right in both orders',
    table: 'figures',
  },
  positionConsistency: {
    column: 'consistent',
    explanation: 'the share of pairs on which both orders name the same response',
    table: 'figures',
  },
  shareOfA: {
    column: 'says A',
    explanation:
      'the share of verdicts for the response shown first; 50 is unbiased where each pair is shown in both orders',
    table: 'figures',
    isBias: true,
  },
  primacy: {
    column: 'first shown wins',
    explanation:
      'of the pairs on which the two orders contradict each other, the share in which the response shown first won both times',
    table: 'biases',
    isBias: true,
  },
  shareOfTies: {
    column: 'ties',
    explanation: 'the share of verdicts that are a tie',
  },
  longerChosen: {
    column: 'longer chosen',
    explanation:
      'how often the longer response is chosen, standardised so that it is the winner half of the time; 50 is unbiased if pairs with a longer and a shorter winner are equally hard',
    table: 'biases',
    optional: true,
    isBias: true,
  },
  ownFamilyChosen: {
    column: 'own family chosen',
    explanation:
      'how often the response of the judge’s own model family is chosen, standardised in the same way; 50 is unbiased',
    table: 'biases',
    optional: true,
    isBias: true,
  },
} as const satisfies Record<string, MetricDescription>;

/** Key of a metric in records. */
export type MetricKey = keyof typeof METRICS;

/** All keys, in the order of columns. */
export const METRIC_KEYS = Object.keys(METRICS) as MetricKey[];

/** The description of a metric. */
export function describeMetric(key: MetricKey): MetricDescription {
  return METRICS[key];
}

type MetricShape = {
  [Key in MetricKey]: (typeof METRICS)[Key] extends { optional: true }
    ? z.ZodOptional<typeof estimateSchema>
    : typeof estimateSchema;
};

/** The metrics as properties of a schema. */
export const metricShape = Object.fromEntries(
  METRIC_KEYS.map((key) => {
    const { explanation, optional } = describeMetric(key);
    const described = estimateSchema.meta({ description: explanation });
    return [key, optional ? described.optional() : described];
  }),
) as MetricShape;

/** Estimates by metric; those that could not be computed are absent. */
export type MetricEstimates = Readonly<Partial<Record<MetricKey, Estimate | undefined>>>;

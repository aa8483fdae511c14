// Columns and explanations of metrics, from the list of metrics.
import type { CountedJudgments } from '../schema/judgment-filter.js';
import {
  describeMetric,
  METRIC_KEYS,
  METRICS,
  type MetricEstimates,
  type MetricKey,
} from '../schema/metrics.js';
import type { VerdictMetrics } from '../schema/scoring.js';
import { spans, type Block } from './document.js';
import { count, counted, percent, percentWithInterval, unscored } from './format.js';
import type { Column } from './tables.js';

/** The metrics of a table besides accuracy, which has its own column with the interval. */
export function metricsIn(table: 'figures' | 'biases'): MetricKey[] {
  return METRIC_KEYS.filter((key) => key !== 'accuracy' && describeMetric(key).table === table);
}

/** What the metric of a row counts. */
type CountedIn<Row> = (row: Row, key: MetricKey) => CountedJudgments | undefined;

/** Columns of the quality metrics, without intervals. */
export function figureColumns<Row>(
  metricsOf: (row: Row) => MetricEstimates,
  countedIn?: CountedIn<Row>,
): Column<Row>[] {
  return metricsIn('figures').map((key) => {
    const { column, optional = false } = describeMetric(key);
    return [
      `${column} %`,
      (row) => ofEstimate(metricsOf(row)[key], ({ value }) => percent(value)),
      { optional, counted: countedIn && ((row) => countedIn(row, key)) },
    ];
  });
}

/** Columns of the biases, with intervals, their n, and what is unscored where anything is. */
export function biasColumns<Row>(
  metricsOf: (row: Row) => MetricEstimates,
  countedIn?: CountedIn<Row>,
): Column<Row>[] {
  return metricsIn('biases').flatMap((key): Column<Row>[] => {
    const { column, optional = false } = describeMetric(key);
    const options = { optional, counted: countedIn && ((row: Row) => countedIn(row, key)) };
    return [
      [`${column} % [95%]`, (row) => ofEstimate(metricsOf(row)[key], percentWithInterval), options],
      ['n', (row) => ofEstimate(metricsOf(row)[key], ({ n }) => count(n)), options],
      [
        'unscored',
        (row) => ofEstimate(metricsOf(row)[key], (it) => (it.unscored > 0 ? unscored(it) : undefined)),
        { optional: true, blank: '0' },
      ],
    ];
  });
}

/** Explains the metrics that any of the judges has. */
export function metricExplanations(keys: readonly MetricKey[], judges: readonly MetricEstimates[]): Block[] {
  const known = keys.filter((key) => judges.some((metrics) => metrics[key]));
  if (known.length === 0) return [];
  const items = known.map((key) => spans`${{ em: METRICS[key].column }}: ${METRICS[key].explanation}.`);
  return [{ kind: 'list', ordered: false, items }];
}

/** How many items of a judge were judged in one order alone, in a sentence; empty where none was. @param sets its metrics by subset */
export function oneOrderNote(
  sets: readonly Pick<VerdictMetrics, 'nItems' | 'bothOrdersCorrect'>[],
): string[] {
  const nItems = sets.reduce((sum, set) => sum + set.nItems, 0);
  const nInBoth = sets.reduce((sum, { bothOrdersCorrect: { n, unscored: none } }) => sum + n + none, 0);
  if (nInBoth >= nItems) return [];
  return [
    `${count(nItems - nInBoth)} of ${counted(nItems, 'item')} judged in one order alone, where a preference for a position is not evened out`,
  ];
}

function ofEstimate<Value>(
  value: Value | undefined,
  text: (value: Value) => string | undefined,
): string | undefined {
  return value === undefined ? undefined : text(value);
}

// Curves by iteration: the accuracy of one run or of several, and the biases of one.
import type { TopLevelSpec } from 'vega-lite';
import type { IterationMetrics } from '../schema/evaluation.js';
import { METRIC_KEYS, METRICS, describeMetric, type MetricKey } from '../schema/metrics.js';
import {
  CHART_BASE,
  chartPoints,
  colourBy,
  COLOURS,
  curveLayers,
  halfLine,
  ITERATION_AXIS,
  shareAxis,
} from './chart-style.js';
import { chartBlock, type Block } from './document.js';

/** The metrics that are drawn of a run, in the order of the legend. */
const DRAWN = ['accuracy', 'voteAccuracy', 'bothOrdersCorrect'] as const;

/** A point for each iteration and metric, named by the title of the metric's column. */
function metricPoints(iterations: readonly IterationMetrics[], keys: readonly MetricKey[]) {
  return iterations.flatMap(({ iteration, metrics }) =>
    keys.flatMap((key) => chartPoints(metrics[key], { iteration, metric: METRICS[key].column })),
  );
}

/** The metrics that have a point, by the titles of their columns. */
function drawnOf(keys: readonly MetricKey[], points: readonly { metric: string }[]): string[] {
  return keys
    .map((key) => METRICS[key].column)
    .filter((name) => points.some(({ metric }) => metric === name));
}

/**
 * The specification of a run's curve. It includes its data, so it can be opened in any vega-lite editor.
 * @example await showChart(accuracyChartSpec(run.iterations, { title: 'The judge by iteration' }));
 */
export function accuracyChartSpec(
  iterations: readonly IterationMetrics[],
  { title }: { title: string },
): TopLevelSpec {
  const points = metricPoints(iterations, DRAWN);
  const y = shareAxis('held-out pairs judged right', points);
  const color = colourBy('metric', drawnOf(DRAWN, points));
  return {
    ...CHART_BASE,
    title: {
      text: title,
      subtitle: 'bars: 95% intervals over items; dashed: chance of a single verdict',
      anchor: 'start',
    },
    width: 520,
    height: 300,
    data: { values: points },
    layer: [
      halfLine('y', y),
      ...curveLayers({ x: ITERATION_AXIS, y, color }, [
        ['metric', 'nominal'],
        ['iteration', 'quantitative'],
      ]),
    ],
  };
}

/**
 * The curves of several runs: in one chart if there are enough colours, otherwise in one panel each.
 * @example
 * ```ts
 * const arms = [{ label: 'baseline', iterations: run.iterations }];
 * await showChart(curvesSpec(arms, { title: 'Accuracy by iteration' }));
 * ```
 */
export function curvesSpec(
  runs: readonly { label: string; iterations: readonly IterationMetrics[] }[],
  { title }: { title: string },
): TopLevelSpec {
  const labels = runs.map(({ label }) => label);
  const points = runs.flatMap(({ label, iterations }) =>
    iterations.flatMap(({ iteration, metrics }) => chartPoints(metrics.accuracy, { run: label, iteration })),
  );
  const isOneChart = labels.length <= COLOURS.length;
  const color = isOneChart ? { color: colourBy('run', labels, { columns: 2 }) } : {};
  const layer = curveLayers({ x: ITERATION_AXIS, y: shareAxis('accuracy', points), ...color }, [
    ['run', 'nominal'],
    ['iteration', 'quantitative'],
  ]);
  const shared = {
    ...CHART_BASE,
    title: { text: title, subtitle: 'bars: 95% intervals over items', anchor: 'start' as const },
    data: { values: points },
  };
  if (isOneChart) return { ...shared, width: 520, height: 300, layer };
  return {
    ...shared,
    columns: 3,
    facet: { field: 'run', type: 'nominal', sort: labels, header: { title: null, labelLimit: 180 } },
    spec: { width: 150, height: 110, layer },
  };
}

/** The biases of each iteration's judge, one panel each; empty where none is known. */
export function biasChart(iterations: readonly IterationMetrics[]): Block[] {
  const biases = METRIC_KEYS.filter((key) => describeMetric(key).isBias);
  const points = metricPoints(iterations, biases);
  if (points.length === 0) return [];
  const shown = drawnOf(biases, points);
  const y = { axis: { format: '.0%', title: 'share; dashed: no bias' }, scale: { domain: [0, 1] } };
  return [
    chartBlock('biases', `Biases by iteration (50% is none): ${shown.join(', ')}`, {
      ...CHART_BASE,
      data: { values: points },
      facet: { field: 'metric', type: 'nominal', sort: shown, header: { title: null } },
      columns: 2,
      spec: {
        width: 230,
        height: 150,
        layer: [
          halfLine('y', y),
          ...curveLayers({ x: ITERATION_AXIS, y: { ...y, type: 'quantitative' } }, [
            ['iteration', 'quantitative'],
          ]),
        ],
      },
    }),
  ];
}

// The accuracy-by-iteration chart: a vega-lite specification and its SVG.
import type { TopLevelSpec } from 'vega-lite';
import { svgOf } from '../chart/svg.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import { CHART_BASE, chartPoints, colourScale, ESTIMATE_TOOLTIP } from './chart-style.js';

/** The measures that are drawn, in the order of the legend. */
const MEASURES = ['greedy, both orders', 'majority vote', 'right in both orders'] as const;

/**
 * The specification of the chart; it draws itself from its own values, so it can be opened in any vega-lite editor.
 * @example await showChart(accuracyChartSpec(run.iterations, { title: 'The judge by iteration' }));
 */
export function accuracyChartSpec(
  iterations: readonly IterationMetrics[],
  { title }: { title: string },
): TopLevelSpec {
  const points = iterations.flatMap(({ iteration, metrics }) => {
    const estimates = [metrics.accuracy, metrics.voteAccuracy, metrics.bothOrdersCorrect];
    return MEASURES.flatMap((measure, i) => chartPoints(estimates[i], { iteration, measure }));
  });
  const lowest = Math.min(0.5, ...points.map(({ low }) => low));
  const measures = MEASURES.filter((measure) => points.some((point) => point.measure === measure));
  const x = {
    field: 'iteration',
    type: 'quantitative' as const,
    axis: { tickMinStep: 1, format: 'd', grid: false, title: 'iteration (0 = seed model)' },
  };
  const color = {
    field: 'measure',
    type: 'nominal' as const,
    scale: colourScale(measures),
    legend: { title: null, orient: 'bottom' as const, labelLimit: 0 },
  };
  const percent = { format: '.0%', title: 'held-out pairs judged right' };
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
      {
        data: { values: [{ chance: 0.5 }] },
        mark: { type: 'rule', strokeDash: [4, 4], color: '#888' },
        encoding: { y: { field: 'chance', type: 'quantitative' } },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.6 },
        encoding: {
          x,
          y: {
            field: 'low',
            type: 'quantitative',
            axis: percent,
            scale: { domain: [Math.max(0, lowest - 0.05), 1] },
          },
          y2: { field: 'high' },
          color,
        },
      },
      {
        mark: { type: 'line', point: { size: 45 } },
        encoding: {
          x,
          y: { field: 'value', type: 'quantitative', axis: percent },
          color,
          tooltip: [
            { field: 'measure', type: 'nominal' },
            { field: 'iteration', type: 'quantitative' },
            ...ESTIMATE_TOOLTIP,
          ],
        },
      },
    ],
  };
}

/** The chart as SVG, drawn without a browser. */
export function accuracyChart(
  iterations: readonly IterationMetrics[],
  options: { title: string },
): Promise<string> {
  return svgOf(accuracyChartSpec(iterations, options));
}

// The reliability diagram: the share of right verdicts by the judge's confidence.
import type { TopLevelSpec } from 'vega-lite';
import { checkNumber, SHARE } from '../core/statistics/checks.js';
import { wilsonInterval } from '../core/statistics/interval.js';
import { withoutControls } from '../core/text.js';
import type { Calibration } from '../schema/scoring.js';
import { CHART_BASE, colourBy } from './chart-style.js';

/** A judge and its calibration. */
export interface CalibratedJudge {
  label: string;
  calibration: Calibration;
}

/**
 * The specification of the diagram, one line per judge; on the diagonal, confidence equals accuracy. A point is a bin of verdicts, sized by
 * their number; bars are Wilson's 95% intervals as if verdicts were independent, which the two orders of a pair are not quite.
 * @example
 * ```ts
 * const calibration = run.iterations[0].metrics.probabilityCalibration;
 * if (calibration) await showChart(reliabilityChartSpec([{ label: 'seed', calibration }], { title: 'How sure?' }));
 * ```
 */
export function reliabilityChartSpec(
  judges: readonly CalibratedJudge[],
  { title }: { title: string },
): TopLevelSpec {
  const labels = judges.map(({ label }) => withoutControls(label));
  const points = judges.flatMap(({ calibration }, i) =>
    calibration.bins.map(({ n, meanConfidence, shareRight }) => {
      checkNumber(meanConfidence, 'reliabilityChartSpec(meanConfidence)', SHARE);
      checkNumber(shareRight, 'reliabilityChartSpec(shareRight)', SHARE);
      return {
        judge: labels[i] ?? '',
        n,
        confidence: meanConfidence,
        right: shareRight,
        ...wilsonInterval(shareRight, n),
      };
    }),
  );
  const color = colourBy('judge', labels);
  const x = {
    field: 'confidence',
    type: 'quantitative' as const,
    scale: { domain: [0.5, 1] },
    axis: { format: '.0%', title: 'confidence of the judge', grid: false },
  };
  const y = {
    field: 'right',
    type: 'quantitative' as const,
    scale: { domain: [0, 1] },
    axis: { format: '.0%', title: 'share of right verdicts' },
  };
  return {
    ...CHART_BASE,
    title: {
      text: title,
      subtitle: 'dashed: confidence equals accuracy; bars: 95% intervals; size: verdicts in the bin',
      anchor: 'start',
    },
    width: 400,
    height: 300,
    data: { values: points },
    layer: [
      {
        data: { values: [0.5, 1].map((share) => ({ confidence: share, right: share })) },
        mark: { type: 'line', strokeDash: [4, 4], color: '#888' },
        encoding: { x, y },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.6 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
      },
      { mark: { type: 'line', opacity: 0.5 }, encoding: { x, y, color } },
      {
        mark: { type: 'point', filled: true, opacity: 1 },
        encoding: {
          x,
          y,
          color,
          size: {
            field: 'n',
            type: 'quantitative',
            scale: { domainMin: 0, range: [20, 250] },
            legend: null,
          },
          tooltip: [
            { field: 'judge', type: 'nominal' },
            { field: 'n', type: 'quantitative', format: ',' },
            { field: 'confidence', type: 'quantitative', format: '.1%' },
            { field: 'right', type: 'quantitative', format: '.1%' },
          ],
        },
      },
    ],
  };
}

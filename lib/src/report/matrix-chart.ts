// The chart of a matrix: accuracy by iteration, a line an arm, with intervals over loop seeds.
import type { TopLevelSpec } from 'vega-lite';
import { withoutControls } from '../core/text.js';
import type { MatrixReport } from '../schema/matrix.js';
import { CHART_BASE, COLOURS, colourScale } from './chart-style.js';
import { svgOf } from '../chart/svg.js';

/** One mark. */
interface Point {
  arm: string;
  iteration: number;
  value: number;
  low: number | null;
  high: number | null;
  /** So that intervals of arms at one iteration stand beside each other. */
  shown: number;
}

/** What a pointer shows of a mark. */
const TOOLTIP = [
  { field: 'arm', type: 'nominal' as const },
  { field: 'iteration', type: 'quantitative' as const },
  ...['value', 'low', 'high'].map((field) => ({ field, type: 'quantitative' as const, format: '.1%' })),
];

/** Of the distance between iterations, how much arms of one iteration are spread over. */
const SPREAD = 0.24;

/**
 * The specification of the chart; it draws itself from its own values, so it can be opened in any vega-lite editor. Up to seven arms
 * share one panel; more have a panel each, with the baseline in grey behind them.
 */
export function matrixChartSpec(report: MatrixReport): TopLevelSpec {
  const { arms, experiment, seeds, baseline } = report;
  const nSeeds = seeds.length === 1 ? '1 loop seed' : `${seeds.length} loop seeds`;
  const points = pointsOf(report);
  const lowest = Math.min(0.5, ...points.map(({ low, value }) => low ?? value));
  const axes = axesOf(Math.max(0, lowest - 0.05));
  const base = {
    ...CHART_BASE,
    title: {
      text: experiment,
      subtitle: `means over ${nSeeds}${seeds.length === 1 ? '' : ', bars: 95% intervals over them'}; dashed: chance of a single verdict`,
      anchor: 'start' as const,
    },
  };
  const labels = arms.map(({ label }) => shownLabel(label));
  if (arms.length <= COLOURS.length) {
    const color = {
      field: 'arm',
      type: 'nominal' as const,
      scale: colourScale(labels),
      legend: { title: null, orient: 'bottom' as const, columns: 2, labelLimit: 0 },
    };
    const layer = [chance(axes), ...marks(axes, { color })];
    return { ...base, width: 520, height: 300, data: { values: points }, layer };
  }
  const ofBaseline = points
    .filter(({ arm }) => arm === shownLabel(baseline))
    .map(({ iteration, value }) => ({ iteration, value }));
  const behind = {
    data: { values: ofBaseline },
    mark: { type: 'line' as const, color: '#bbb' },
    encoding: { x: { ...axes.x, field: 'iteration' }, y: { ...axes.y, field: 'value' } },
  };
  return {
    ...base,
    data: { values: points.map((point) => ({ ...point, shown: point.iteration })) },
    facet: { field: 'arm', type: 'nominal', title: null, sort: labels, header: { labelLimit: 240 } },
    columns: 4,
    spec: {
      width: 200,
      height: 130,
      layer: [chance(axes), behind, ...marks(axes, { color: { value: COLOURS[0] } })],
    },
  };
}

/** The chart as SVG, drawn without a browser. */
export function matrixChart(report: MatrixReport): Promise<string> {
  return svgOf(matrixChartSpec(report));
}

function pointsOf({ arms }: MatrixReport): Point[] {
  return arms.flatMap(({ label, byIteration }, i) =>
    byIteration.flatMap(({ iteration, accuracy: { value, low, high } }): Point[] => {
      const offset = arms.length === 1 ? 0 : SPREAD * (i / (arms.length - 1) - 0.5);
      return value === null
        ? []
        : [{ arm: shownLabel(label), iteration, value, low, high, shown: iteration + offset }];
    }),
  );
}

/** Control characters end an SVG. */
function shownLabel(label: string): string {
  return withoutControls(label);
}

function axesOf(lowest: number) {
  return {
    x: {
      field: 'shown',
      type: 'quantitative' as const,
      axis: { tickMinStep: 1, format: 'd', grid: false, title: 'iteration (0 = seed model)' },
    },
    y: {
      type: 'quantitative' as const,
      axis: { format: '.0%', title: 'held-out pairs judged right' },
      scale: { domain: [lowest, 1], zero: false },
    },
  };
}

function chance({ y }: ReturnType<typeof axesOf>) {
  return {
    data: { values: [{ chance: 0.5 }] },
    mark: { type: 'rule' as const, strokeDash: [4, 4], color: '#888' },
    encoding: { y: { ...y, field: 'chance' } },
  };
}

function marks<Colour>({ x, y }: ReturnType<typeof axesOf>, { color }: { color: Colour }) {
  return [
    {
      transform: [{ filter: 'datum.low !== null' }],
      mark: { type: 'rule' as const, strokeWidth: 1.5, opacity: 0.6 },
      encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
    },
    {
      mark: { type: 'line' as const, point: { size: 40 } },
      encoding: { x, y: { ...y, field: 'value' }, color, tooltip: TOOLTIP },
    },
  ];
}

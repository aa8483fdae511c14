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
 * share one panel; more have a panel each, with the baseline in grey behind them: in a grid where there are two axes.
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
    const layer = [chance(axes), ...marks(axes, { color, points })];
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
  const values = points.map((point) => ({ ...point, shown: point.iteration }));
  const spec = {
    width: 150,
    height: 110,
    layer: [chance(axes), behind, ...marks(axes, { color: { value: COLOURS[0] }, points })],
  };
  const grid = gridOf(report);
  if (grid) {
    const inGrid = values.map((value) => ({ ...value, ...grid.placeOf.get(value.arm) }));
    return { ...base, data: { values: inGrid }, facet: { row: grid.row, column: grid.column }, spec };
  }
  const facet = {
    field: 'arm',
    type: 'nominal' as const,
    title: null,
    sort: labels,
    header: { labelLimit: 240 },
  };
  return { ...base, data: { values }, facet, columns: 3, spec: { ...spec, width: 200, height: 130 } };
}

/** Rows and columns of a matrix that is the product of two axes; null for any other. */
function gridOf({ axes, arms }: MatrixReport) {
  const [first, second, ...others] = axes;
  if (!first || !second || others.length > 0) return null;
  const placeOf = new Map<string, { row: string; column: string }>();
  for (const { label, combination } of arms) {
    const [row, column] = [combination?.[first.name], combination?.[second.name]];
    if (row === undefined || column === undefined) return null;
    placeOf.set(shownLabel(label), { row: shownLabel(row), column: shownLabel(column) });
  }
  const facet = (field: string, { name, labels }: { name: string; labels: string[] }) => ({
    field,
    type: 'nominal' as const,
    sort: labels.map(shownLabel),
    header: { title: shownLabel(name), labelLimit: 180 },
  });
  return { placeOf, row: facet('row', first), column: facet('column', second) };
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
      axis: { tickMinStep: 1, format: 'd', grid: false, title: 'iteration' },
    },
    y: {
      type: 'quantitative' as const,
      axis: { format: '.0%', title: 'accuracy' },
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

function marks<Colour>(
  { x, y }: ReturnType<typeof axesOf>,
  { color, points }: { color: Colour; points: readonly Point[] },
) {
  const intervals = {
    transform: [{ filter: 'datum.low !== null' }],
    // Over few seeds an interval may leave the scale.
    mark: { type: 'rule' as const, strokeWidth: 1.5, opacity: 0.6, clip: true },
    encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
  };
  return [
    ...(points.some(({ low }) => low !== null) ? [intervals] : []),
    {
      mark: { type: 'line' as const, point: { size: 40 } },
      encoding: { x, y: { ...y, field: 'value' }, color, tooltip: TOOLTIP },
    },
  ];
}

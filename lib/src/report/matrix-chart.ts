// The chart of a matrix: accuracy by iteration, one line per arm, with intervals over loop seeds.
import type { TopLevelSpec } from 'vega-lite';
import { withoutControls } from '../core/text.js';
import type { MatrixReport } from '../schema/matrix.js';
import {
  CHART_BASE,
  colourBy,
  COLOURS,
  curveLayers,
  halfLine,
  ITERATION_AXIS,
  shareAxis,
} from './chart-style.js';
import { counted } from './format.js';

/** The width, in iterations, over which the arms of one iteration are spread, so that their intervals do not coincide. */
const SPREAD = 0.24;

/**
 * The specification of the chart. It includes its data, so it can be opened in any vega-lite editor. Up to seven arms share one panel; more
 * have one panel each, with the baseline in grey: in a grid if there are two axes.
 */
export function matrixChartSpec(report: MatrixReport): TopLevelSpec {
  const { arms, experiment, seeds, baseline } = report;
  const points = pointsOf(report);
  const isOnePanel = arms.length <= COLOURS.length;
  const x = { ...ITERATION_AXIS, field: isOnePanel ? 'shown' : 'iteration' };
  const y = shareAxis('accuracy', points);
  const labels = arms.map(({ label }) => shownLabel(label));
  const color = isOnePanel ? { color: colourBy('arm', labels, { columns: 2 }) } : {};
  // An interval over few seeds may exceed the scale.
  const curves = curveLayers({ x, y, clip: true, ...color }, [
    ['arm', 'nominal'],
    ['iteration', 'quantitative'],
  ]);
  const intervals = seeds.length === 1 ? '' : ', bars: 95% intervals over them';
  const base = {
    ...CHART_BASE,
    title: {
      text: experiment,
      subtitle: `means over ${counted(seeds.length, 'loop seed')}${intervals}; dashed: chance of a single verdict`,
      anchor: 'start' as const,
    },
  };
  if (isOnePanel)
    return {
      ...base,
      width: 520,
      height: 300,
      data: { values: points },
      layer: [halfLine('y', y), ...curves],
    };
  const behind = {
    data: {
      values: points
        .filter(({ arm }) => arm === shownLabel(baseline))
        .map(({ iteration, value }) => ({ iteration, value })),
    },
    mark: { type: 'line' as const, color: '#bbb' },
    encoding: { x, y: { ...y, field: 'value' } },
  };
  const spec = { width: 150, height: 110, layer: [halfLine('y', y), behind, ...curves] };
  const grid = gridOf(report);
  if (grid) {
    const inGrid = points.map((point) => ({ ...point, ...grid.placeOf.get(point.arm) }));
    return { ...base, data: { values: inGrid }, facet: { row: grid.row, column: grid.column }, spec };
  }
  const facet = {
    field: 'arm',
    type: 'nominal' as const,
    title: null,
    sort: labels,
    header: { labelLimit: 240 },
  };
  return { ...base, data: { values: points }, facet, columns: 3, spec: { ...spec, width: 200, height: 130 } };
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

function pointsOf({ arms }: MatrixReport) {
  return arms.flatMap(({ label, byIteration }, i) =>
    byIteration.flatMap(({ iteration, accuracy: { value, low, high, n } }) => {
      const offset = arms.length === 1 ? 0 : SPREAD * (i / (arms.length - 1) - 0.5);
      return value === null
        ? []
        : [{ arm: shownLabel(label), iteration, value, low, high, n, shown: iteration + offset }];
    }),
  );
}

/** Control characters are invalid in SVG. */
function shownLabel(label: string): string {
  return withoutControls(label);
}

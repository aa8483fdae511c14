// The picture of a matrix: accuracy by iteration, one panel per arm, with intervals and the paired difference to the baseline.
import type { TopLevelSpec } from 'vega-lite';
import type { MatrixReport } from '../schema/matrix.js';
import { CHART_BASE, curveLayers, halfLine, ITERATION_AXIS, shareAxis } from './chart-style.js';
import { ALL_SEEDS, explorerData, MOST_PANELS, shownLabel, type ExplorerData } from './explorer-data.js';
import { count, counted, percentWithInterval } from './format.js';

/** Panels side by side, unless the last of several axes says how many. */
const COLUMNS = 3;

/**
 * The specification of the picture. It includes its data, so it can be opened in any vega-lite editor. Panels are in the order of the
 * arms, in a grid if there are several axes; the baseline is grey in each of them.
 */
export function matrixChartSpec(
  report: MatrixReport,
  shown: ExplorerData = explorerData(report),
): TopLevelSpec {
  const { axes, experiment, seeds } = report;
  const points = shown.points.filter(
    ({ arm, seed }) => seed === ALL_SEEDS && (arm < MOST_PANELS || arm === shown.baseline),
  );
  const x = { ...ITERATION_AXIS, scale: { padding: 6, zero: false, nice: false } };
  const y = shareAxis('accuracy', points);
  const behind = points.filter(({ arm }) => arm === shown.baseline);
  const nColumns = axes.length > 1 ? (axes.at(-1)?.labels.length ?? COLUMNS) : COLUMNS;
  return {
    ...CHART_BASE,
    title: {
      text: shownLabel(experiment),
      subtitle: [
        `over ${counted(seeds.length, 'loop seed')}, with 95% intervals; dashed: chance`,
        'grey: the baseline; differences to it in points',
      ],
      anchor: 'start',
    },
    params: [{ name: 'panels', value: shown.arms.map((_, arm) => panelTitle(shown, arm, report)) }],
    data: { values: points },
    facet: {
      field: 'arm',
      type: 'ordinal',
      title: null,
      header: { labelExpr: 'panels[datum.value]', labelAnchor: 'start', labelFontSize: 11, labelLimit: 248 },
    },
    columns: Math.min(Math.max(nColumns, 2), 4),
    spec: {
      width: 230,
      height: 130,
      layer: [
        { data: { values: [{}] }, ...halfLine('y', y) },
        {
          data: { values: behind.map(({ iteration, value }) => ({ iteration, value })) },
          mark: { type: 'line', color: '#999' },
          encoding: { x, y: { ...y, field: 'value' } },
        },
        // An interval over few seeds may exceed the scale.
        ...curveLayers({ x, y, clip: true }, [['iteration', 'quantitative']]),
      ],
    },
  };
}

/** The lines above the panel of an arm: its name, its accuracy after the last iteration, and its difference. */
function panelTitle(shown: ExplorerData, place: number, { axes, seeds }: MatrixReport): string[] {
  const { label = '', places = [] } = shown.arms[place] ?? {};
  const onAxes = shown.axes.slice(0, axes.length).flatMap(({ name, labels }, i) => {
    const value = labels[places[i] ?? -1];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const last = shown.points.findLast(({ arm, seed }) => arm === place && seed === ALL_SEEDS);
  const difference = shown.differences.find(({ arm, seed }) => arm === place && seed === ALL_SEEDS);
  return [
    ...(onAxes.length > 0 ? onAxes : [label]),
    ...(last ? [`${percentWithInterval(last)} %, ${last.seeds} of ${counted(seeds.length, 'seed')}`] : []),
    ...(last ? [`${count(last.n)} verdicts, ${count(last.unscored)} unscored`] : []),
    difference?.text ?? (place === shown.baseline ? 'the baseline' : 'not compared'),
  ];
}

// The explorer of a matrix: one chart whose controls choose arms and loop seeds. Vega-lite draws the controls, so it works offline.
import type { TopLevelSpec } from 'vega-lite';
import type { MatrixReport } from '../schema/matrix.js';
import { CHART_BASE, COLOURS, halfLine, ITERATION_AXIS, shareAxis, tooltip } from './chart-style.js';
import { listBlock, type Block } from './document.js';
import { ALL_SEEDS, explorerData, shownLabel, type ExplorerData } from './explorer-data.js';
import { counted } from './format.js';
import { matrixChartSpec } from './matrix-chart.js';

/** Fits beside the labels of its axis on a narrow page. */
const WIDTH = 400;
/** The width, in iterations, over which the arms of one iteration are spread, so that their intervals do not coincide. */
const SPREAD = 0.24;
const GREY = '#888';
/** Data of a line that is drawn once, not for every row. */
const ONCE = { data: { values: [{}] } };

/** The explorer with its notes; the picture without controls has a panel for each arm. Only notes where no run is finished. */
export function explorerBlocks(report: MatrixReport): Block[] {
  const shown = explorerData(report);
  const { arms, seeds } = report;
  const alt = `Accuracy by iteration of ${counted(arms.length, 'arm')} and differences from the baseline, over ${counted(seeds.length, 'loop seed')}`;
  const [spec, still] = [explorerChartSpec(report, shown), matrixChartSpec(report, shown)];
  const chart: Block = { kind: 'chart', chart: { id: 'arms', alt, spec, still } };
  return [...(shown.arms.length > 0 ? [chart] : []), ...listBlock(shown.notes)];
}

/**
 * The specification of the explorer: a control for each axis, for the loop seed and for what the colours stand for; above, the curves of the chosen
 * arms, with the baseline dashed and the other arms grey; below, the paired difference of each chosen arm to the baseline.
 * Texts of users are only in its values, never in its expressions.
 */
export function explorerChartSpec(
  report: MatrixReport,
  shown: ExplorerData = explorerData(report),
): TopLevelSpec {
  const { axes, seeds, arms, differences } = shown;
  const panels = [curves(shown, report), ...(differences.length === 0 ? [] : [rows(shown, report)])];
  // More curves than colours: it opens with what differs from the baseline on the first axis alone.
  const [isMany, base] = [arms.length > COLOURS.length, arms[shown.baseline]];
  return {
    ...CHART_BASE,
    // Tooltips have whole figures, with n and interval, or none.
    config: { ...CHART_BASE.config, mark: { tooltip: null } },
    // The rows below the curves are as many as the chosen arms.
    autosize: { type: 'pad', resize: true },
    title: {
      text: shownLabel(report.experiment),
      subtitle: [
        'bars: 95% intervals; dashed curve: the baseline',
        ...(shown.baseline < 0 ? [] : [shownLabel(report.baseline)]),
      ],
      anchor: 'start',
    },
    params: [
      ...axes.map(({ name, labels }, i) => {
        const present = [...labels.keys()].filter((place) => arms.some(({ places }) => places[i] === place));
        const options = present.map((place): Option => [place, labels[place] ?? '']);
        const chosen = isMany && i > 0 ? base?.places[i] : -1;
        return control(`axis${i}`, name, present.length < 2 ? [] : [[-1, 'all'], ...options], chosen);
      }),
      control('seed', 'loop seed', [
        [ALL_SEEDS, 'all seeds'],
        ...seeds.map((seed, i): Option => [i, String(seed)]),
      ]),
      control(
        'colourBy',
        'colours by',
        axes.map(({ name }, i): Option => [i, name]),
      ),
      { name: 'arms', value: arms },
      { name: 'axes', value: axes },
      { name: 'seeds', value: seeds },
      { name: 'methods', value: shown.methods },
    ],
    vconcat: panels,
  };
}

/** A value of a control, and its text. */
type Option = [value: number, text: string];

/** A control, with its first option chosen unless another is; without anything to choose, only the value. */
function control(name: string, title: string, ...[options, chosen]: [readonly Option[], number?]) {
  const value = chosen ?? options[0]?.[0] ?? -1;
  if (options.length < 2) return { name, value };
  const [values, labels] = [options.map(([each]) => each), options.map(([, text]) => text)];
  return { name, value, bind: { input: 'select' as const, name: title, options: values, labels } };
}

/** The rows of the chosen loop seed with the fields of their arms, and the colours of these: what both panels share. */
function ofArms({ axes }: ExplorerData, report: MatrixReport) {
  const placeOn = (axis: number | string): string => `arms[datum.arm].places[${axis}]`;
  const textOn = (axis: number | string, place: string): string =>
    `axes[${axis}].name + '=' + axes[${axis}].labels[${place}]`;
  const isChosen = axes.map((_, i) => `(axis${i} < 0 || ${placeOn(i)} < 0 || ${placeOn(i)} === axis${i})`);
  const nColours = Math.max(...axes.map(({ labels }) => labels.length));
  const places = Array.from({ length: nColours }, (_, i) => i);
  // Only what is not chosen needs a name.
  const names = report.axes.map(
    (_, i) => `(axis${i} < 0 && ${placeOn(i)} >= 0 ? ', ' + ${textOn(i, placeOn(i))} : '')`,
  );
  const transform = [
    { filter: 'datum.seed === seed' },
    { calculate: isChosen.join(' && '), as: 'isChosen' },
    { calculate: 'arms[datum.arm].label', as: 'label' },
    { calculate: placeOn('colourBy'), as: 'place' },
    { calculate: `slice(${[`''`, ...names].join(' + ')}, 2) || arms[datum.arm].label`, as: 'name' },
  ];
  const color = {
    condition: {
      test: 'datum.isChosen && datum.place >= 0',
      field: 'place',
      type: 'nominal' as const,
      scale: { domain: places, range: places.map((i) => COLOURS[i % COLOURS.length] ?? GREY) },
      legend: {
        title: null,
        orient: 'top' as const,
        columns: 2,
        labelLimit: 190,
        labelExpr: textOn('colourBy', 'datum.value'),
        values: { expr: 'sequence(length(axes[colourBy].labels))' },
      },
    },
    value: GREY,
  };
  return { transform, color };
}

/** The curves of all arms. */
function curves(shown: ExplorerData, report: MatrixReport) {
  const { points, baseline } = shown;
  const { transform, color } = ofArms(shown, report);
  const last = Math.max(...points.map(({ iteration }) => iteration));
  const scale = { domain: [-SPREAD, last + SPREAD], nice: false };
  const x = { ...ITERATION_AXIS, field: 'shown', scale };
  const y = shareAxis('accuracy', points);
  const value = { ...y, field: 'value' };
  const detail = { field: 'arm', type: 'nominal' as const };
  const name = { field: 'label', title: 'arm' };
  const dash = { condition: { test: 'datum.isBaseline', value: [6, 3] }, value: [1, 0] };
  const over = `datum.seed < 0 ? datum.seeds + ' of ${report.seeds.length} loop seeds' : 'loop seed ' + seeds[datum.seed]`;
  return {
    width: WIDTH,
    height: 260,
    data: { name: 'points', values: points },
    transform: [
      ...transform,
      { calculate: `datum.arm === ${baseline}`, as: 'isBaseline' },
      { calculate: over, as: 'over' },
      { calculate: 'methods[datum.method]', as: 'interval' },
    ],
    layer: [
      { ...ONCE, ...halfLine('y', y) },
      {
        transform: [{ filter: '!datum.isChosen && !datum.isBaseline' }],
        mark: { type: 'line' as const, color: GREY, opacity: 0.3, strokeWidth: 1 },
        encoding: { x: { ...x, field: 'iteration' }, y: value, detail, tooltip: name },
      },
      {
        transform: [
          { filter: 'datum.isChosen || datum.isBaseline' },
          { window: [{ op: 'dense_rank' as const, as: 'rank' }], sort: [{ field: 'arm' }] },
          { joinaggregate: [{ op: 'max' as const, field: 'rank', as: 'ranks' }] },
          {
            calculate: `datum.iteration + ${SPREAD} * ((datum.rank - 0.5) / datum.ranks - 0.5)`,
            as: 'shown',
          },
        ],
        layer: [
          {
            transform: [{ filter: 'isValid(datum.low)' }],
            // An interval over few seeds may exceed the scale.
            mark: { type: 'rule' as const, strokeWidth: 1.5, opacity: 0.6, clip: true },
            encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
          },
          {
            mark: { type: 'line' as const },
            encoding: { x, y: value, detail, color, strokeDash: dash },
          },
          {
            mark: { type: 'point' as const, filled: true, size: 45, opacity: 1 },
            encoding: {
              x,
              y: value,
              color,
              tooltip: [
                name,
                ...tooltip(['iteration', 'quantitative']),
                { field: 'unscored' },
                { field: 'over' },
                { field: 'interval' },
              ],
            },
          },
        ],
      },
      {
        transform: [
          { aggregate: [{ op: 'sum' as const, field: 'isChosen', as: 'nChosen' }] },
          { filter: 'datum.nChosen === 0' },
        ],
        name: 'words',
        mark: { type: 'text' as const, fontSize: 13, text: 'no finished arm has this combination' },
        encoding: { x: { value: WIDTH / 2 }, y: { value: 20 } },
      },
    ],
  };
}

/** A row for each chosen arm: above its interval the name to the left, the figures to the right. */
function rows(shown: ExplorerData, report: MatrixReport) {
  const { transform, color } = ofArms(shown, report);
  const { differences } = shown;
  const ends = differences.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const axis = {
    labelExpr: "format(100 * datum.value, '+.3~g')",
    title: 'difference to the baseline after the last iteration, in points',
  };
  const x = {
    type: 'quantitative' as const,
    axis,
    scale: { domain: [Math.max(-1, Math.min(-0.02, ...ends)), Math.min(1, Math.max(0.02, ...ends))] },
  };
  const y = { field: 'arm', type: 'ordinal' as const, axis: null };
  const words = (name: string, field: string, align: 'left' | 'right') => ({
    name,
    mark: { type: 'text' as const, dy: -8, fontSize: 12, align, limit: align === 'left' ? 172 : 228 },
    encoding: { y, x: { value: align === 'left' ? 0 : WIDTH }, text: { field } },
  });
  const fields = [
    { field: 'label', title: 'arm' },
    { field: 'text', title: 'difference' },
    { field: 'paired', title: 'paired over' },
    { field: 'method', title: 'test and interval' },
  ];
  return {
    width: WIDTH,
    height: { step: 34 },
    data: { name: 'differences', values: differences },
    transform: [...transform, { filter: 'datum.isChosen' }],
    layer: [
      {
        ...ONCE,
        mark: { type: 'rule' as const, color: GREY, opacity: 0.5 },
        encoding: { x: { ...x, datum: 0 } },
      },
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'rule' as const, strokeWidth: 2, opacity: 0.6, clip: true, yOffset: 6 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color },
      },
      {
        mark: { type: 'point' as const, filled: true, size: 55, opacity: 1, yOffset: 6 },
        encoding: { x: { ...x, field: 'value' }, y, color, tooltip: fields },
      },
      words('words_left', 'name', 'left'),
      words('words_right', 'text', 'right'),
    ],
  };
}

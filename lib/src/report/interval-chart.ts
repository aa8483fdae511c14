// Estimates with their intervals as small multiples: one panel per column and row, one line per name.
import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from '../chart/text-width.js';
import { checkNumbers, SHARE } from '../core/statistics/checks.js';
import { CHART_BASE, COLOURS, tooltip } from './chart-style.js';

/** Of a panel, in pixels: as wide as the longest of their headings, within these bounds. */
const NARROWEST = 190;
const WIDEST = 330;
/** Longest heading of a row of panels, in pixels. */
const ROW_HEADING = 180;

/** An estimate in a panel; shares from 0 to 1, null where unknown. */
export interface IntervalMark {
  /** The line in its panel. */
  name: string;
  column: string;
  /** Absent from all: one row of panels. */
  row?: string;
  value: number | null;
  low: number | null;
  high: number | null;
  /** The value for comparison, drawn as a grey tick. */
  before?: number | null;
}

/** The layout of the panels; names, columns and rows keep their order. */
export interface IntervalChartOptions {
  title: string;
  subtitle: string;
  /** The title for names. */
  names?: string;
  /** Panels side by side where there is one row; absent: all of them. */
  columns?: number;
}

/**
 * The specification of the chart; chance is dashed.
 * @throws RangeError for a mark whose numbers are neither shares nor null
 * @example
 * ```ts
 * const marks = [{ name: 'my judge', column: 'math', value: 0.8, low: 0.7, high: 0.9 }];
 * await showChart(intervalChartSpec(marks, { title: 'Accuracy by subset', subtitle: '95% intervals' }));
 * ```
 */
export function intervalChartSpec(
  marks: readonly IntervalMark[],
  { title, subtitle, names, columns }: IntervalChartOptions,
): TopLevelSpec {
  marks.forEach(({ value, low, high, before = null }, i) =>
    checkNumbers([value, low, high, before], `intervalChartSpec(marks[${i}]: value, low, high, before)`, {
      expected: SHARE,
      orNull: true,
    }),
  );
  const x = {
    type: 'quantitative' as const,
    title: null,
    axis: { format: '.0%' },
    scale: { domain: [0, 1] },
  };
  const y = {
    field: 'name',
    type: 'nominal' as const,
    sort: orderOf(marks, ({ name }) => name),
    title: names ?? null,
  };
  const columnNames = orderOf(marks, (mark) => mark.column);
  const hasRows = marks.some((mark) => mark.row !== undefined);
  const headings = columnNames.map((name) => textWidth(name, CHART_BASE.config.header.labelFontSize));
  const width = Math.ceil(Math.min(WIDEST, Math.max(NARROWEST, ...headings)));
  const panel = { type: 'nominal' as const, title: null };
  const column = { ...panel, field: 'column', sort: columnNames, header: { labelLimit: width } };
  const row = {
    ...panel,
    field: 'row',
    sort: orderOf(marks, (mark) => mark.row ?? ''),
    // Upright, headings of low panels would overlap.
    header: { labelAngle: 0, labelAlign: 'left' as const, labelLimit: ROW_HEADING },
  };
  const fields = ['name', 'column', ...(hasRows ? ['row'] : [])].map((field) => [field, 'nominal'] as const);
  const colour = COLOURS[0];
  const layer = [
    {
      mark: { type: 'rule' as const, strokeDash: [4, 4], color: '#bbb' },
      encoding: { x: { ...x, datum: 0.5 } },
    },
    {
      transform: [{ filter: 'isValid(datum.before)' }],
      mark: { type: 'tick' as const, color: '#666', thickness: 2 },
      encoding: { x: { ...x, field: 'before' }, y },
    },
    {
      transform: [{ filter: 'isValid(datum.low)' }],
      mark: { type: 'rule' as const, color: colour, strokeWidth: 2, opacity: 0.5 },
      encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y },
    },
    {
      transform: [{ filter: 'isValid(datum.value)' }],
      mark: { type: 'point' as const, filled: true, opacity: 1, color: colour, size: 45 },
      encoding: {
        x: { ...x, field: 'value' },
        y,
        tooltip: tooltip(...fields).filter(({ field }) => field !== 'n'),
      },
    },
  ];
  return {
    ...CHART_BASE,
    title: { text: title, subtitle, anchor: 'start' },
    data: { values: [...marks] },
    ...(hasRows
      ? { facet: { column, row } }
      : { facet: column, ...(columns === undefined ? {} : { columns }) }),
    spec: { width, height: { step: 22 }, layer },
  };
}

function orderOf(marks: readonly IntervalMark[], of: (mark: IntervalMark) => string): string[] {
  return [...new Set(marks.map(of))];
}

// Accuracy by slice of several judges, as a grid and as a table.
import { own } from '../core/own.js';
import { printable } from '../core/text.js';
import type { Estimate } from '../schema/estimate.js';
import { CHART_BASE, tooltip } from './chart-style.js';
import { scoredOf, type FiguresOf } from './counted-judgments.js';
import { chartBlock, type Block } from './document.js';
import { NO_VALUE, percent, percentWithInterval } from './format.js';
import { makeTable, type Column } from './tables.js';

/** One judge of the grid. */
export interface SliceRow {
  name: string;
  bySlice: Readonly<Record<string, Estimate>>;
  /** Where the judgments are that the figures count; absent: they are of several judges. */
  of?: FiguresOf | undefined;
}

/**
 * The grid and its table; empty for a single slice. @param options.rows what a row stands for, e.g. `run`
 * @param options.columns further columns of the table
 */
export function sliceBlocks<Row extends SliceRow>(
  rows: readonly Row[],
  { rows: what, alt, columns = [] }: { rows: string; alt: string; columns?: readonly Column<Row>[] },
): Block[] {
  const slices = [...new Set(rows.flatMap(({ bySlice }) => Object.keys(bySlice)))].sort();
  if (slices.length < 2) return [];
  const points = rows.flatMap(({ name, bySlice }) =>
    slices.flatMap((slice) => {
      const { value = null, low = null, high = null, n = 0 } = own(bySlice, slice) ?? {};
      return value === null
        ? []
        : [{ [what]: printable(name), slice, value, low, high, n, shown: percent(value) }];
    }),
  );
  const values = points.map(({ value }) => value);
  const middle = (Math.min(...values) + Math.max(...values)) / 2;
  const y = { field: what, type: 'nominal' as const, sort: null, title: null };
  const x = {
    field: 'slice',
    type: 'nominal' as const,
    sort: slices,
    title: 'measured on',
    axis: { orient: 'top' as const, labelAngle: 0 },
  };
  const color = {
    field: 'value',
    type: 'quantitative' as const,
    scale: { scheme: 'blues' as const, zero: false },
    legend: { title: 'accuracy', format: '.0%' },
  };
  return [
    chartBlock('slices', alt, {
      ...CHART_BASE,
      width: 420,
      height: { step: 28 },
      data: { values: points },
      encoding: { x, y },
      layer: [
        { mark: 'rect', encoding: { color, tooltip: tooltip([what, 'nominal'], ['slice', 'nominal']) } },
        {
          mark: { type: 'text', fontSize: 12 },
          encoding: {
            text: { field: 'shown' },
            color: { condition: { test: `datum.value > ${middle}`, value: 'white' }, value: 'black' },
          },
        },
      ],
    }),
    {
      kind: 'table',
      table: makeTable(rows, [
        [what, ({ name }) => name],
        ...slices.map((slice): Column<Row> => [
          `${slice} % [95%]`,
          ({ bySlice }) => {
            const share = own(bySlice, slice);
            return share && percentWithInterval(share);
          },
          {
            blank: NO_VALUE,
            counted: ({ bySlice, of }) => {
              const share = own(bySlice, slice);
              return of && share && scoredOf(of, share, { slice: [slice] });
            },
          },
        ]),
        ...columns,
      ]),
    },
  ];
}

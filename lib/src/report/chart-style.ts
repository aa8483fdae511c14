// Shared parts of all charts: colours, fonts, axes, and layers of estimates with intervals.
import { checkNumber, checkNumbers, FINITE, SHARE } from '../core/statistics/checks.js';
import type { Estimate } from '../schema/estimate.js';

/** Colours of Okabe and Ito 2008, distinct for people with any colour vision; the yellow, too faint on white, is left out. */
export const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#888888'] as const;

/** The common beginning of every specification. */
export const CHART_BASE = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  config: {
    font: 'sans-serif',
    // 360 pixels fit 45 letters or more, enough for every category of the paper.
    axis: { labelFontSize: 12, titleFontSize: 12, labelLimit: 360 },
    header: { labelFontSize: 12 },
    legend: { labelFontSize: 12, symbolOpacity: 1 },
    title: { fontSize: 14, subtitleFontSize: 12, subtitlePadding: 6 },
  },
} as const;

/** A point with its interval, if it has one, as shares from 0 to 1. */
export interface ChartPoint {
  value: number;
  low: number | null;
  high: number | null;
  n: number;
}

/** An estimate as a point of a chart; empty where there is no value. @throws RangeError for a value or an end outside 0 to 1 */
export function chartPoints<Keys extends object>(
  estimate: Estimate | undefined,
  keys: Keys,
): (ChartPoint & Keys)[] {
  if (estimate?.value == null) return [];
  const { value, low, high, n } = estimate;
  checkNumber(value, 'chart(value)', SHARE);
  checkNumbers([low, high], 'chart(low, high)', { expected: SHARE, orNull: true });
  checkNumber(n, 'chart(n)', FINITE);
  return [{ ...keys, value, low, high, n }];
}

/** A colour for each name of a field, in their order, with a legend below the chart. */
export function colourBy(field: string, names: readonly string[], legend: object = {}) {
  return {
    field,
    type: 'nominal' as const,
    sort: [...names],
    scale: { domain: [...names], range: names.map((_, i) => COLOURS[i % COLOURS.length] ?? '#888888') },
    legend: { title: null, orient: 'bottom' as const, labelLimit: 0, ...legend },
  };
}

/** The horizontal axis of iterations. */
export const ITERATION_AXIS = {
  field: 'iteration',
  type: 'quantitative' as const,
  axis: { tickMinStep: 1, format: 'd', grid: false, title: 'iteration (0 = seed model)' },
};

/** A vertical axis of shares in percent. @param points the data: the axis goes from a little below it, or below 50%, to 100% */
export function shareAxis(title: string, points: readonly { value: number; low: number | null }[]) {
  const lowest = Math.min(0.5, ...points.map(({ low, value }) => low ?? value));
  return {
    type: 'quantitative' as const,
    axis: { format: '.0%', title },
    scale: { domain: [Math.max(0, lowest - 0.05), 1], zero: false },
  };
}

/** A dashed line at one half, on the axis of values. */
export function halfLine(encoding: 'x' | 'y', axis: object, colour = '#888') {
  return {
    mark: { type: 'rule' as const, strokeDash: [4, 4], color: colour },
    encoding: { [encoding]: { ...axis, datum: 0.5, type: 'quantitative' as const } },
  };
}

/** A line through the values of points, with their intervals as bars; `fields` are shown in the tooltip besides the estimate. */
export function curveLayers(
  { x, y, clip = false, ...encoding }: { x: object; y: object; color?: object; clip?: boolean },
  fields: readonly TooltipField[],
) {
  return [
    {
      transform: [{ filter: 'isValid(datum.low)' }],
      mark: { type: 'rule' as const, strokeWidth: 1.5, opacity: 0.6, clip, ...plainColour(encoding) },
      encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, ...encoding },
    },
    {
      mark: {
        type: 'line' as const,
        point: { size: 40, ...plainColour(encoding) },
        ...plainColour(encoding),
      },
      encoding: { x, y: { ...y, field: 'value' }, ...encoding, tooltip: tooltip(...fields) },
    },
  ];
}

function plainColour({ color }: { color?: object }): { color?: string } {
  return color ? {} : { color: COLOURS[0] };
}

type TooltipField = readonly [field: string, type: 'nominal' | 'quantitative'];

/** The tooltip of a point: some fields, and the estimate with its interval and n. */
export function tooltip(...fields: readonly TooltipField[]) {
  const shares = [
    ['value', 'value'],
    ['low', 'from'],
    ['high', 'to'],
  ].map(([field = '', title = '']) => ({ field, type: 'quantitative' as const, format: '.1%', title }));
  return [
    ...fields.map(([field, type]) => ({ field, type })),
    ...shares,
    { field: 'n', type: 'quantitative' as const, format: ',', title: 'n' },
  ];
}

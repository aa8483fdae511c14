// What all charts have in common: colours, fonts, and marks for estimates with their intervals.
import type { Estimate } from '../schema/estimate.js';

/** Colours of Okabe and Ito 2008, told apart by people with any colour vision; the yellow, too faint on white, is left out. */
export const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#888888'] as const;

/** What every specification starts with. */
export const CHART_BASE = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  config: {
    font: 'sans-serif',
    axis: { labelFontSize: 12, titleFontSize: 12, labelLimit: 220 },
    header: { labelFontSize: 12 },
    legend: { labelFontSize: 12, symbolOpacity: 1 },
    title: { fontSize: 14, subtitleFontSize: 12, subtitlePadding: 6 },
  },
} as const;

/** A point with its interval, as shares from 0 to 1. */
export interface ChartPoint {
  value: number;
  low: number;
  high: number;
  n: number;
}

/** An estimate as a point of a chart; empty where there is no value. */
export function chartPoints<Keys extends object>(
  estimate: Estimate | undefined,
  keys: Keys,
): (ChartPoint & Keys)[] {
  if (estimate?.value == null || estimate.low === null || estimate.high === null) return [];
  const { value, low, high, n } = estimate;
  return [{ ...keys, value, low, high, n }];
}

/** A colour scale for so many names, in their order. */
export function colourScale(names: readonly string[]): { domain: string[]; range: string[] } {
  return { domain: [...names], range: names.map((_, i) => COLOURS[i % COLOURS.length] ?? '#888888') };
}

/** What a pointer shows of a point with an interval. */
export const ESTIMATE_TOOLTIP = [
  { field: 'value', type: 'quantitative' as const, format: '.1%', title: 'value' },
  { field: 'low', type: 'quantitative' as const, format: '.1%', title: 'from' },
  { field: 'high', type: 'quantitative' as const, format: '.1%', title: 'to' },
  { field: 'n', type: 'quantitative' as const, format: ',', title: 'n' },
];

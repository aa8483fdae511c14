// The chart of a selection: shares of the pool beside shares of what was taken, by category, complexity and slice.
import type { TopLevelSpec } from 'vega-lite';
import type { SelectionGroup, SelectionSummary } from '../schema/selection-summary.js';
import { count } from './format.js';
import { svgOf } from '../chart/svg.js';

/** One bar. */
interface Bar {
  group: string;
  part: 'there' | 'taken';
  /** 0 to 1, of all that were there or taken. */
  share: number;
  n: number;
}

/** Colours of Okabe and Ito 2008, told apart by people with any colour vision. */
const COLOURS = ['#999999', '#0072B2'];

/**
 * The most that the name of a group takes, in pixels as they are reckoned where no browser measures letters: 0.8 of the font's size for
 * each, so that this is 37 letters, enough for every category of the paper.
 */
const LABEL_WIDTH = 360;

/** Groups that are drawn; the rest, the least frequent, would not be read. */
const MOST_GROUPS = 30;

/** The specification of the chart; it draws itself from its own values, so it can be opened in any vega-lite editor. */
export function selectionChartSpec(summary: SelectionSummary, { title }: { title: string }): TopLevelSpec {
  const panels = [
    { name: 'category', groups: summary.byCategory },
    { name: 'complexity', groups: summary.byComplexity },
    { name: 'slice', groups: summary.bySlice },
  ].filter(({ groups }) => groups.length > 1);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: title,
      subtitle: `${count(summary.rows)} rows, ${count(summary.offered)} of them there to choose from, ${count(summary.taken)} taken`,
      anchor: 'start',
    },
    background: 'white',
    // Where all are of one group there is nothing to compare, and the title tells the numbers.
    vconcat: panels.map(({ name, groups }, i) => panel(name, groups, { isLast: i === panels.length - 1 })),
    config: {
      font: 'sans-serif',
      axis: { labelFontSize: 12, titleFontSize: 12, labelLimit: LABEL_WIDTH },
      legend: { labelFontSize: 12 },
    },
  };
}

/** The chart as SVG. */
export function selectionChart(summary: SelectionSummary, options: { title: string }): Promise<string> {
  return svgOf(selectionChartSpec(summary, options));
}

function panel(name: string, groups: readonly SelectionGroup[], { isLast }: { isLast: boolean }) {
  const shown = groups.slice(0, MOST_GROUPS);
  return {
    // Above the bars: beside the names, which are of different lengths, each panel's would stand somewhere else.
    title: {
      text: shown.length < groups.length ? `${name} (the ${MOST_GROUPS} most frequent)` : name,
      anchor: 'start' as const,
      frame: 'group' as const,
      fontSize: 12,
    },
    width: 420,
    height: { step: 11 },
    data: { values: barsOf(groups).filter(({ group }) => shown.some((each) => each.name === group)) },
    mark: { type: 'bar' as const },
    encoding: {
      y: {
        field: 'group',
        type: 'nominal' as const,
        sort: shown.map((group) => group.name),
        axis: { title: null },
      },
      yOffset: { field: 'part', sort: ['there', 'taken'] },
      x: {
        field: 'share',
        type: 'quantitative' as const,
        axis: {
          format: '.0%',
          tickCount: 6,
          title: isLast ? 'share of all that were there, or taken' : null,
        },
      },
      color: {
        field: 'part',
        type: 'nominal' as const,
        scale: { domain: ['there', 'taken'], range: COLOURS },
        legend: { title: null, orient: 'bottom' as const },
      },
    },
  };
}

function barsOf(groups: readonly SelectionGroup[]): Bar[] {
  const offered = groups.reduce((sum, group) => sum + group.offered, 0);
  const taken = groups.reduce((sum, group) => sum + group.taken, 0);
  return groups.flatMap((group): Bar[] => [
    {
      group: group.name,
      part: 'there',
      share: offered === 0 ? 0 : group.offered / offered,
      n: group.offered,
    },
    { group: group.name, part: 'taken', share: taken === 0 ? 0 : group.taken / taken, n: group.taken },
  ]);
}

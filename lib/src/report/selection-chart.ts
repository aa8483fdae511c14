// The chart of a selection: shares of the pool and of the taken instructions, by category, complexity and slice.
import type { TopLevelSpec } from 'vega-lite';
import type { SelectionGroup, SelectionSummary } from '../schema/selection-summary.js';
import { CHART_BASE, COLOURS } from './chart-style.js';
import { count } from './format.js';

/** Most groups of one panel; the least frequent are left out. */
const MOST_GROUPS = 30;

const PARTS = ['offered', 'taken'];

/** The specification of the chart. It includes its data, so it can be opened in any vega-lite editor. */
export function selectionChartSpec(summary: SelectionSummary, { title }: { title: string }): TopLevelSpec {
  const panels = [
    { name: 'category', groups: summary.byCategory },
    { name: 'complexity', groups: summary.byComplexity },
    { name: 'slice', groups: summary.bySlice },
    // A single group has nothing to compare, and the title has its numbers.
  ].filter(({ groups }) => groups.length > 1);
  return {
    ...CHART_BASE,
    title: {
      text: title,
      subtitle: `${count(summary.rows)} rows, ${count(summary.offered)} of them offered, ${count(summary.taken)} taken`,
      anchor: 'start',
    },
    vconcat: panels.map(({ name, groups }, i) => panel(name, groups, { isLast: i === panels.length - 1 })),
  };
}

function panel(name: string, groups: readonly SelectionGroup[], { isLast }: { isLast: boolean }) {
  const shown = groups.slice(0, MOST_GROUPS);
  const sum = (key: 'offered' | 'taken') => groups.reduce((total, group) => total + group[key], 0) || 1;
  const [nOffered, nTaken] = [sum('offered'), sum('taken')];
  return {
    // Above the bars: beside them, its position would differ by panel, since names differ in length.
    title: {
      text: shown.length < groups.length ? `${name} (the ${MOST_GROUPS} most frequent)` : name,
      anchor: 'start' as const,
      frame: 'group' as const,
      fontSize: 12,
    },
    width: 420,
    height: { step: 11 },
    data: {
      values: shown.flatMap(({ name: group, offered, taken }) => [
        { group, part: 'offered', share: offered / nOffered, n: offered },
        { group, part: 'taken', share: taken / nTaken, n: taken },
      ]),
    },
    mark: { type: 'bar' as const },
    encoding: {
      y: {
        field: 'group',
        type: 'nominal' as const,
        sort: shown.map((group) => group.name),
        axis: { title: null },
      },
      yOffset: { field: 'part', sort: PARTS },
      x: {
        field: 'share',
        type: 'quantitative' as const,
        axis: {
          format: '.0%',
          tickCount: 6,
          title: isLast ? 'share of all offered, or of all taken' : null,
        },
      },
      color: {
        field: 'part',
        type: 'nominal' as const,
        scale: { domain: PARTS, range: [COLOURS[6], COLOURS[0]] },
        legend: { title: null, orient: 'bottom' as const },
      },
      tooltip: [
        { field: 'group', type: 'nominal' as const },
        { field: 'part', type: 'nominal' as const },
        { field: 'n', type: 'quantitative' as const, format: ',' },
        { field: 'share', type: 'quantitative' as const, format: '.1%' },
      ],
    },
  };
}

// The charts of a run's report besides its curves: groups of items, votes, and kept and dropped shares of each stage.
import { own } from '../core/own.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import { stageName, type IterationManifest } from '../schema/manifest.js';
import { CHART_BASE, chartPoints, colourBy, COLOURS, tooltip } from './chart-style.js';
import { chartBlock, type Block } from './document.js';

/** Neutral, so that drops stand out. */
const KEPT_COLOUR = '#A9B7C4';

/** Most groups of one chart; more would be illegible. */
const MOST_GROUPS = 30;

/** Accuracy of the seed and of the last iteration, by slice and by kind of error. */
export function groupChart(iterations: readonly IterationMetrics[]): Block[] {
  const first = iterations[0];
  const last = iterations.at(-1);
  if (!first || !last || first === last) return [];
  const judges = ['seed', `iteration ${last.iteration}`];
  const groups = (['accuracyBySlice', 'accuracyByErrorKind'] as const)
    .flatMap((key) => Object.keys(first.metrics[key]).map((group) => ({ key, group })))
    .slice(0, MOST_GROUPS);
  const points = groups.flatMap(({ key, group }) =>
    [first, last].flatMap(({ metrics }, i) =>
      chartPoints(own(metrics[key], group), { group, judge: judges[i] ?? '' }),
    ),
  );
  const encoding = {
    y: { field: 'group', type: 'nominal' as const, sort: groups.map(({ group }) => group), title: null },
    yOffset: { field: 'judge', sort: judges },
    color: colourBy('judge', judges),
  };
  const axis = { format: '.0%', title: 'pairs judged right', tickCount: 6 };
  const x = { type: 'quantitative' as const, axis, scale: { zero: false } };
  return [
    chartBlock(
      'groups',
      `Accuracy of the seed and of iteration ${last.iteration} by slice and kind of error`,
      {
        ...CHART_BASE,
        title: { text: 'By slice and kind of error', subtitle: 'bars: 95% intervals', anchor: 'start' },
        width: 440,
        height: { step: 24 },
        data: { values: points },
        layer: [
          {
            transform: [{ filter: 'isValid(datum.low)' }],
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { ...encoding, x: { ...x, field: 'low' }, x2: { field: 'high' } },
          },
          {
            mark: { type: 'point', filled: true, size: 55, opacity: 1 },
            encoding: {
              ...encoding,
              x: { ...x, field: 'value' },
              tooltip: tooltip(['group', 'nominal'], ['judge', 'nominal']),
            },
          },
        ],
      },
    ),
  ];
}

/** Accuracy of the majority vote by its number of samples, one line per iteration. */
export function voteChart(iterations: readonly IterationMetrics[]): Block[] {
  const points = iterations.flatMap(({ iteration, metrics: { voteAccuracyByK = {} } }) =>
    Object.entries(voteAccuracyByK).flatMap(([k, estimate]) =>
      chartPoints(estimate, {
        samples: Number(k),
        judge: iteration === 0 ? 'seed' : `iteration ${iteration}`,
      }),
    ),
  );
  if (points.length === 0) return [];
  const judges = [...new Set(points.map(({ judge }) => judge))];
  const samples = [...new Set(points.map((point) => point.samples))];
  return [
    chartBlock('votes', 'Accuracy of the majority vote by its number of samples', {
      ...CHART_BASE,
      width: 440,
      height: 240,
      data: { values: points },
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'samples',
          type: 'quantitative',
          scale: { type: 'log', base: 2 },
          axis: { values: samples, format: 'd', title: 'samples in the vote' },
        },
        y: {
          field: 'value',
          type: 'quantitative',
          scale: { zero: false },
          axis: { format: '.0%', title: 'pairs judged right' },
        },
        color: colourBy('judge', judges, { orient: 'right' }),
        tooltip: tooltip(['judge', 'nominal'], ['samples', 'quantitative']),
      },
    }),
  ];
}

/** The share of every stage's input that it kept, and the shares that it dropped by reason. */
export function stageChart(manifests: readonly IterationManifest[]): Block[] {
  const coloured = mostFrequentReasons(manifests);
  const parts = manifests.flatMap(({ iteration, stages }) =>
    stages
      .filter(({ nInput, drops }) => nInput > 0 && Object.keys(drops).length > 0)
      .flatMap(({ stage, benchmark, nInput, nKept, drops }) => {
        const byOutcome = new Map([['kept', nKept]]);
        for (const [reason, n] of Object.entries(drops)) {
          const outcome = coloured.has(reason) ? reason : 'other reasons';
          byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + n);
        }
        return [...byOutcome].map(([outcome, n]) => {
          return { stage: `${iteration} ${stageName({ stage, benchmark })}`, outcome, n, share: n / nInput };
        });
      }),
  );
  if (parts.length === 0) return [];
  const outcomes = [...new Set(parts.map(({ outcome }) => outcome))];
  return [
    chartBlock('stages', 'What each stage that dropped anything kept and dropped, as shares of its input', {
      ...CHART_BASE,
      width: 440,
      height: { step: 20 },
      data: { values: parts },
      mark: 'bar',
      encoding: {
        y: { field: 'stage', type: 'nominal', sort: null, title: null },
        x: {
          field: 'share',
          type: 'quantitative',
          axis: { format: '.0%', title: 'share of the input', tickCount: 5 },
        },
        color: {
          field: 'outcome',
          type: 'nominal',
          scale: { domain: outcomes, range: [KEPT_COLOUR, ...COLOURS.slice(0, outcomes.length - 1)] },
          legend: { title: null, orient: 'bottom', columns: 2, labelLimit: 0 },
        },
        tooltip: [
          { field: 'stage', type: 'nominal' },
          { field: 'outcome', type: 'nominal' },
          { field: 'n', type: 'quantitative', format: ',' },
          { field: 'share', type: 'quantitative', format: '.1%' },
        ],
      },
    }),
  ];
}

/** The reasons that have their own colours. */
function mostFrequentReasons(manifests: readonly IterationManifest[]): Set<string> {
  const totals = new Map<string, number>();
  for (const { drops } of manifests.flatMap(({ stages }) => stages))
    for (const [reason, n] of Object.entries(drops)) totals.set(reason, (totals.get(reason) ?? 0) + n);
  const sorted = [...totals].sort(([, a], [, b]) => b - a).map(([reason]) => reason);
  return new Set(sorted.slice(0, COLOURS.length - 1));
}

// The charts of a run's report besides its curve: groups, biases, votes, and what each stage let go.
import type { TopLevelSpec } from 'vega-lite';
import type { Estimate } from '../schema/estimate.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { IterationManifest } from '../schema/manifest.js';
import { CHART_BASE, chartPoints, COLOURS, colourScale, ESTIMATE_TOOLTIP } from './chart-style.js';
import type { Block } from './document.js';

/** Neutral, so that drops stand out. */
const KEPT_COLOUR = '#A9B7C4';

/** Groups of one chart; more would not be read. */
const MOST_GROUPS = 30;

/** Accuracy of the seed and of the last iteration, slice by slice and kind by kind. */
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
      chartPoints(metrics[key][group], { group, judge: judges[i] ?? '' }),
    ),
  );
  return chartBlock(
    'groups',
    `Accuracy of the seed and of iteration ${last.iteration} by slice and kind of error`,
    {
      ...CHART_BASE,
      title: { text: 'By slice and kind of error', subtitle: 'bars: 95% intervals', anchor: 'start' },
      width: 440,
      height: { step: 24 },
      data: { values: points },
      layer: intervalLayers(
        {
          y: {
            field: 'group',
            type: 'nominal' as const,
            sort: groups.map(({ group }) => group),
            title: null,
          },
          yOffset: { field: 'judge', sort: judges },
          color: {
            field: 'judge',
            type: 'nominal' as const,
            scale: colourScale(judges),
            legend: { title: null, orient: 'bottom' as const },
          },
        },
        'pairs judged right',
      ),
    },
  );
}

/** How far each iteration's judge is from having no taste for a position or for length. */
export function biasChart(iterations: readonly IterationMetrics[]): Block[] {
  const measures: { name: string; of: (metrics: IterationMetrics['metrics']) => Estimate | undefined }[] = [
    { name: 'says A', of: ({ shareOfA }) => shareOfA },
    { name: 'first shown wins', of: ({ primacy }) => primacy },
    { name: 'longer chosen', of: ({ longerChosen }) => longerChosen },
    { name: 'own family chosen', of: ({ ownFamilyChosen }) => ownFamilyChosen },
  ];
  const points = iterations.flatMap(({ iteration, metrics }) =>
    measures.flatMap(({ name, of }) => chartPoints(of(metrics), { iteration, measure: name })),
  );
  if (points.length === 0) return [];
  const shown = measures
    .map(({ name }) => name)
    .filter((name) => points.some(({ measure }) => measure === name));
  return chartBlock('biases', `Biases by iteration (50% is none): ${shown.join(', ')}`, {
    ...CHART_BASE,
    data: { values: points },
    facet: { field: 'measure', type: 'nominal', sort: shown, header: { title: null } },
    columns: 2,
    spec: {
      width: 230,
      height: 150,
      layer: [
        {
          mark: { type: 'rule', strokeDash: [4, 4], color: '#888' },
          encoding: { y: { datum: 0.5, type: 'quantitative' } },
        },
        ...lineLayers('share; dashed: no bias', [0, 1]),
      ],
    },
  });
}

/** Accuracy of the majority vote by its number of samples, a line an iteration. */
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
  const x = {
    field: 'samples',
    type: 'quantitative' as const,
    scale: { type: 'log' as const, base: 2 },
    axis: {
      values: [...new Set(points.map(({ samples }) => samples))],
      format: 'd',
      title: 'samples in the vote',
    },
  };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    scale: { zero: false },
    axis: { format: '.0%', title: 'pairs judged right' },
  };
  return chartBlock('votes', 'Accuracy of the majority vote by its number of samples', {
    ...CHART_BASE,
    width: 440,
    height: 240,
    data: { values: points },
    mark: { type: 'line', point: true },
    encoding: {
      x,
      y,
      color: {
        field: 'judge',
        type: 'nominal',
        scale: colourScale(judges),
        sort: judges,
        legend: { title: null, orient: 'right' },
      },
      tooltip: [
        { field: 'judge', type: 'nominal' },
        { field: 'samples', type: 'quantitative' },
        ...ESTIMATE_TOOLTIP,
      ],
    },
  });
}

/** Of every stage's input, what it kept and what it dropped for which reason. */
export function stageChart(manifests: readonly IterationManifest[]): Block[] {
  const known = mostFrequent(manifests.flatMap(({ stages }) => stages.map(({ drops }) => drops)));
  const parts = manifests.flatMap(({ iteration, stages }) =>
    stages
      .filter(({ nInput, drops }) => nInput > 0 && Object.keys(drops).length > 0)
      .flatMap(({ stage, nInput, nKept, drops }) =>
        Object.entries({ kept: nKept, ...frequentReasons(drops, known) }).map(([outcome, n]) => ({
          stage: `${iteration} ${stage}`,
          outcome,
          n,
          share: n / nInput,
        })),
      ),
  );
  if (parts.length === 0) return [];
  const outcomes = [...new Set(parts.map(({ outcome }) => outcome))];
  return chartBlock(
    'stages',
    'What each stage that dropped anything kept and dropped, as shares of its input',
    {
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
    },
  );
}

/** The reasons that a colour is left for. */
function mostFrequent(drops: readonly Readonly<Record<string, number>>[]): Set<string> {
  const totals = new Map<string, number>();
  for (const [reason, n] of drops.flatMap((each) => Object.entries(each)))
    totals.set(reason, (totals.get(reason) ?? 0) + n);
  const sorted = [...totals].sort(([, a], [, b]) => b - a).map(([reason]) => reason);
  return new Set(sorted.slice(0, COLOURS.length - 1));
}

/** Drops by reason, those without a colour of their own together. */
function frequentReasons(
  drops: Readonly<Record<string, number>>,
  known: ReadonlySet<string>,
): Record<string, number> {
  const shown: Record<string, number> = {};
  for (const [reason, n] of Object.entries(drops)) {
    const name = known.has(reason) ? reason : 'other reasons';
    shown[name] = (shown[name] ?? 0) + n;
  }
  return shown;
}

function intervalLayers(encoding: object, title: string) {
  const axis = { format: '.0%', title, tickCount: 6 };
  return [
    {
      mark: { type: 'rule' as const, strokeWidth: 1.5 },
      encoding: {
        ...encoding,
        x: { field: 'low', type: 'quantitative' as const, axis, scale: { zero: false } },
        x2: { field: 'high' },
      },
    },
    {
      mark: { type: 'point' as const, filled: true, size: 55, opacity: 1 },
      encoding: {
        ...encoding,
        x: { field: 'value', type: 'quantitative' as const, axis },
        tooltip: [
          { field: 'group', type: 'nominal' as const },
          { field: 'judge', type: 'nominal' as const },
          ...ESTIMATE_TOOLTIP,
        ],
      },
    },
  ];
}

function lineLayers(title: string, domain: [number, number]) {
  const x = {
    field: 'iteration',
    type: 'quantitative' as const,
    axis: { tickMinStep: 1, format: 'd', grid: false, title: 'iteration' },
  };
  const axis = { format: '.0%', title };
  return [
    {
      mark: { type: 'rule' as const, strokeWidth: 1.5, opacity: 0.6, color: '#0072B2' },
      encoding: {
        x,
        y: { field: 'low', type: 'quantitative' as const, axis, scale: { domain } },
        y2: { field: 'high' },
      },
    },
    {
      mark: { type: 'line' as const, point: true, color: '#0072B2' },
      encoding: {
        x,
        y: { field: 'value', type: 'quantitative' as const, axis },
        tooltip: [{ field: 'iteration', type: 'quantitative' as const }, ...ESTIMATE_TOOLTIP],
      },
    },
  ];
}

function chartBlock(id: string, alt: string, spec: TopLevelSpec): Block[] {
  return [{ kind: 'chart', chart: { id, spec, alt } }];
}

// Several runs as one document: their curves, what differs between them, and whether the difference is more than noise.
import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../core/text.js';
import type { ComparisonReport } from '../schema/comparison-report.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import { CHART_BASE, chartPoints, COLOURS, colourScale, ESTIMATE_TOOLTIP } from './chart-style.js';
import { comparisonSentences, comparisonTable } from './comparison-table.js';
import { section, tableBlock, text, type Block, type ReportDocument } from './document.js';
import { count, NO_VALUE, percent, percentWithInterval, pointsWithInterval } from './format.js';
import { withoutEmptyColumns, type Table } from './tables.js';

/** One run of several. */
export interface ComparedRun {
  /** Names it in tables and charts; no two runs have the same. */
  label: string;
  iterations: readonly IterationMetrics[];
  /** The settings in which the runs are not all alike, by their path. */
  settings: Readonly<Record<string, string>>;
  /** The command that makes it. */
  command: string;
}

/** What a comparison of runs is made of. */
export interface ComparedRuns {
  title: string;
  runs: readonly ComparedRun[];
  /** Their last judges item by item, or why they cannot be compared so. */
  comparison: ComparisonReport | { reason: string };
}

/** The report of several runs. */
export function comparisonDocument({ title, runs, comparison }: ComparedRuns): ReportDocument {
  const spec = curvesSpec(runs, { title });
  return {
    title,
    lead: [
      text`${count(runs.length)} runs: ${runs.map(({ label }) => printable(label)).join(', ')}.`,
      {
        kind: 'chart',
        chart: { id: 'curves', spec, alt: `Accuracy by iteration of ${count(runs.length)} runs` },
      },
    ],
    sections: [
      {
        title: 'Results',
        blocks: [{ kind: 'table', table: withoutEmptyColumns(resultTable(runs)) }, howRead()],
      },
      ...section('What differs', tableBlock(settingsTable(runs))),
      { title: 'Is it a difference?', blocks: comparisonBlocks(comparison) },
      ...section('By slice', sliceBlocks(runs)),
      {
        title: 'Reproduce',
        blocks: [{ kind: 'code', language: 'sh', text: runs.map(({ command }) => command).join('\n') }],
      },
    ],
  };
}

/** The curves of several runs: in one chart while colours tell them apart, else in one of their own each. */
export function curvesSpec(
  runs: readonly Pick<ComparedRun, 'label' | 'iterations'>[],
  { title }: { title: string },
): TopLevelSpec {
  const labels = runs.map(({ label }) => label);
  const points = runs.flatMap(({ label, iterations }) =>
    iterations.flatMap(({ iteration, metrics }) => chartPoints(metrics.accuracy, { run: label, iteration })),
  );
  const x = {
    field: 'iteration',
    type: 'quantitative' as const,
    axis: { tickMinStep: 1, format: 'd', grid: false, title: 'iteration (0 = seed model)' },
  };
  const lowest = Math.min(0.5, ...points.map(({ low }) => low));
  const scale = { domain: [Math.max(0, lowest - 0.05), 1] };
  const axis = { format: '.0%', title: 'accuracy' };
  const isOneChart = labels.length <= COLOURS.length;
  const color = isOneChart
    ? {
        color: {
          field: 'run',
          type: 'nominal' as const,
          scale: colourScale(labels),
          legend: { title: null, orient: 'bottom' as const, columns: 2, labelLimit: 0 },
        },
      }
    : {};
  const layer = [
    {
      mark: { type: 'rule' as const, strokeWidth: 1.5, opacity: 0.6 },
      encoding: {
        x,
        y: { field: 'low', type: 'quantitative' as const, axis, scale },
        y2: { field: 'high' },
        ...color,
      },
    },
    {
      mark: { type: 'line' as const, point: { size: 40 } },
      encoding: {
        x,
        y: { field: 'value', type: 'quantitative' as const, axis },
        ...color,
        tooltip: [
          { field: 'run', type: 'nominal' as const },
          { field: 'iteration', type: 'quantitative' as const },
          ...ESTIMATE_TOOLTIP,
        ],
      },
    },
  ];
  const shared = {
    ...CHART_BASE,
    title: { text: title, subtitle: 'bars: 95% intervals over items', anchor: 'start' as const },
    data: { values: points },
  };
  if (isOneChart) return { ...shared, width: 520, height: 300, layer };
  return {
    ...shared,
    columns: 3,
    facet: { field: 'run', type: 'nominal', sort: labels, header: { title: null, labelLimit: 180 } },
    spec: { width: 150, height: 110, layer },
  };
}

function resultTable(runs: readonly ComparedRun[]): Table {
  return {
    header: [
      'run',
      'iterations',
      'seed % [95%]',
      'last % [95%]',
      'change against seed [95%]',
      'vote %',
      'both orders right %',
      'n',
      'unparsed',
    ],
    rows: runs.map(({ label, iterations }) => {
      const [first, last] = [iterations[0], iterations.at(-1)];
      return [
        label,
        String(iterations.length - 1),
        first ? percentWithInterval(first.metrics.accuracy) : NO_VALUE,
        last ? percentWithInterval(last.metrics.accuracy) : NO_VALUE,
        last?.againstSeed ? pointsWithInterval(last.againstSeed) : NO_VALUE,
        last?.metrics.voteAccuracy ? percent(last.metrics.voteAccuracy.value) : '',
        last ? percent(last.metrics.bothOrdersCorrect.value) : NO_VALUE,
        last ? count(last.metrics.accuracy.n) : NO_VALUE,
        last ? count(last.metrics.nUnparsed) : NO_VALUE,
      ];
    }),
  };
}

function howRead(): Block {
  return text`Intervals of the accuracies are those of each run by itself: whether two runs differ is told below, item by item.`;
}

function settingsTable(runs: readonly ComparedRun[]): Table {
  const paths = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))].sort();
  return {
    header: ['setting', ...runs.map(({ label }) => label)],
    rows: paths.map((path) => [path, ...runs.map(({ settings }) => settings[path] ?? NO_VALUE)]),
  };
}

/** What a comparison of judges found: its table, and sentences below it. */
export function comparisonBlocks(comparison: ComparedRuns['comparison']): Block[] {
  if ('reason' in comparison) return [text`Not told here: ${comparison.reason}.`];
  return [
    { kind: 'table', table: comparisonTable(comparison) },
    {
      kind: 'list',
      ordered: false,
      items: joined(comparisonSentences(comparison)).map((sentence) => [sentence]),
    },
  ];
}

/** Accuracy of the last iteration by slice: a row a run, and the same as a chart. */
function sliceBlocks(runs: readonly ComparedRun[]): Block[] {
  const slices = [
    ...new Set(
      runs.flatMap(({ iterations }) => Object.keys(iterations.at(-1)?.metrics.accuracyBySlice ?? {})),
    ),
  ].sort();
  if (slices.length < 2) return [];
  const estimateOf = ({ iterations }: ComparedRun, slice: string) =>
    iterations.at(-1)?.metrics.accuracyBySlice[slice];
  const points = runs.flatMap((run) =>
    slices.flatMap((slice) => chartPoints(estimateOf(run, slice), { run: run.label, slice })),
  );
  const spec: TopLevelSpec = {
    ...CHART_BASE,
    width: 440,
    height: { step: 22 },
    data: { values: points },
    mark: 'rect',
    encoding: {
      y: { field: 'run', type: 'nominal', sort: runs.map(({ label }) => label), title: null },
      x: {
        field: 'slice',
        type: 'nominal',
        sort: slices,
        title: null,
        axis: { orient: 'top', labelAngle: 0 },
      },
      color: {
        field: 'value',
        type: 'quantitative',
        scale: { scheme: 'viridis', zero: false },
        legend: { title: 'accuracy', format: '.0%' },
      },
      tooltip: [{ field: 'run', type: 'nominal' }, { field: 'slice', type: 'nominal' }, ...ESTIMATE_TOOLTIP],
    },
  };
  return [
    { kind: 'chart', chart: { id: 'slices', spec, alt: 'Accuracy of the last iteration by run and slice' } },
    {
      kind: 'table',
      table: {
        header: ['run', ...slices.map((slice) => `${slice} % [95%]`)],
        rows: runs.map((run) => [
          run.label,
          ...slices.map((slice) => {
            const estimate = estimateOf(run, slice);
            return estimate ? percentWithInterval(estimate) : NO_VALUE;
          }),
        ]),
      },
    },
  ];
}

/** Sentences about subsets, which are indented, follow the one that they belong to. */
function joined(sentences: readonly string[]): string[] {
  return sentences.reduce<string[]>((lines, sentence) => {
    const before = lines.at(-1);
    if (before === undefined || !sentence.startsWith('  ')) return [...lines, sentence];
    return [...lines.slice(0, -1), `${before}; ${sentence.trim()}`];
  }, []);
}

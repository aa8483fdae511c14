// The comparison of several runs as a document: their curves, differing settings, and tests of their differences.
import { own } from '../core/own.js';
import { printable } from '../core/text.js';
import type { ComparisonReport } from '../schema/comparison-report.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import { comparisonSentences, comparisonTable } from './comparison-table.js';
import { changedOf, countedBy, scoredOf, unscoredOf } from './counted-judgments.js';
import { curvesSpec } from './curve-charts.js';
import {
  assemble,
  chartBlock,
  codeBlock,
  listBlock,
  tableBlock,
  text,
  type Block,
  type ReportDocument,
} from './document.js';
import { counted, count, NO_VALUE, percentWithInterval, pointsWithInterval, unscored } from './format.js';
import { figureColumns } from './metric-columns.js';
import { sliceBlocks } from './slice-grid.js';
import { makeTable, type Column, type Table } from './tables.js';

/** One run of several. */
export interface ComparedRun {
  /** Its unique name in tables and charts. */
  label: string;
  /** As in {@link CountedJudgments}. */
  run?: string;
  iterations: readonly IterationMetrics[];
  /** The settings in which the runs differ, by path. */
  settings: Readonly<Record<string, string>>;
  /** The command that makes it. */
  command: string;
}

/** The input of a comparison of runs. */
export interface ComparedRuns {
  title: string;
  runs: readonly ComparedRun[];
  /** The comparison of their last judges item by item, or why it is not possible. */
  comparison: ComparisonReport | { reason: string };
}

/** The report of several runs. */
export function comparisonDocument({ title, runs, comparison }: ComparedRuns): ReportDocument {
  const runNames = runs.map(({ label }) => printable(label)).join(', ');
  return assemble({
    title,
    lead: [text`${counted(runs.length, 'run')}: ${runNames}.`, curves(runs, title)],
    sections: {
      Results: [
        tableBlock(resultTable(runs)),
        text`Each interval is of one run alone. Differences between runs are tested below, item by item.`,
      ],
      'What differs': tableBlock(settingsTable(runs)),
      'Tests of the differences': comparisonBlocks(comparison),
      'By slice': sliceBlocks(
        runs.map(({ label, run, iterations }) => {
          const last = iterations.at(-1);
          return {
            name: label,
            bySlice: last?.metrics.accuracyBySlice ?? {},
            of: last && { ...last, run },
          };
        }),
        { rows: 'run', alt: 'Accuracy of the last iteration by run and slice' },
      ),
      Reproduce: [codeBlock('sh', runs.map(({ command }) => command).join('\n'))],
    },
  });
}

/** The curves; empty where every run measured its seed model alone. */
function curves(runs: readonly ComparedRun[], title: string): Block[] {
  if (runs.every(({ iterations }) => iterations.length < 2)) return [];
  const alt = `Accuracy by iteration of ${counted(runs.length, 'run')}`;
  return [chartBlock('curves', alt, curvesSpec(runs, { title }))];
}

function resultTable(runs: readonly ComparedRun[]): Table {
  const rows = runs.flatMap(({ label, run, iterations }) => {
    const [first, last] = [iterations[0], iterations.at(-1)];
    if (!first || !last) return [];
    return [{ label, first: { ...first, run }, last: { ...last, run }, nIterations: iterations.length - 1 }];
  });
  type Row = (typeof rows)[number];
  const scored = { counted: ({ last }: Row) => scoredOf(last, last.metrics.accuracy) };
  return makeTable(rows, [
    ['run', ({ label }) => label],
    ['iterations', ({ nIterations }) => (nIterations === 0 ? '0 (seed)' : String(nIterations))],
    [
      'seed % [95%]',
      ({ first }) => percentWithInterval(first.metrics.accuracy),
      { counted: ({ first }) => scoredOf(first, first.metrics.accuracy) },
    ],
    [
      'last % [95%]',
      ({ nIterations, last }) => (nIterations === 0 ? undefined : percentWithInterval(last.metrics.accuracy)),
      { blank: NO_VALUE, ...scored },
    ],
    [
      'change against seed [95%]',
      ({ last }) => last.againstSeed && pointsWithInterval(last.againstSeed),
      { blank: NO_VALUE, counted: ({ last }) => changedOf(last) },
    ],
    ...figureColumns(
      ({ last }: Row) => last.metrics,
      ({ last }, key) => countedBy(last, key, last.metrics[key]),
    ),
    ['n', ({ last }) => count(last.metrics.accuracy.n), scored],
    [
      'unscored',
      ({ last }) => unscored(last.metrics.accuracy),
      { counted: ({ last }) => unscoredOf(last, last.metrics.nUnparsed) },
    ],
  ]);
}

function settingsTable(runs: readonly ComparedRun[]): Table {
  const paths = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))].sort();
  return makeTable(paths, [
    ['setting', (path) => path],
    ...runs.map(({ label, settings }): Column<string> => [
      label,
      (path) => own(settings, path),
      { blank: NO_VALUE },
    ]),
  ]);
}

/**
 * The comparison of judges: its table and its conclusions.
 * @example await showBlocks(comparisonBlocks(comparison));
 */
export function comparisonBlocks(comparison: ComparedRuns['comparison']): Block[] {
  if ('reason' in comparison) return [text`The runs cannot be compared item by item: ${comparison.reason}.`];
  return [
    { kind: 'table', table: comparisonTable(comparison) },
    ...listBlock(joined(comparisonSentences(comparison))),
  ];
}

/** Indented sentences about subsets belong to the sentence before them. */
function joined(sentences: readonly string[]): string[] {
  return sentences.reduce<string[]>((lines, sentence) => {
    const before = lines.at(-1);
    if (before === undefined || !sentence.startsWith('  ')) return [...lines, sentence];
    return [...lines.slice(0, -1), `${before}; ${sentence.trim()}`];
  }, []);
}

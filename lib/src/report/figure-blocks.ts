// The figures of a run on one benchmark as blocks of its report: for the headline each in a section, for other benchmarks in one together.
import { printable } from '../core/text.js';
import { benchmarksIn, onBenchmark, type IterationMetrics } from '../schema/evaluation.js';
import type { OverlapReport } from '../schema/overlap.js';
import { accuracyChartSpec, biasChart, curvesSpec } from './curve-charts.js';
import { changedOf, scoredOf, unscoredOf } from './counted-judgments.js';
import {
  chartBlock,
  serverName,
  spans,
  tableBlock,
  text,
  type Block,
  type Blocks,
  type Span,
} from './document.js';
import { count, headlineParts, percent, pointsWithInterval, pValue } from './format.js';
import { metricExplanations, metricsIn, oneOrderNote } from './metric-columns.js';
import type { ReproductionPart } from './reproduction-table.js';
import { groupTable } from './group-table.js';
import { groupChart, voteChart } from './run-charts.js';
import { benchmarkTable, biasTable, calibrated, iterationTable, voteTable } from './run-tables.js';
import { figureTable } from './score-tables.js';
import { trivialBlocks } from './trivial-table.js';

const SHOWN_AS = {
  'both orders': 'every pair is shown in both orders',
  'one order':
    'every pair is shown in one order, drawn by item, so that "says A" can differ from 50 for an unbiased judge',
  'single grades': 'no pair is shown: each response is graded alone, and the higher grade wins',
} as const;

/** How the pairs of a benchmark are judged. */
export type Judging = keyof typeof SHOWN_AS;

/** The figures of a run on one benchmark. */
export interface FigurePart {
  iterations: readonly IterationMetrics[];
  /** Absent: in both orders. */
  judging?: Judging | undefined;
}

/** The figures on one of several benchmarks. */
export interface BenchmarkPart extends FigurePart {
  benchmark: string;
  reproduction?: ReproductionPart | undefined;
}

/** What the instructions and training texts of a run have in common with one of several benchmarks. */
export interface BenchmarkOverlap {
  benchmark: string;
  overlap: OverlapReport;
  trainingOverlaps: readonly OverlapReport[];
}

/** The figures in sections, by title. */
export function figureSections(part: FigurePart): Record<'Iterations', Blocks> & Record<string, Blocks> {
  const { iterations } = part;
  return {
    Iterations: [tableBlock(iterationTable(iterations)), howCounted(part)],
    'By slice and kind of error': [groupChart(iterations), tableBlock(groupTable(iterations))],
    'Position, length, family, calibration': [
      biasChart(iterations),
      tableBlock(biasTable(iterations)),
      howBiased(iterations),
    ],
    'Beside trivial judges': trivialBlocks(iterations),
    'Majority vote': voteBlocks(iterations),
    'Figures by the benchmark’s conventions': publishedBlocks(iterations),
  };
}

/** The figures on another benchmark than the headline: curve and iterations, and the rest in folded parts. */
export function benchmarkBlocks({ benchmark, ...part }: BenchmarkPart): Block[] {
  const { iterations } = part;
  const { Iterations, ...more } = figureSections(part);
  const blocks: Block[] = [
    ...summary(iterations, { isFinished: true }),
    ...curve(iterations, benchmark),
    ...Iterations.flat(),
    ...Object.entries(more).flatMap(([title, inside]): Block[] =>
      inside.flat().length === 0 ? [] : [{ kind: 'folded', summary: title, blocks: inside.flat() }],
    ),
  ];
  return blocks.map((block) => withChartIds(block, benchmark));
}

/** Ids of charts are unique in a document. */
function withChartIds(block: Block, suffix: string): Block {
  if (block.kind === 'folded')
    return { ...block, blocks: block.blocks.map((inner) => withChartIds(inner, suffix)) };
  if (block.kind !== 'chart') return block;
  return { ...block, chart: { ...block.chart, id: `${block.chart.id}-${suffix}` } };
}

/** All benchmarks side by side, the headline first, and what could not be measured; empty where there is one. */
export function severalBenchmarks(iterations: readonly IterationMetrics[]): Block[] {
  const names = benchmarksIn(iterations);
  const all = names.map((benchmark) => ({ benchmark, iterations: onBenchmark(iterations, benchmark) }));
  const problems = all.flatMap((part) =>
    part.iterations.flatMap(({ iteration, problem }) =>
      problem === undefined
        ? []
        : [
            text`${{ strong: `No figures of iteration ${iteration} on ${part.benchmark}:` }} ${printable(problem)}`,
          ],
    ),
  );
  const [first] = names;
  if (first === undefined || names.length === 1) return problems;
  const curves = all.map(({ benchmark: label, iterations: measured }) => ({ label, iterations: measured }));
  const alt = `Accuracy by iteration on ${curves.map(({ label }) => label).join(', ')}`;
  return [
    ...problems,
    text`The headline is ${{ strong: first }}: the figures above, and the sections that name no benchmark, are of it. Each p below is of one test, not corrected for their number.`,
    ...tableBlock(benchmarkTable(iterations)),
    ...(iterations.length > 1
      ? [chartBlock('benchmarks', alt, curvesSpec(curves, { title: 'By benchmark' }))]
      : []),
  ];
}

/** The change from the seed to the last iteration in a sentence. */
export function summary(
  iterations: readonly IterationMetrics[],
  { isFinished }: { isFinished: boolean },
): Block[] {
  const first = iterations[0];
  const last = iterations.at(-1);
  if (isFinished && first && first === last) {
    const lead = spans`The seed model, ${{ strong: 'not trained' }}: `;
    return [{ kind: 'text', spans: [...lead, ...accuracyOf(first), '.'] }];
  }
  if (!first || !last?.againstSeed) return [];
  const { againstSeed } = last;
  const change = spans`. A change of ${{ strong: `${pointsWithInterval(againstSeed)} points`, counted: changedOf(last) }}
      over ${count(againstSeed.n)} pairs (p ${pWithSign(againstSeed.pValue)}).`;
  const now = spans`. Iteration ${last.iteration}: `;
  return [
    {
      kind: 'text',
      spans: ['The seed model: ', ...accuracyOf(first), ...now, ...accuracyOf(last), ...change],
    },
  ];
}

function accuracyOf(figures: IterationMetrics): Span[] {
  const { accuracy, nUnparsed } = figures.metrics;
  const [share, verdicts, between, none] = headlineParts(accuracy);
  return [
    share,
    { figure: verdicts, counted: scoredOf(figures, accuracy) },
    between,
    { figure: none, counted: unscoredOf(figures, nUnparsed) },
  ];
}

/** One point is no curve. */
export function curve(iterations: readonly IterationMetrics[], title: string): Block[] {
  if (iterations.length < 2) return [];
  return [chartBlock('accuracy', curveInWords(iterations), accuracyChartSpec(iterations, { title }))];
}

function curveInWords(iterations: readonly IterationMetrics[]): string {
  const values = iterations.map(({ metrics }) => percent(metrics.accuracy.value));
  return `Accuracy in percent, from the seed model to iteration ${iterations.length - 1}: ${values.join(', ')}`;
}

function howCounted({ iterations, judging = 'both orders' }: FigurePart): Block[] {
  const last = iterations.at(-1);
  const [note] = oneOrderNote(last && judging === 'both orders' ? [last.metrics] : []);
  const oneOrder = note === undefined ? '' : ` Of the last judge, ${note}.`;
  return [
    text`Figures are of greedy verdicts; ${SHOWN_AS[judging]}.${oneOrder} Verdicts that could not be read, and pairs that could not be judged, are counted as ${{ em: 'unscored' }} by their reason and are in no share. Verdicts are parsed by the rule ${serverName(iterations[0]?.rule ?? '')}.
      Intervals: ${iterations[0]?.metrics.accuracy.method ?? ''}.
      ${change(last)}`,
    ...metricExplanations(['accuracy', ...metricsIn('figures')], metricsOf(iterations)),
  ];
}

function metricsOf(iterations: readonly IterationMetrics[]): IterationMetrics['metrics'][] {
  return iterations.map(({ metrics }) => metrics);
}

/** How the change against the seed is tested; empty for the seed alone. */
function change(last: IterationMetrics | undefined): string {
  if (!last?.againstSeed) return '';
  return `Change: ${last.againstSeed.method}; each p is of one test, not corrected for their number.${detectable(last)}`;
}

/** The smallest detectable difference. */
function detectable(last: IterationMetrics | undefined): string {
  const smallest = last?.againstSeed?.minimumDetectable ?? null;
  if (smallest === null) return '';
  return ` With so many pairs, a true difference of ${percent(smallest)} points is detected in 4 of 5 cases.`;
}

function howBiased(iterations: readonly IterationMetrics[]): Block[] {
  return [...metricExplanations(metricsIn('biases'), metricsOf(iterations)), text`${calibrated(iterations)}`];
}

/** Accuracy of the majority vote by its number of samples; empty without a vote. */
function voteBlocks(iterations: readonly IterationMetrics[]): Block[] {
  const table = tableBlock(voteTable(iterations));
  if (table.length === 0) return [];
  const how = text`Each figure is the mean over all choices of that many samples, so their order does not matter.`;
  return [...voteChart(iterations), ...table, how];
}

/** The figures by the conventions of the benchmark's publications; empty for benchmarks without any. */
function publishedBlocks(iterations: readonly IterationMetrics[]): Block[] {
  const judges = iterations.flatMap(({ iteration, published = {}, publishedVote = {} }) => [
    { judge: `iteration ${iteration}`, figures: published },
    { judge: `iteration ${iteration}, majority vote`, figures: publishedVote },
  ]);
  return tableBlock(figureTable(judges));
}

function pWithSign(p: number | null): string {
  const shown = pValue(p);
  return shown.startsWith('<') ? shown : `= ${shown}`;
}

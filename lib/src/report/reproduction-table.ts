// The paper's figures and ours: their correspondence, and the table of both.
import { own } from '../core/own.js';
import type { Figures } from '../schema/scoring.js';
import type { Estimate } from '../schema/estimate.js';
import type { OurFigure, PublishedFigure, Support } from '../schema/reproduction.js';
import { text, type Block } from './document.js';
import { count, NO_VALUE, percentWithInterval, unscored } from './format.js';
import { PUBLISHED_FIGURES, REPRODUCTION_SYSTEMS, SUPPORT_LEVELS } from './reproduction.js';
import { makeTable, type Table } from './tables.js';

/** The figures of one iteration's judge, as its benchmark aggregates them. */
export interface IterationFigures {
  /** 0 is the seed model. */
  iteration: number;
  /** Of the greedy verdicts. */
  figures: Figures;
  /** Of the majority vote, if one was taken. */
  vote?: { nSamples: number; figures: Figures } | undefined;
}

/** The input for comparing a run with the paper. */
export interface ReproductionPart {
  /** The benchmark of the run. */
  benchmark: string;
  iterations: readonly IterationFigures[];
}

/** The suffix of RewardBench's figures on the older counts. */
const OLDER_COUNTS = ' (counts before 10 September 2024)';

type FigureKey = Pick<OurFigure, 'metric' | 'scale' | 'counts'>;
type PaperBenchmark = PublishedFigure['benchmark'];

/** The paper's name of each figure of a benchmark. */
const COUNTERPARTS: Readonly<Record<PaperBenchmark, Readonly<Record<string, FigureKey>>>> = {
  rewardbench: {
    [`overall${OLDER_COUNTS}`]: {
      metric: 'overall',
      scale: 'four-sections',
      counts: 'before-2024-09-10',
    },
    overall: { metric: 'overall', scale: 'four-sections', counts: 'current' },
    // Only with a given accuracy on the prior sets, which a run does not judge.
    [`overall with prior sets${OLDER_COUNTS}`]: {
      metric: 'overall',
      scale: 'with-prior-sets',
      counts: 'before-2024-09-10',
    },
    'overall with prior sets': { metric: 'overall', scale: 'with-prior-sets', counts: 'current' },
    Chat: { metric: 'Chat' },
    'Chat Hard': { metric: 'Chat Hard' },
    [`Safety${OLDER_COUNTS}`]: { metric: 'Safety', counts: 'before-2024-09-10' },
    Safety: { metric: 'Safety', counts: 'current' },
    Reasoning: { metric: 'Reasoning' },
  },
  helpsteer2: {
    accuracy: { metric: 'accuracy' },
    correctInBoth: { metric: 'position-consistent accuracy' },
  },
  // Whether the paper counts ties in its agreement is not known, so nothing here corresponds to it.
  'mt-bench': {},
};

/** Whether the paper reports a benchmark. */
export function isPaperBenchmark(benchmark: string): benchmark is PaperBenchmark {
  return Object.hasOwn(COUNTERPARTS, benchmark);
}

/**
 * A run's figures under the paper's names. Iteration k is `iteration-k`, 0 the `seed`; the vote of n samples, of the last iteration alone,
 * is `majority-vote-n`. Figures without a counterpart in the paper are left out.
 * @returns empty for a benchmark that the paper does not report
 */
export function reproductionFigures({ benchmark, iterations }: ReproductionPart): OurFigure[] {
  if (!isPaperBenchmark(benchmark)) return [];
  return systemsIn(iterations).flatMap(([system, figures]) => namedFigures(figures, { system, benchmark }));
}

/** The figures of a judge under the paper's names. @param as the system that it stands for, and the benchmark of the figures */
export function namedFigures(
  figures: Figures,
  { system, benchmark }: Pick<OurFigure, 'system' | 'benchmark'>,
): OurFigure[] {
  return Object.entries(COUNTERPARTS[benchmark]).flatMap(([name, key]) => {
    const estimate = own(figures, name);
    return estimate ? [{ system, benchmark, ...key, estimate }] : [];
  });
}

/** The systems of a run, with the figures of each: the seed, its iterations, and the vote of the last one. */
export function systemsIn(iterations: readonly IterationFigures[]): [system: string, figures: Figures][] {
  const vote = iterations.at(-1)?.vote;
  return [
    ...iterations.map(({ iteration, figures }): [string, Figures] => [
      iteration === 0 ? 'seed' : `iteration-${iteration}`,
      figures,
    ]),
    ...(vote ? [[`majority-vote-${vote.nSamples}`, vote.figures] as [string, Figures]] : []),
  ];
}

/**
 * Published figures and ours, one row for each figure of either, sorted by benchmark and system. Unknown values are empty cells; the
 * difference, ours minus the paper's in points, is given only where both use the same scale and counts.
 */
export function reproductionTable(published: readonly PublishedFigure[], ours: readonly OurFigure[]): Table {
  const byKey = new Map(ours.map((figure) => [keyOf(figure), figure.estimate]));
  const publishedKeys = new Set(published.map(keyOf));
  const rows: Row[] = [
    ...published.map((figure) => ({ ...figure, estimate: byKey.get(keyOf(figure)) })),
    ...ours.filter((figure) => !publishedKeys.has(keyOf(figure))),
  ];
  const systems = systemsOf(rows);
  const benchmarks = [...new Set(rows.map(({ benchmark }) => benchmark))];
  const placeOf = ({ system, benchmark }: Row): number =>
    benchmarks.indexOf(benchmark) * systems.length + systems.indexOf(system);
  return makeTable(
    rows.sort((a, b) => placeOf(a) - placeOf(b)),
    [
      ['system', ({ system }) => system],
      ['benchmark', ({ benchmark }) => benchmark],
      ['figure', ({ metric }) => metric],
      ['scale', scaleOf],
      ['paper', ({ value }) => (value === undefined ? undefined : withDecimals(value))],
      ['support', ({ support }) => support],
      ['ours [95%]', ({ estimate }) => estimate && percentWithInterval(estimate)],
      ['n', ({ estimate }) => estimate && count(estimate.n)],
      ['unscored', ({ estimate }) => estimate && unscored(estimate)],
      ['difference', differenceOf],
    ],
  );
}

/** The comparison of a run with the paper. @returns only the paper's main result where the paper reports none of the benchmarks */
export function reproductionBlocks(parts: readonly (ReproductionPart | undefined)[]): Block[] {
  const reported = parts.flatMap((part) => (part && isPaperBenchmark(part.benchmark) ? [part] : []));
  const benchmarks = [...new Set(reported.map(({ benchmark }) => benchmark))].filter(isPaperBenchmark);
  if (benchmarks.length === 0) return [elsewhere()];
  const published = PUBLISHED_FIGURES.filter(({ benchmark }) => benchmarks.includes(benchmark));
  const notes = benchmarks.map((benchmark) => {
    const hasCounterpart = Object.keys(COUNTERPARTS[benchmark]).length > 0;
    return `${NOTES[benchmark]}${hasCounterpart ? '' : ' So none of ours is compared with them.'}`;
  });
  return [
    { kind: 'table', table: reproductionTable(published, reported.flatMap(reproductionFigures)) },
    text`Figures of Wang et al. 2024 (arXiv 2408.02666) in percent, for Llama-3-70B-Instruct unless the system says otherwise: a run that starts from another model is not expected to reach them. Support: ${supportText()}. ${notes.join(' ')}
      Empty cells are unknown; the difference is ours minus the paper’s, in points.`,
  ];
}

/** The paper's main result, for runs without a comparable figure. */
function elsewhere(): Block {
  const overallOf = (system: string): string => {
    const figure = PUBLISHED_FIGURES.find(
      (each) => each.system === system && each.benchmark === 'rewardbench' && each.metric === 'overall',
    );
    return figure ? withDecimals(figure.value) : NO_VALUE;
  };
  return text`The paper does not report this benchmark, so no figures are compared. In the paper, Llama-3-70B-Instruct rose from ${overallOf('seed')} to ${overallOf('iteration-5')} on RewardBench in five iterations
    (Wang et al. 2024, arXiv 2408.02666). Model and benchmark differ, so only the shape of a curve can be compared.`;
}

const NOTES: Readonly<Record<PaperBenchmark, string>> = {
  rewardbench:
    'The published "overall" figures mix two scales: the mean of the four sections, and the mean of the four sections and, at half weight, the prior sets. Until 10 September 2024 the counts of two XSTest subsets were interchanged, which moves Safety and the overall; ours are given on both counts. An overall without a scale has an unknown scale.',
  helpsteer2:
    'Position-consistent accuracy is the share of pairs judged right in both orders. The paper does not say how it made pairs of the ratings.',
  'mt-bench': 'It is unknown whether the paper counts ties in its agreement with people.',
};

interface Row extends Omit<OurFigure, 'estimate'> {
  value?: number;
  support?: Support;
  estimate?: Estimate | undefined;
}

/** The same for a published figure and for ours of the same system and kind, and for no other. */
export function keyOf({ system, benchmark, metric, scale, counts }: Omit<OurFigure, 'estimate'>): string {
  return [system, benchmark, metric, scale ?? '', counts ?? ''].join('\u0000');
}

/** The paper's order of systems; further iterations and votes of ours follow. */
function systemsOf(rows: readonly Row[]): string[] {
  const paper: readonly string[] = REPRODUCTION_SYSTEMS;
  const others = [...new Set(rows.map(({ system }) => system))].filter((system) => !paper.includes(system));
  const ownIterations = others.filter((system) => /^iteration-\d+$/.test(system));
  const vote = paper.indexOf('majority-vote-32');
  const rest = others.filter((system) => !ownIterations.includes(system));
  return [
    ...paper.slice(0, vote),
    ...ownIterations,
    ...paper.slice(vote, vote + 1),
    ...rest,
    ...paper.slice(vote + 1),
  ];
}

/** Scale and counts of a figure in words; empty where there are none or they are not known. */
export function scaleOf({ scale, counts }: FigureKey): string {
  const parts = [
    scale && { 'four-sections': 'four sections', 'with-prior-sets': 'with prior sets' }[scale],
    counts && { current: 'current counts', 'before-2024-09-10': 'counts before 10 Sep 2024' }[counts],
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** As published, with one decimal at least. */
export function withDecimals(points: number): string {
  return Number.isInteger(points) ? points.toFixed(1) : String(points);
}

function differenceOf({ value, estimate }: Row): string {
  if (value === undefined || estimate?.value == null) return '';
  // A difference below the shown decimals counts as zero.
  const points = (100 * estimate.value - value).toFixed(1).replace('-0.0', '0.0');
  return `${points.startsWith('-') ? '' : '+'}${points}`;
}

/** The levels of support in words. */
export function supportText(): string {
  return Object.entries(SUPPORT_LEVELS)
    .map(([level, meaning]) => `${level} ${meaning}`)
    .join('; ');
}

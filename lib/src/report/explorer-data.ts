// What the explorer of a matrix shows: its axes, and the figures of the finished arms over all loop seeds and with each of them.
import { own } from '../core/own.js';
import { printable } from '../core/text.js';
import type { Comparison, Estimate } from '../schema/estimate.js';
import type { MatrixArmReport, MatrixReport, MatrixRun, MatrixRunIteration } from '../schema/matrix.js';
import { count, counted, pointsWithInterval, pValue } from './format.js';
import { rangeText } from './matrix-table.js';

/** The place of a row's loop seed that stands for all of them. */
export const ALL_SEEDS = -1;

/** Most points of curves; more would make pages large and slow. */
const MOST_POINTS = 3000;

/** Most panels of the picture, besides that of the baseline; more would be too small to read. */
export const MOST_PANELS = 48;

/** Most arms that a note names. */
const MOST_NAMED = 12;

/** Accuracy of an arm after an iteration; shares from 0 to 1. */
export interface ExplorerPoint {
  /** Place among the arms. */
  arm: number;
  /** Place among the loop seeds, or -1 for the mean over them. */
  seed: number;
  iteration: number;
  value: number;
  low: number | null;
  high: number | null;
  /** How many loop seeds it is of. */
  seeds: number;
  /** Verdicts that were scored, and those that could not be, of these loop seeds together. */
  n: number;
  unscored: number;
  /** Place of the interval's method among the methods. */
  method: number;
}

/** The last judge of an arm against that of the baseline, paired over items; shares from -1 to 1. */
export interface ExplorerDifference extends Pick<ExplorerPoint, 'arm' | 'seed' | 'value' | 'low' | 'high'> {
  /** In points, with its interval and p. */
  text: string;
  /** Over which loop seeds and items, and how many could not be scored. */
  paired: string;
  method: string;
}

/** The rows of the explorer; all texts are printable. */
export interface ExplorerData {
  /** The axes of the matrix, and one for arms that lie on none. */
  axes: { name: string; labels: string[] }[];
  /** Loop seeds that can be chosen; empty where there is only one. */
  seeds: number[];
  /** Arms with a finished run, with the place of their label on each axis; -1 for an arm that is not on the axis. */
  arms: { label: string; places: number[] }[];
  /** Place of the baseline among the arms; -1 where none of its runs is finished. */
  baseline: number;
  points: ExplorerPoint[];
  differences: ExplorerDifference[];
  methods: string[];
  /** What is not drawn, and how to read the rest; one sentence each. */
  notes: string[];
}

/** Selects what the explorer shows; the statistics are those of the report. */
export function explorerData(report: MatrixReport): ExplorerData {
  const { baseline, seeds } = report;
  const finished = report.arms.filter((arm) => finishedRuns(arm).length > 0);
  const nIterations = Math.max(1, ...finished.map(({ byIteration }) => byIteration.length));
  const arms = finished.filter(({ label }, i) => i < MOST_POINTS / nIterations || label === baseline);
  const isSmall = arms.length * nIterations * (seeds.length + 1) <= MOST_POINTS;
  const choosable = seeds.length > 1 && isSmall ? seeds : [];
  // Null stands for all arms that lie on the axes.
  const beside = [...new Set(arms.map(({ label, combination }) => (combination ? null : label)))];
  const hasBeside = beside.some((label) => label !== null);
  const axes = [
    ...report.axes,
    ...(hasBeside ? [{ name: 'arm', labels: beside.map((label) => label ?? 'those on the axes') }] : []),
  ];
  const methods: string[] = [];
  return {
    axes: axes.map(({ name, labels }) => ({ name: shownLabel(name), labels: labels.map(shownLabel) })),
    seeds: choosable,
    arms: arms.map(({ label, combination }) => ({
      label: shownLabel(label),
      places: [
        ...report.axes.map(({ name, labels }) =>
          combination ? labels.indexOf(own(combination, name) ?? '') : -1,
        ),
        ...(hasBeside ? [beside.indexOf(combination ? null : label)] : []),
      ],
    })),
    baseline: arms.findIndex(({ label }) => label === baseline),
    points: arms.flatMap((arm, i) => armPoints(arm, i, { seeds: choosable, methods })),
    differences: arms.flatMap((arm, i) => armDifferences(arm, i, { seeds: choosable, of: seeds.length })),
    methods,
    notes: notesOf(report, { finished, drawn: arms, isBySeed: seeds.length === 1 || isSmall }),
  };
}

/** Control characters are invalid in SVG, and an empty text cannot be chosen. */
export function shownLabel(label: string): string {
  return printable(label) || '(empty)';
}

function finishedRuns({ runs }: MatrixArmReport): MatrixRun[] {
  return runs.filter(({ state }) => state === 'finished');
}

function armPoints(
  arm: MatrixArmReport,
  place: number,
  { seeds, methods }: { seeds: readonly number[]; methods: string[] },
): ExplorerPoint[] {
  const pointOf = (
    { value, low, high, method }: Estimate,
    of: readonly MatrixRunIteration[],
    seed: number,
  ): ExplorerPoint[] => {
    if (value === null) return [];
    if (!methods.includes(method)) methods.push(method);
    return [
      {
        arm: place,
        seed,
        iteration: of[0]?.iteration ?? 0,
        value: rounded(value),
        low: low === null ? null : rounded(low),
        high: high === null ? null : rounded(high),
        seeds: of.filter(({ accuracy }) => accuracy.value !== null).length,
        n: of.reduce((total, { accuracy }) => total + accuracy.n, 0),
        unscored: of.reduce((total, { accuracy }) => total + accuracy.unscored, 0),
        method: methods.indexOf(method),
      },
    ];
  };
  const runs = finishedRuns(arm);
  const overAll = arm.byIteration.flatMap(({ iteration, accuracy }) => {
    const all = runs.flatMap(({ iterations }) => iterations.filter((one) => one.iteration === iteration));
    const only = accuracy.n === 1 && all.find((one) => one.accuracy.value !== null)?.accuracy;
    // One loop seed has no interval over seeds; that over its items is shown.
    return pointOf(only ? { ...only, method: `one seed: ${only.method}` } : accuracy, all, ALL_SEEDS);
  });
  const bySeed = seeds.flatMap((seed, i) =>
    runs
      .filter((run) => run.seed === seed)
      .flatMap(({ iterations }) => iterations.flatMap((one) => pointOf(one.accuracy, [one], i))),
  );
  return [...overAll, ...bySeed];
}

function armDifferences(
  { againstBaseline }: MatrixArmReport,
  arm: number,
  { seeds, of }: { seeds: readonly number[]; of: number },
): ExplorerDifference[] {
  if (!againstBaseline) return [];
  const { bySeed, n, pHolm } = againstBaseline;
  const rowOf = (
    comparison: Pick<Comparison, 'difference' | 'low' | 'high' | 'method'>,
    rest: Pick<ExplorerDifference, 'seed' | 'text' | 'paired'>,
  ): ExplorerDifference[] => {
    const { difference: value, low, high, method } = comparison;
    if (value === null) return [];
    const text = `${pointsWithInterval(comparison)}, ${rest.text}`;
    return [{ ...rest, arm, value, low, high, method, text }];
  };
  const items = (some: readonly Pick<Comparison, 'n' | 'unscored'>[]): string =>
    `items: ${rangeText(some.map((one) => one.n))}, unscored: ${rangeText(some.map((one) => one.unscored))}`;
  return [
    ...rowOf(againstBaseline, {
      seed: ALL_SEEDS,
      text: `p (Holm) ${pValue(pHolm)}`,
      paired: `${count(n)} of ${counted(of, 'loop seed')}; ${items(bySeed)}`,
    }),
    ...bySeed.flatMap((one) =>
      seeds.includes(one.seed)
        ? rowOf(one, {
            seed: seeds.indexOf(one.seed),
            text: `p ${pValue(one.pValue)}`,
            paired: `loop seed ${one.seed}; ${items([one])}`,
          })
        : [],
    ),
  ];
}

function notesOf(
  { arms, baseline, seeds }: MatrixReport,
  { finished, drawn, isBySeed }: { finished: MatrixArmReport[]; drawn: MatrixArmReport[]; isBySeed: boolean },
): string[] {
  const unfinished = arms.filter((arm) => !finished.includes(arm)).map(({ label }) => shownLabel(label));
  const named = unfinished.slice(0, MOST_NAMED).join('; ');
  const nMore = unfinished.length - MOST_NAMED;
  const nLeftOut = finished.length - drawn.length;
  const nWithout = finished.flatMap(({ runs }) => runs.filter(({ state }) => state !== 'finished')).length;
  const because = `more than ${count(MOST_POINTS)} points would make the page slow. The tables have all of them.`;
  const notes = {
    [`Not drawn, since none of their runs is finished: ${named}${nMore > 0 ? `; and ${count(nMore)} more` : ''}.`]:
      unfinished.length > 0,
    [`Left out of the drawn arms: ${counted(nWithout, 'run')}, not finished.`]: nWithout > 0,
    [`The baseline, ${shownLabel(baseline)}, has no finished run, so nothing is compared with it.`]:
      !finished.some(({ label }) => label === baseline),
    [`The last ${counted(nLeftOut, 'arm')} of the matrix cannot be chosen: ${because}`]: nLeftOut > 0,
    [`Single loop seeds cannot be chosen: ${because}`]: !isBySeed,
    [`Without its controls, the chart has a panel for each of the first ${MOST_PANELS} arms.`]:
      drawn.length > MOST_PANELS,
    'With a single loop seed chosen, intervals are over items, and p is not corrected for the number of arms.':
      isBySeed && seeds.length > 1,
  };
  return Object.entries(notes).flatMap(([note, holds]) => (holds ? [note] : []));
}

/** Six decimals are more than any figure shows, and keep pages small. */
function rounded(share: number): number {
  return Math.round(1e6 * share) / 1e6;
}

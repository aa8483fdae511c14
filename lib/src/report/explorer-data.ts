// What the explorer of a matrix shows: controls, and the figures of the finished arms over all loop seeds and with each of them.
import { printable } from '../core/text.js';
import type { Comparison, Estimate } from '../schema/estimate.js';
import type { MatrixArmReport, MatrixReport, MatrixRun } from '../schema/matrix.js';
import { count, counted, pValue } from './format.js';
import { changeText, rangeText } from './matrix-table.js';

/** A control: an axis of the matrix. */
export interface ExplorerAxis {
  name: string;
  labels: string[];
}

/** An arm with at least one finished run. */
export interface ExplorerArm {
  label: string;
  /** For each axis the place of its label; -1 on an axis that the arm does not have. */
  places: number[];
}

/** Accuracy of an arm after an iteration; shares from 0 to 1. */
export interface ExplorerPoint {
  /** Place among the arms. */
  arm: number;
  /** Place among the loop seeds; -1: the mean over all of them. */
  seed: number;
  iteration: number;
  value: number;
  low: number | null;
  high: number | null;
  /** Loop seeds that it is of. */
  seeds: number;
  /** Verdicts that were scored, and those that could not be, over these loop seeds. */
  n: number;
  unscored: number;
  /** Place of the interval's method among the methods. */
  method: number;
}

/** An arm after its last iteration against the baseline, paired over items; shares from -1 to 1. */
export interface ExplorerDifference {
  arm: number;
  seed: number;
  value: number;
  low: number | null;
  high: number | null;
  /** The difference in points, its interval and its p. */
  text: string;
  /** What was paired: loop seeds and items, also those that could not be scored. */
  paired: string;
  method: string;
}

/** The plain rows behind the explorer. */
export interface ExplorerData {
  axes: ExplorerAxis[];
  /** Loop seeds that can be chosen; empty where there is one, or where there would be too many rows. */
  seeds: number[];
  arms: ExplorerArm[];
  /** Place of the baseline among the arms; -1: none of its runs is finished. */
  baseline: number;
  points: ExplorerPoint[];
  differences: ExplorerDifference[];
  methods: string[];
  /** What is not drawn, and how to read the rest; one sentence each. */
  notes: string[];
}

/** Most points of the accuracy; more would make pages large and slow. */
const MOST_POINTS = 3000;

/** Most arms that a note names. */
const MOST_NAMED = 12;

/** Selects what the explorer shows from the report of a matrix; it computes no statistics. */
export function explorerData(report: MatrixReport): ExplorerData {
  const { baseline, seeds } = report;
  const finished = report.arms.filter((arm) => finishedRuns(arm).length > 0);
  const nIterations = Math.max(1, ...finished.map(({ byIteration }) => byIteration.length));
  const mostArms = Math.max(1, Math.floor(MOST_POINTS / nIterations));
  const arms = finished.filter(({ label }, i) => i < mostArms || label === baseline);
  const isSmall = arms.length * nIterations * (seeds.length + 1) <= MOST_POINTS;
  const choosable = seeds.length > 1 && isSmall ? seeds : [];
  const single = arms.filter(({ combination }) => combination === null).map(({ label }) => label);
  const methods = new Map<string, number>();
  return {
    // Arms that lie on no axis are chosen by their labels.
    axes: [...report.axes, ...(single.length > 0 ? [{ name: 'arm', labels: single }] : [])].map(
      ({ name, labels }) => ({ name: shownLabel(name), labels: labels.map(shownLabel) }),
    ),
    seeds: choosable,
    arms: arms.map(({ label, combination }) => ({
      label: shownLabel(label),
      places: [
        ...report.axes.map(({ name, labels }) => labels.indexOf(combination?.[name] ?? '')),
        ...(single.length > 0 ? [single.indexOf(label)] : []),
      ],
    })),
    baseline: arms.findIndex(({ label }) => label === baseline),
    points: arms.flatMap((arm, i) => armPoints(arm, i, { seeds: choosable, methods })),
    differences: arms.flatMap((arm, i) => armDifferences(arm, i, { seeds: choosable, of: seeds.length })),
    methods: [...methods.keys()],
    notes: notesOf(report, { finished, drawn: arms, isBySeed: seeds.length === 1 || choosable.length > 0 }),
  };
}

/** Control characters are invalid in SVG, and an empty option cannot be read. */
export function shownLabel(label: string): string {
  return printable(label) || '(empty)';
}

function finishedRuns({ runs }: MatrixArmReport): MatrixRun[] {
  return runs.filter(({ state }) => state === 'finished');
}

/** The points of an arm: over all loop seeds, and with each of those that can be chosen. */
function armPoints(
  arm: MatrixArmReport,
  place: number,
  { seeds, methods }: { seeds: readonly number[]; methods: Map<string, number> },
): ExplorerPoint[] {
  const runs = finishedRuns(arm);
  const pointOf = (estimate: Estimate, iteration: number, seed: number): ExplorerPoint[] => {
    const { value, low, high, method } = estimate;
    const counted = runs
      .filter((run) => seed < 0 || run.seed === seeds[seed])
      .flatMap((run) => run.iterations.filter((one) => one.iteration === iteration));
    if (value === null) return [];
    if (!methods.has(method)) methods.set(method, methods.size);
    return [
      {
        arm: place,
        seed,
        iteration,
        value: rounded(value),
        low: low === null ? null : rounded(low),
        high: high === null ? null : rounded(high),
        seeds: counted.filter(({ accuracy }) => accuracy.value !== null).length,
        n: sum(counted.map(({ accuracy }) => accuracy.n)),
        unscored: sum(counted.map(({ accuracy }) => accuracy.unscored)),
        method: methods.get(method) ?? 0,
      },
    ];
  };
  return [
    ...arm.byIteration.flatMap(({ iteration, accuracy }) =>
      pointOf(ofOneSeed(runs, iteration) ?? accuracy, iteration, -1),
    ),
    ...seeds.flatMap((seed, i) =>
      (runs.find((run) => run.seed === seed)?.iterations ?? []).flatMap(({ iteration, accuracy }) =>
        pointOf(accuracy, iteration, i),
      ),
    ),
  ];
}

/** One loop seed has no interval over seeds; that over its items is shown. Null where there are several, or none. */
function ofOneSeed(runs: readonly MatrixRun[], iteration: number): Estimate | null {
  const known = runs
    .flatMap(({ iterations }) => iterations.filter((one) => one.iteration === iteration))
    .filter(({ accuracy }) => accuracy.value !== null);
  const [only, ...others] = known;
  if (!only || others.length > 0) return null;
  return { ...only.accuracy, method: `one seed: ${only.accuracy.method}` };
}

/** An arm against the baseline: over all loop seeds, and with each of those that can be chosen. */
function armDifferences(
  { againstBaseline }: MatrixArmReport,
  arm: number,
  { seeds, of }: { seeds: readonly number[]; of: number },
): ExplorerDifference[] {
  if (!againstBaseline) return [];
  const { bySeed, n, pHolm } = againstBaseline;
  const rowOf = (
    { difference, low, high, method }: Pick<Comparison, 'difference' | 'low' | 'high' | 'method'>,
    { seed, p, paired }: { seed: number; p: string; paired: string },
  ): ExplorerDifference[] =>
    difference === null
      ? []
      : [
          {
            arm,
            seed,
            value: difference,
            low,
            high,
            text: `${changeText({ value: difference, low, high })}, ${p}`,
            paired,
            method,
          },
        ];
  return [
    ...rowOf(againstBaseline, {
      seed: -1,
      p: `p (Holm) ${pValue(pHolm)}`,
      paired: `${count(n)} of ${counted(of, 'loop seed')}; items: ${rangeText(bySeed.map((one) => one.n))}, unscored: ${rangeText(bySeed.map((one) => one.unscored))}`,
    }),
    ...seeds.flatMap((seed, i) =>
      bySeed
        .filter((one) => one.seed === seed)
        .flatMap((one) =>
          rowOf(one, {
            seed: i,
            p: `p ${pValue(one.pValue)}`,
            paired: `loop seed ${seed}; items: ${count(one.n)}, unscored: ${count(one.unscored)}`,
          }),
        ),
    ),
  ];
}

/** What is not drawn and why, and how to read single loop seeds. */
function notesOf(
  { arms, baseline, seeds }: MatrixReport,
  {
    finished,
    drawn,
    isBySeed,
  }: { finished: readonly MatrixArmReport[]; drawn: readonly MatrixArmReport[]; isBySeed: boolean },
): string[] {
  const unfinished = arms.filter((arm) => !finished.includes(arm)).map(({ label }) => shownLabel(label));
  const named = unfinished.slice(0, MOST_NAMED).join('; ');
  const more = unfinished.length > MOST_NAMED ? `; and ${count(unfinished.length - MOST_NAMED)} more` : '';
  const nLeftOut = finished.length - drawn.length;
  const size = `more than ${count(MOST_POINTS)} points would make the page slow. The tables have all of them.`;
  return [
    ...(unfinished.length > 0 ? [`Not drawn, since none of their runs is finished: ${named}${more}.`] : []),
    ...(finished.some(({ label }) => label === baseline)
      ? []
      : [`The baseline, ${shownLabel(baseline)}, has no finished run, so nothing is compared with it.`]),
    ...(nLeftOut > 0 ? [`The last ${counted(nLeftOut, 'arm')} of the matrix cannot be chosen: ${size}`] : []),
    ...(isBySeed ? [] : [`Single loop seeds cannot be chosen: ${size}`]),
    ...(isBySeed && seeds.length > 1
      ? ['With a single loop seed, intervals are over items, and p is not corrected for the number of arms.']
      : []),
  ];
}

/** Six decimals are more than any figure shows, and keep pages small. */
function rounded(share: number): number {
  return Math.round(1e6 * share) / 1e6;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, n) => total + n, 0);
}

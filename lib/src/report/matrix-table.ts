// Tables of a matrix: accuracy by arm and iteration, each arm against the baseline, and every run.
import { addCount } from '../core/own.js';
import { printable } from '../core/text.js';
import type { Estimate } from '../schema/estimate.js';
import type { MatrixArmReport, MatrixReport } from '../schema/matrix.js';
import { METRICS } from '../schema/metrics.js';
import { scoredOf, unscoredOf } from './counted-judgments.js';
import {
  count,
  NO_VALUE,
  percent,
  percentWithInterval,
  pointsWithInterval,
  pValue,
  unscored,
} from './format.js';
import { makeTable, type Table } from './tables.js';

/** Arms by iteration: mean accuracy over seeds, with the interval after the last iteration if there are two or more seeds. */
export function matrixTable({ arms, seeds, baseline }: MatrixReport): Table {
  const blank = { blank: NO_VALUE };
  const rows = arms.map((arm) => ({ ...arm, last: arm.byIteration.at(-1) }));
  return makeTable(rows, [
    ['arm', ({ label }) => armName(label, baseline)],
    [
      'accuracy % by iteration',
      ({ byIteration }) =>
        byIteration.map(({ accuracy }) => percent(accuracy.value)).join(' → ') || undefined,
      blank,
    ],
    ['last % [95%]', ({ last }) => last && percentWithInterval(last.accuracy), blank],
    ['± sd', ({ last }) => last && percent(last.accuracy.standardDeviation), blank],
    [
      'change against own seed [95%]',
      ({ last }) => last?.change && pointsWithInterval({ ...last.change, difference: last.change.value }),
      blank,
    ],
    [
      `${METRICS.voteAccuracy.column} %, last`,
      ({ last }) => last?.voteAccuracy && percentWithInterval(last.voteAccuracy),
      { ...blank, optional: true },
    ],
    [
      `${METRICS.bothOrdersCorrect.column} %, last`,
      ({ last }) => last && percentWithInterval(last.bothOrdersCorrect),
      blank,
    ],
    ['seeds', ({ last }) => `${last?.accuracy.n ?? 0} of ${seeds.length}`],
    ['verdicts', ({ runs }) => rangeText(lastAccuracies(runs).map(({ n }) => n)), blank],
    ['unscored', ({ runs }) => unscored(allUnscored(lastAccuracies(runs)))],
  ]);
}

function lastAccuracies(runs: MatrixArmReport['runs']): Estimate[] {
  return runs.flatMap(({ iterations }) => iterations.at(-1)?.accuracy ?? []);
}

/** What is unscored in several estimates together. */
function allUnscored(estimates: readonly Estimate[]): Pick<Estimate, 'unscored' | 'unscoredReasons'> {
  const unscoredReasons: Record<string, number> = {};
  for (const { unscoredReasons: reasons = {} } of estimates)
    for (const [reason, n] of Object.entries(reasons)) addCount(unscoredReasons, reason, n);
  return { unscored: estimates.reduce((sum, { unscored: n }) => sum + n, 0), unscoredReasons };
}

/** Each arm against the baseline, in points; no rows for a single arm. */
export function armComparisonTable({ arms }: MatrixReport): Table {
  const compared = arms.flatMap(({ label, againstBaseline }) =>
    againstBaseline ? [{ label, ...againstBaseline }] : [],
  );
  return makeTable(compared, [
    ['arm', ({ label }) => label],
    ['difference [95%]', pointsWithInterval],
    ['p', (comparison) => pValue(comparison.pValue)],
    ['p (Holm)', ({ pHolm }) => pValue(pHolm)],
    ['seeds', ({ n }) => count(n)],
    ['items', ({ bySeed }) => rangeText(bySeed.map(({ n }) => n)), { blank: NO_VALUE }],
    ['finding', ({ finding }) => finding.replace('-', ' ')],
  ]);
}

/** The range of some counts, e.g. `148 to 150`; undefined without any. */
export function rangeText(counts: readonly number[]): string | undefined {
  if (counts.length === 0) return undefined;
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return fewest === most ? count(most) : `${count(fewest)} to ${count(most)}`;
}

/** Every run: its last accuracy with its interval over items, and its difference from the baseline's run with the same seed. */
export function matrixRunTable({ experiment, benchmark, arms }: MatrixReport): Table {
  const runs = arms.flatMap((arm) =>
    arm.runs.map((run) => ({
      ...run,
      label: arm.label,
      paired: arm.againstBaseline?.bySeed.find(({ seed }) => seed === run.seed),
      last: run.iterations.at(-1),
      of: { run: `${experiment}/${run.runId}`, benchmark },
    })),
  );
  const scored = {
    counted: ({ of, last }: (typeof runs)[number]) => last && scoredOf({ ...of, ...last }, last.accuracy),
  };
  return makeTable(runs, [
    ['arm', ({ label }) => label],
    ['seed', ({ seed }) => String(seed)],
    ['state', ({ state, waitsAt }) => (waitsAt ? `${state} (${waitsAt})` : state)],
    [
      'accuracy % [95% over items]',
      ({ last }) => last && percentWithInterval(last.accuracy),
      { blank: NO_VALUE, ...scored },
    ],
    ['n', ({ last }) => last && count(last.accuracy.n), scored],
    [
      'unscored',
      ({ last }) => last && unscored(last.accuracy),
      { counted: ({ of, last }) => last && unscoredOf({ ...of, ...last }, last.nUnparsed) },
    ],
    ['against baseline [95% over items]', ({ paired }) => paired && pointsWithInterval(paired)],
    ['run', ({ runId }) => runId],
  ]);
}

/** The settings of each arm. */
export function armTable({
  arms,
  baseline,
}: {
  arms: readonly Pick<MatrixArmReport, 'label' | 'settings'>[];
  baseline: string;
}): Table {
  return makeTable(arms, [
    ['arm', ({ label }) => armName(label, baseline)],
    ['sets', (arm) => settingsText(arm) || 'none (as in the file)'],
  ]);
}

/** Characters of what a run failed of or waits for. */
const LONGEST_PROBLEM = 1000;

/** Notes on the tables, one sentence each. */
export function matrixNotes({ arms, seeds, baseline }: MatrixReport): string[] {
  const failed = arms.flatMap(({ label, runs }) =>
    runs.flatMap(({ seed, state, problem }) =>
      problem === null
        ? []
        : [
            `${printable(label)}, seed ${seed} ${state === 'failed' ? 'failed' : 'waits'}: ${printable(problem, LONGEST_PROBLEM)}`,
          ],
    ),
  );
  const nWaiting = arms.flatMap(({ runs }) => runs).filter(({ state }) => state === 'waiting').length;
  const method = arms.find(({ againstBaseline }) => againstBaseline?.n)?.againstBaseline?.method;
  return [
    ...failed,
    ...(nWaiting > 0 ? [`${count(nWaiting)} runs are not finished: the figures leave them out.`] : []),
    `Accuracy: ${METRICS.accuracy.explanation}. Unscored verdicts, of all seeds together, are in no share.`,
    seeds.length === 1
      ? 'One loop seed: the spread between loop seeds is unknown, so there are no intervals over seeds.'
      : "Means over loop seeds with Student's 95% interval, which covers other loop seeds with the same seed model and items, but not other items.",
    ...(method === undefined
      ? []
      : [
          `Against ${printable(baseline)}, after the last iteration, in points: ${method}; p (Holm): corrected for all arms.`,
        ]),
  ];
}

/** The settings of an arm, e.g. `judge.samples=5`. */
/** Which of several benchmarks the figures are of; empty where there is one. */
export function matrixBenchmark({ benchmark, arms }: MatrixReport): string[] {
  if (benchmark === undefined) return [];
  const others = new Set(arms.flatMap(({ others: all = [] }) => all.map((other) => other.benchmark)));
  const more =
    others.size === 0 ? '' : ` Figures on ${[...others].join(', ')}: autodidact report with --benchmark.`;
  return [`Figures are of the benchmark ${benchmark}.${more}`];
}

function settingsText({ settings }: Pick<MatrixArmReport, 'settings'>): string {
  return Object.entries(settings)
    .map(
      ([path, value]) =>
        `${path}=${value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join(' ');
}

function armName(label: string, baseline: string): string {
  return label === baseline ? `${label} (baseline)` : label;
}

// A matrix as tables: accuracy by arm and iteration, each arm against the baseline, and every single run.
import { printable } from '../core/text.js';
import type { ArmComparison, MatrixArmReport, MatrixReport, SeedEstimate } from '../schema/matrix.js';
import { count, NO_VALUE, percent, percentWithInterval, pointsWithInterval, pValue } from './format.js';
import type { Table } from './tables.js';

/** Arms by iteration: mean accuracy over seeds, with the interval after the last iteration, where seeds are two or more. */
export function matrixTable({ arms, seeds, baseline }: MatrixReport): Table {
  const hasVotes = arms.some(({ byIteration }) => byIteration.at(-1)?.voteAccuracy);
  return {
    header: [
      'arm',
      'accuracy % by iteration',
      'last % [95%]',
      '± sd',
      'change against own seed [95%]',
      ...(hasVotes ? ['vote %, last'] : []),
      'both orders right %, last',
      'seeds',
    ],
    rows: arms.map(({ label, byIteration }) => {
      const last = byIteration.at(-1);
      const n = last?.accuracy.n ?? 0;
      return [
        label === baseline ? `${label} (baseline)` : label,
        byIteration.map(({ accuracy }) => percent(accuracy.value)).join(' → ') || NO_VALUE,
        last ? meanOf(last.accuracy) : NO_VALUE,
        last ? percent(last.accuracy.standardDeviation) : NO_VALUE,
        last?.change ? changeOf(last.change) : NO_VALUE,
        ...(hasVotes ? [last?.voteAccuracy ? meanOf(last.voteAccuracy) : NO_VALUE] : []),
        last ? meanOf(last.bothOrdersCorrect) : NO_VALUE,
        `${n} of ${seeds.length}`,
      ];
    }),
  };
}

/** Each arm against the baseline, in points; no rows where there is one arm. */
export function armComparisonTable({ arms }: MatrixReport): Table {
  return {
    header: ['arm', 'difference [95%]', 'p', 'p (Holm)', 'seeds', 'items', 'finding'],
    rows: arms.flatMap(({ label, againstBaseline }) =>
      againstBaseline ? [[label, ...comparisonCells(againstBaseline)]] : [],
    ),
  };
}

function comparisonCells(comparison: ArmComparison): string[] {
  const { difference, low, n, bySeed, finding } = comparison;
  const items = bySeed.map((one) => one.n);
  const [fewest, most] = [Math.min(...items), Math.max(...items)];
  return [
    difference === null
      ? NO_VALUE
      : low === null
        ? points(difference)
        : pointsWithInterval(asComparison(comparison)),
    pValue(comparison.pValue),
    pValue(comparison.pHolm),
    count(n),
    items.length === 0 ? NO_VALUE : fewest === most ? count(most) : `${count(fewest)} to ${count(most)}`,
    finding.replace('-', ' '),
  ];
}

/** Every run: its last accuracy with its interval over items, and its difference from the baseline's run with the same seed. */
export function matrixRunTable({ arms }: MatrixReport): Table {
  return {
    header: [
      'arm',
      'seed',
      'state',
      'accuracy % [95% over items]',
      'against baseline [95% over items]',
      'run',
    ],
    rows: arms.flatMap(({ label, runs, againstBaseline }) =>
      runs.map(({ seed, state, iterations, runId }) => {
        const last = iterations.at(-1);
        const paired = againstBaseline?.bySeed.find((one) => one.seed === seed);
        return [
          label,
          String(seed),
          state,
          last ? percentWithInterval(last.accuracy) : NO_VALUE,
          paired ? pointsWithInterval(paired) : '',
          runId,
        ];
      }),
    ),
  };
}

/** What a reader of the tables has to know, a sentence each. */
export function matrixNotes({ arms, seeds, baseline }: MatrixReport): string[] {
  const failed = arms.flatMap(({ label, runs }) =>
    runs.flatMap(({ seed, state, problem }) =>
      state === 'failed' ? [`${printable(label)}, seed ${seed} failed: ${printable(problem ?? '')}`] : [],
    ),
  );
  const nWaiting = arms.reduce(
    (sum, { runs }) => sum + runs.filter(({ state }) => state === 'waiting').length,
    0,
  );
  const method = arms.find(({ againstBaseline }) => againstBaseline?.n)?.againstBaseline?.method;
  return [
    ...failed,
    ...(nWaiting > 0 ? [`${count(nWaiting)} runs are not finished: figures are of those that are.`] : []),
    seeds.length === 1
      ? 'One loop seed: how much another would differ is not known, and intervals over seeds cannot be given.'
      : "Means over loop seeds with Student's 95% interval: what other loop seeds would give with the same seed model and the same items. What other items would give is no part of it.",
    ...(method === undefined
      ? []
      : [
          `Against ${printable(baseline)}, after the last iteration, in points: ${method}; p (Holm): corrected for all arms.`,
        ]),
  ];
}

/** The settings of an arm, e.g. `judge.samples=5`. */
export function settingsText({ settings }: Pick<MatrixArmReport, 'settings'>): string {
  return Object.entries(settings)
    .map(
      ([path, value]) =>
        `${path}=${value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join(' ');
}

/** A mean over seeds in percent: with its interval where there is one. */
function meanOf(estimate: SeedEstimate): string {
  return estimate.low === null ? percent(estimate.value) : percentWithInterval(estimate);
}

function changeOf(change: SeedEstimate): string {
  if (change.value === null) return NO_VALUE;
  if (change.low === null) return points(change.value);
  return pointsWithInterval(asComparison({ ...change, difference: change.value, pValue: null }));
}

function points(difference: number): string {
  return `${difference >= 0 ? '+' : ''}${percent(difference)}`;
}

function asComparison(
  found: Pick<ArmComparison, 'difference' | 'low' | 'high' | 'n' | 'pValue' | 'method'>,
): Parameters<typeof pointsWithInterval>[0] {
  return { ...found, unscored: 0, minimumDetectable: null };
}

// A comparison of judges as a table and as sentences.
import { checkNumber, wholeFrom } from '../core/statistics/checks.js';
import { printable } from '../core/text.js';
import type { ComparisonReport, JudgeComparison, UnscoredReasons } from '../schema/comparison-report.js';
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

/** A detectable difference below this, as a share, is rounding error: the scores are equal on all items. */
const NO_SPREAD = 0.00005;

/** The names of the reasons why items are not compared, as other tables have them. */
const REASONS: Readonly<Record<keyof UnscoredReasons, string>> = {
  oneJudgeOnly: 'one-judge-only',
  noGold: 'no-gold-label',
  noCommonOrder: 'no-common-order',
  noVerdict: 'no-verdict',
};

/** How many items are not compared, and why. */
export function unscoredItems({
  unscored: n,
  unscoredReasons: reasons,
}: Pick<JudgeComparison, 'unscored' | 'unscoredReasons'>): string {
  const all = Object.entries(REASONS) as [keyof UnscoredReasons, string][];
  const occurring = all
    .map(([key, name]) => [name, reasons[key]] as const)
    .filter(([, nItems]) => nItems > 0);
  return unscored({ unscored: n, unscoredReasons: Object.fromEntries(occurring) });
}

/**
 * Each pair of judges, and below it the subsets, where there are several. The column of McNemar's test is shown only if a comparison has
 * it.
 * @example showTable(comparisonTable(comparison));
 */
export function comparisonTable(report: ComparisonReport): Table {
  const rows = report.overall.flatMap((overall) => [overall, ...subsetsOf(overall, report)]);
  const blank = { blank: NO_VALUE };
  return makeTable(rows, [
    ['judge against baseline', (row) => (row.subset === null ? titleOf(row) : `  ${printable(row.subset)}`)],
    ['difference [95%]', pointsWithInterval],
    ['p', (row) => pValue(row.pValue)],
    ['p (Holm)', ({ pHolm }) => pValue(pHolm)],
    [
      'McNemar mid-p',
      ({ mcNemarMidP }) => (mcNemarMidP === null ? undefined : pValue(mcNemarMidP)),
      { ...blank, optional: true },
    ],
    ['detectable', (row) => detectable(row) ?? undefined, blank],
    ['judge % [95%]', ({ judgeAccuracy }) => percentWithInterval(judgeAccuracy)],
    ['baseline % [95%]', ({ baselineAccuracy }) => percentWithInterval(baselineAccuracy)],
    ['n', ({ n }) => count(n)],
    ['unscored', unscoredItems],
  ]);
}

/**
 * The conclusion of a comparison, in one sentence.
 * @param nTests how many tests its p is corrected for, from 1
 * @throws RangeError for another number of tests
 * @example
 * ```ts
 * comparisonSentence(comparison.overall[0], 3);
 * // 'b is better than a: +3.2 points [+1.0, +5.5], p = 0.012 (Holm over 3)'
 * ```
 */
export function comparisonSentence(comparison: JudgeComparison, nTests: number): string {
  checkNumber(nTests, 'comparisonSentence(nTests)', wholeFrom(1));
  const { finding, subset, n, nClusters = n } = comparison;
  const [judge, baseline] = [printable(comparison.judge), printable(comparison.baseline)];
  const on = subset === null ? '' : ` on ${printable(subset)}`;
  const correction = nTests > 1 ? ` (Holm over ${count(nTests)})` : '';
  const p = pValue(comparison.pHolm);
  // The unit follows the figure rather than the interval.
  const difference = pointsWithInterval(comparison).replace(/( \[|$)/, ' points$1');
  const figures = `${difference}, p ${p.startsWith('<') ? p : `= ${p}`}${correction}`;
  switch (finding) {
    case 'better':
      return `${judge} is better than ${baseline}${on}: ${figures}`;
    case 'worse':
      return `${judge} is worse than ${baseline}${on}: ${figures}`;
    case 'within-noise': {
      const least = detectable(comparison);
      const blindness =
        least === null
          ? comparison.difference === 0
            ? `; the two score alike ${nClusters < n ? `in each of ${count(nClusters)} clusters` : `on each of these ${count(n)} items`}`
            : ''
          : `; with these ${count(n)} items, a true difference of ${least} points is detected in 4 of 5 cases`;
      return `${judge} against ${baseline}${on} is within noise: ${figures}${blindness}`;
    }
    case 'not-compared':
      return `${judge} against ${baseline}${on}: no item was scored by both`;
  }
}

/**
 * The text below the table: a sentence for each pair and for each subset where one judge is better, the number of items that are not
 * compared and why, and how the figures were computed.
 */
export function comparisonSentences(report: ComparisonReport): string[] {
  const nOverall = nTestsIn(report.overall);
  const nBySubset = nTestsIn(report.bySubset);
  const found = report.overall.flatMap((overall) => {
    const subsets = subsetsOf(overall, report);
    return [
      comparisonSentence(overall, nOverall),
      ...subsets
        .filter(({ finding }) => finding === 'better' || finding === 'worse')
        .map((comparison) => `  ${comparisonSentence(comparison, nBySubset)}`),
      ...subsetsLine(
        'within noise on',
        subsets.filter(({ finding }) => finding === 'within-noise'),
      ),
      ...subsetsLine(
        'no item scored by both on',
        subsets.filter(({ finding }) => finding === 'not-compared'),
      ),
    ];
  });
  const dropped = report.judges.flatMap(({ name, nDropped }) =>
    nDropped ? [`items that ${printable(name)} could not judge: ${count(nDropped)}`] : [],
  );
  const showsSubsets = report.overall.some((overall) => subsetsOf(overall, report).length > 0);
  const families = showsSubsets
    ? ` p (Holm): corrected for the ${count(nOverall)} over all items and, apart from ${nOverall === 1 ? 'it' : 'them'}, for the ${count(nBySubset)} by subset.`
    : ` p (Holm): corrected for ${count(nOverall)}.`;
  const methods = [...new Set(report.overall.map(({ method }) => method))];
  return [
    ...measuredOn(report),
    ...found,
    ...dropped,
    `Differences in points, judge minus baseline: ${methods.join(', or ')}.${families}`,
    `Accuracies are those on the n items scored by both (${report.by ?? 'a tie counts half'}). Detectable: the true difference that one such test detects in 4 of 5 cases.`,
  ];
}

/** Which benchmarks of their runs the judges are compared on; empty where no run has several. */
function measuredOn({ judges }: ComparisonReport): string[] {
  const of = judges.map((judge) => judge.measuredOn);
  const [only] = of;
  if (only !== undefined && of.every((name) => name === only)) return [`Measured on ${printable(only)}.`];
  const named = judges.flatMap(({ name, measuredOn: on }) =>
    on === undefined ? [] : [`${printable(name)} on ${printable(on)}`],
  );
  return named.length === 0 ? [] : [`Measured: ${named.join(', ')}.`];
}

/** Empty for a single subset, which would repeat the overall figures. */
function subsetsOf({ judge, baseline }: JudgeComparison, { bySubset }: ComparisonReport): JudgeComparison[] {
  const ofPair = bySubset.filter((other) => other.judge === judge && other.baseline === baseline);
  return ofPair.length > 1 ? ofPair : [];
}

function nTestsIn(family: readonly JudgeComparison[]): number {
  return family.filter(({ pValue: p }) => p !== null).length;
}

function titleOf({ judge, baseline }: JudgeComparison): string {
  return `${printable(judge)} against ${printable(baseline)}`;
}

/** In points; null where unknown. */
function detectable({ minimumDetectable }: JudgeComparison): string | null {
  return minimumDetectable === null || minimumDetectable < NO_SPREAD ? null : percent(minimumDetectable);
}

function subsetsLine(what: string, comparisons: readonly JudgeComparison[]): string[] {
  if (comparisons.length === 0) return [];
  return [`  ${what} ${comparisons.map(({ subset }) => printable(subset ?? '')).join(', ')}`];
}

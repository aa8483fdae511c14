// Judges beside trivial ones: a table, and a finding where a judge is not shown to be better than all of them.
import { own } from '../core/own.js';
import { prose, PROSE_WIDTH } from '../core/prose.js';
import type { TrivialReport } from '../schema/comparison-report.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import { warned, type Finding } from '../schema/finding.js';
import { TRIVIAL_JUDGE_NAMES, TRIVIAL_JUDGES } from '../schema/shortcuts.js';
import {
  count,
  counted,
  percent,
  percentWithInterval,
  points,
  pointsWithInterval,
  pValue,
} from './format.js';
import { listBlock, tableBlock, text, type Block } from './document.js';
import { findingLines } from './finding-lines.js';
import { makeTable, toText, type Table } from './tables.js';

/** Judges of which a terminal shows everything. */
const MOST_IN_FULL = 4;

/** One row per judge and trivial judge: accuracies on the items that both have a verdict on, and the paired difference. */
export function trivialTable(reports: readonly TrivialReport[]): Table {
  const rows = reports.flatMap(({ comparisons }) => comparisons);
  return makeTable(rows, [
    ['judge', ({ judge }) => judge],
    ['trivial judge chooses', ({ baseline }) => inWords(baseline)],
    ['accuracy % [95%]', ({ baselineAccuracy }) => percentWithInterval(baselineAccuracy)],
    ['judge %', ({ judgeAccuracy }) => percent(judgeAccuracy.value)],
    ['judge minus trivial [95%]', pointsWithInterval],
    ['p (Holm)', ({ pHolm }) => pValue(pHolm)],
    ['n', ({ n }) => count(n)],
    ['unscored', ({ unscored }) => count(unscored)],
  ]);
}

/** How the table is to be read, and which trivial judges are not in it. */
export function trivialNote(reports: readonly TrivialReport[]): string {
  const shown = new Set(reports.flatMap(({ comparisons }) => comparisons.map(({ baseline }) => baseline)));
  const absent = TRIVIAL_JUDGE_NAMES.filter((name) => !shown.has(name)).map(inWords);
  const why =
    absent.length === 0
      ? ''
      : ` Not computed, since the items’ texts are not known or their instructions are too few: ${absent.join('; ')}.`;
  return `A tie counts half. Clusters of items are the unit; p is corrected for the trivial judges of one judge. Where both orders are judged, the response shown first is right in one of them.${why}`;
}

/** A finding for each judge that is not better than every trivial judge, naming the one that comes closest to it. */
export function trivialFindings(reports: readonly TrivialReport[]): Finding[] {
  return reports.flatMap(({ judge, comparisons }) => {
    const notBeaten = comparisons
      .filter(({ finding, difference }) => finding !== 'better' && difference !== null)
      .sort((a, b) => (a.difference ?? 0) - (b.difference ?? 0));
    const [closest] = notBeaten;
    if (!closest) return [];
    const { baseline, judgeAccuracy, baselineAccuracy, difference, low } = closest;
    const nBeaten = comparisons.length - notBeaten.length;
    return warned(
      'trivial judges',
      `${judge} is not shown to be better than choosing ${inWords(baseline)}: ${percent(judgeAccuracy.value)} against ${percent(baselineAccuracy.value)}, difference ${low === null ? points(difference) : pointsWithInterval(closest)}; it is better than ${nBeaten} of ${comparisons.length} trivial judges`,
      'do not take its accuracy for understanding: look at the pairs on which the two disagree, or measure it on more of them',
    );
  });
}

/** For a terminal: the table, how to read it, and the findings; of many judges the closest trivial judge alone. Empty without judges. */
export function trivialText(reports: readonly TrivialReport[], width = PROSE_WIDTH): string {
  if (reports.length === 0) return '';
  const findings = trivialFindings(reports);
  const isLong = reports.length > MOST_IN_FULL;
  const shown = isLong ? reports.map(closestOf) : reports;
  const more = findings.length - MOST_IN_FULL;
  return [
    isLong ? 'beside the trivial judge that comes closest:' : 'beside trivial judges:',
    toText(trivialTable(shown)),
    prose([trivialNote(reports)], width),
    ...findingLines(findings.slice(0, MOST_IN_FULL)),
    ...(more > 0 ? [`${counted(more, 'more judge')} not shown to be better than each: see --json`] : []),
  ].join('\n');
}

function closestOf({ judge, comparisons }: TrivialReport): TrivialReport {
  const sorted = [...comparisons].sort((a, b) => (a.difference ?? Infinity) - (b.difference ?? Infinity));
  return { judge, comparisons: sorted.slice(0, 1) };
}

/** For the report of a run: its first and its last judge; empty for runs that did not record it. */
export function trivialBlocks(iterations: readonly IterationMetrics[]): Block[] {
  const ends = [...new Set([...iterations.slice(0, 1), ...iterations.slice(-1)])];
  const reports = ends.flatMap(({ iteration, trivial }) => {
    if (!trivial || trivial.comparisons.length === 0) return [];
    const judge = iteration === 0 ? 'seed' : `iteration ${iteration}`;
    return [{ judge, comparisons: trivial.comparisons.map((comparison) => ({ ...comparison, judge })) }];
  });
  if (reports.length === 0) return [];
  const findings = trivialFindings(reports).map(({ found }) => `${found}.`);
  return [...tableBlock(trivialTable(reports)), ...listBlock(findings), text`${trivialNote(reports)}`];
}

function inWords(name: string): string {
  return own<string>(TRIVIAL_JUDGES, name) ?? name;
}

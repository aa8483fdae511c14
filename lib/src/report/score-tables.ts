// The tables of a score: result sets, grades, and the figures that a benchmark publishes.
import type { Figures, GradeSet, JudgeSummary, ResultSet } from '../schema/scoring.js';
import { count, NO_VALUE, percent, percentWithInterval, shareText } from './format.js';
import type { Table } from './tables.js';

/** One row per judge and subset, read with ties and unread verdicts apart. */
export function resultSetTable(sets: readonly ResultSet[]): Table {
  return {
    header: [
      'judge',
      'subset',
      'accuracy % [95%]',
      'both orders right %',
      'consistent %',
      'says A %',
      'items',
      'n',
      'unscored',
      'rule',
    ],
    rows: sets.map(({ judge, subset, rules, metrics }) => [
      judge,
      subset,
      percentWithInterval(metrics.accuracy),
      percent(metrics.bothOrdersCorrect.value),
      percent(metrics.positionConsistency.value),
      percent(metrics.shareOfA.value),
      count(metrics.nItems),
      count(metrics.accuracy.n),
      count(metrics.accuracy.unscored),
      Object.keys(rules).join(', '),
    ]),
  };
}

/** Figures by judge, as the benchmark's publications count them. */
export function figureTable(judges: readonly JudgeSummary[]): Table {
  return {
    header: ['judge', 'figure', '% [95%]', 'n', 'unscored'],
    rows: judges.flatMap(({ judge, figures }) =>
      Object.entries(figures).map(([name, estimate]) => [
        judge,
        name,
        shareText(estimate),
        count(estimate.n),
        count(estimate.unscored),
      ]),
    ),
  };
}

/** Kappas of the people who labelled the items. */
export function agreementTable(figures: Figures): Table {
  return {
    header: ['labels', 'value [95%]', 'n'],
    rows: Object.entries(figures).map(([name, { value, low, high, n }]) => [
      name,
      value === null
        ? NO_VALUE
        : `${value.toFixed(3)}${low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`}`,
      count(n),
    ]),
  };
}

/** Mean grades by judge, model and turn. */
export function gradeTable(grades: readonly GradeSet[]): Table {
  return {
    header: ['judge', 'model', 'turn', 'mean grade [95%]', 'n', 'unscored', 'rule'],
    rows: grades.map(({ judge, model, turn, meanGrade, rule }) => [
      judge,
      model,
      String(turn),
      meanGrade.value === null
        ? NO_VALUE
        : `${meanGrade.value.toFixed(2)} [${(meanGrade.low ?? 0).toFixed(2)}, ${(meanGrade.high ?? 0).toFixed(2)}]`,
      count(meanGrade.n),
      count(meanGrade.unscored),
      rule,
    ]),
  };
}

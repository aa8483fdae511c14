// The tables of a score: result sets, grades, and published figures.
import { groupBy } from '../core/group-by.js';
import { printable } from '../core/text.js';
import type { Figures, GradeSet, JudgeSummary, ReadLabel, ResultSet } from '../schema/scoring.js';
import { count, NO_VALUE, percentWithInterval, unscored } from './format.js';
import { figureColumns } from './metric-columns.js';
import { makeTable, type Table } from './tables.js';

/** The row over all subsets of a judge. */
export const ALL_ITEMS = 'all items';

/**
 * One row per judge and subset; ties and unparsed verdicts are counted separately.
 * @param judges of several subsets: each with a row over {@link ALL_ITEMS}, which count alike, before them
 */
export function resultSetTable(
  sets: readonly Omit<ResultSet, 'published'>[],
  judges: readonly Pick<JudgeSummary, 'judge' | 'metrics'>[] = [],
): Table {
  const rows = [...groupBy(sets, ({ judge }) => judge)].flatMap(([judge, ofJudge]) => {
    const metrics = judges.find((summary) => summary.judge === judge)?.metrics;
    const rules = Object.assign({}, ...ofJudge.map((set) => set.rules)) as ResultSet['rules'];
    return metrics ? [{ judge, subset: ALL_ITEMS, metrics, rules }, ...ofJudge] : ofJudge;
  });
  return makeTable(rows, [
    ['judge', ({ judge }) => judge],
    ['subset', ({ subset }) => subset],
    ['accuracy % [95%]', ({ metrics }) => percentWithInterval(metrics.accuracy)],
    ...figureColumns(({ metrics }: (typeof rows)[number]) => metrics),
    ['items', ({ metrics }) => count(metrics.nItems)],
    ['n', ({ metrics }) => count(metrics.accuracy.n)],
    ['unscored', ({ metrics }) => unscored(metrics.accuracy)],
    ['rule', ({ rules }) => Object.keys(rules).join(', ')],
  ]);
}

const SUBSET: readonly [string, (row: { subset: string }) => string] = ['subset', ({ subset }) => subset];

/**
 * Figures by judge, by the conventions of the benchmark's publications: over all subsets, then by subset.
 * @param sets the result sets; those of a judge with a single subset would say the same again
 */
export function figureTable(
  judges: readonly JudgeSummary[],
  sets: readonly Pick<ResultSet, 'judge' | 'subset' | 'published'>[] = [],
): Table {
  const figures = judges.flatMap(({ judge, figures: overall }) => {
    const ofJudge = sets.filter((set) => set.judge === judge);
    const parts = ofJudge.length > 1 ? ofJudge : [];
    return [
      { subset: 'all', figures: overall },
      ...parts.map(({ subset, published }) => ({ subset, figures: published })),
    ].flatMap(({ subset, figures: named }) =>
      Object.entries(named)
        // Such as accuracies in an order in which nothing was shown.
        .filter(([, { n, unscored: nUnscored }]) => n + nUnscored > 0)
        .map(([name, estimate]) => ({ judge, subset, name, estimate })),
    );
  });
  return makeTable(figures, [
    ['judge', ({ judge }) => judge],
    ...(figures.some(({ subset }) => subset !== 'all') ? [SUBSET] : []),
    ['figure', ({ name }) => name],
    ['% [95%]', ({ estimate }) => percentWithInterval(estimate)],
    ['n', ({ estimate }) => count(estimate.n)],
    ['unscored', ({ estimate }) => unscored(estimate)],
    ['counted so', ({ estimate }) => estimate.convention, { optional: true }],
  ]);
}

/** Kappas of the human annotators. */
export function agreementTable(figures: Figures): Table {
  return makeTable(Object.entries(figures), [
    ['labels', ([name]) => name],
    ['value [95%]', ([, estimate]) => withDecimals(estimate, 3)],
    ['n', ([, { n }]) => count(n)],
  ]);
}

/** Mean grades by judge, model and turn. */
export function gradeTable(grades: readonly GradeSet[]): Table {
  return makeTable(grades, [
    ['judge', ({ judge }) => judge],
    ['model', ({ model }) => model],
    ['turn', ({ turn }) => String(turn)],
    ['mean grade [95%]', ({ meanGrade }) => withDecimals(meanGrade, 2)],
    ['n', ({ meanGrade }) => count(meanGrade.n)],
    ['unscored', ({ meanGrade }) => unscored(meanGrade)],
    ['rule', ({ rule }) => rule],
  ]);
}

/** What each value of a label column was read as, e.g. `labels read as: "A" first (12), "B" second (9)`; no line without labels. */
export function labelLines(labels: readonly ReadLabel[] = []): string[] {
  const texts = labels.map(({ value, readAs, n }) => `${JSON.stringify(value)} ${readAs} (${count(n)})`);
  return texts.length === 0 ? [] : [printable(`labels read as: ${texts.join(', ')}`, 1000)];
}

function withDecimals({ value, low, high }: Figures[string], nDecimals: number): string {
  if (value === null) return NO_VALUE;
  const interval =
    low === null || high === null ? '' : ` [${low.toFixed(nDecimals)}, ${high.toFixed(nDecimals)}]`;
  return `${value.toFixed(nDecimals)}${interval}`;
}

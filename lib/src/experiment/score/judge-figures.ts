// The figures of an evaluation: metrics, and figures by the benchmark's own conventions.
import { allOf } from '../../core/all-of.js';
import { readJsonl } from '../../core/jsonl.js';
import {
  compareWithTrivial,
  judgeMetrics,
  publishedFigures,
  shortcutValues,
  tableOf,
} from '../../evaluate/index.js';
import { evaluatedItemSchema, type EvaluatedItem, type IterationMetrics } from '../../schema/evaluation.js';
import type { ShortcutValues } from '../../schema/shortcuts.js';
import type { OpenedEvaluation } from '../open/evaluations.js';

/** What figures depend on besides the evaluated items. */
type FigureContext = Pick<OpenedEvaluation, 'settings' | 'pack' | 'benchmark'>;

/** The figures of one judge. */
export type JudgeFigures = Pick<
  IterationMetrics,
  'metrics' | 'rule' | 'published' | 'publishedVote' | 'trivial'
>;

/** The figures of a judge. @param options.nDropped benchmark items that could not be judged at all, by reason */
export function judgeFigures(
  evaluation: readonly EvaluatedItem[],
  {
    judge,
    nDropped,
    ...context
  }: FigureContext & { judge: string; nDropped: Readonly<Record<string, number>> },
): JudgeFigures {
  const shortcuts = shortcutValues(context.benchmark.items);
  const valuesOf = (itemId: string): ShortcutValues | undefined => shortcuts.get(itemId);
  return {
    metrics: judgeMetrics(evaluation, { nDropped, judge }),
    rule: ruleOf(context),
    ...publishedOf(evaluation, context),
    trivial: compareWithTrivial(judge, [{ table: tableOf(evaluation), valuesOf }]),
  };
}

/** The items of an evaluation. @throws DataError */
export function readEvaluation(path: string): Promise<EvaluatedItem[]> {
  return allOf(readJsonl(path, evaluatedItemSchema));
}

/** The figures by the benchmark's own conventions, if it has any. */
function publishedOf(
  evaluation: readonly EvaluatedItem[],
  { settings, benchmark: { definition, items } }: FigureContext,
): Pick<IterationMetrics, 'published' | 'publishedVote'> {
  if (!definition) return {};
  const published = publishedFigures(definition, evaluation, { items, of: 'greedy' });
  return settings.vote
    ? { published, publishedVote: publishedFigures(definition, evaluation, { items, of: 'vote' }) }
    : { published };
}

function ruleOf({ settings, pack }: FigureContext): string {
  return settings.method === 'single-grading' ? (pack.grade?.rule ?? '') : pack.judge.rule;
}

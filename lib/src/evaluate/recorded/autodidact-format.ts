// This project's own formats: recorded judgments one by one, and the evaluated items of a run.
import { parseRating, parseVerdict } from '../../prompt/index.js';
import { evaluatedItemSchema, type GradedResponse } from '../../schema/evaluation.js';
import {
  recordedJudgmentSchema,
  type Gold,
  type RecordedJudgment,
  type RecordedVerdict,
} from '../../schema/recorded-judgment.js';
import type { Verdict } from '../../schema/verdict.js';
import { verdictOfGrades } from '../evaluate-judge.js';
import { asListed, goldOf, scoresOf, shownOf } from '../given-frame.js';
import {
  parseRow,
  UnusableRow,
  type KnownItem,
  type Reading,
  type RecordedFormat,
  type RowContext,
} from './recorded-format.js';

export const autodidactFormat: RecordedFormat = {
  name: 'autodidact',
  fits: (row) => 'itemId' in row && ('text' in row || 'verdict' in row || 'orders' in row),
  read: (row, context) => ('orders' in row ? readEvaluatedItem(row, context) : readJudgment(row, context)),
};

function readJudgment(row: Record<string, unknown>, context: RowContext): Reading[] {
  const { itemId, judge, subset, gold, cluster, shown, text, finishReason, verdict, strength } = parseRow(
    recordedJudgmentSchema,
    row,
  );
  const known = context.itemOf(itemId);
  if (gold !== undefined) requireSameGold(gold, known);
  const common = {
    kind: 'judgment' as const,
    judge: context.judge ?? judge ?? context.fileJudge,
    subset: subset ?? known?.subset ?? 'all',
    item: {
      ...known,
      itemId,
      gold: gold ?? known?.gold ?? null,
      ...(cluster === undefined ? {} : { cluster }),
    },
    shown,
  };
  if (text === undefined) {
    if (verdict === undefined) throw new UnusableRow('wrong-shape', 'neither text nor verdict');
    return [{ ...common, rule: 'recorded', verdict: verdictOfKind(verdict, strength) }];
  }
  const rule = context.rule ?? 'strict';
  return [{ ...common, rule, verdict: parseVerdict(rule, { text, finishReason }), text, recorded: verdict }];
}

/** Truncation is not recorded with a run's items, so the recorded verdict of a truncated text is kept. */
function readEvaluatedItem(row: Record<string, unknown>, context: RowContext): Reading[] {
  const evaluated = parseRow(evaluatedItemSchema, row);
  const { itemId, slice, cluster, winner, loser, orders, grades } = evaluated;
  const known = context.itemOf(itemId);
  const gold = goldOf(evaluated);
  requireSameGold(gold, known);
  const responses = winner && loser ? asListed({ winner, loser }, evaluated) : known?.responses;
  // Graded responses were never compared: their verdicts follow from the grades, by whichever rule those are read.
  const graded = grades && { winner: gradeOf(grades.winner), loser: gradeOf(grades.loser) };
  const rule = context.rule ?? 'strict';
  return orders.map(({ order, text, verdict }) => {
    const wasCut = verdict.kind === 'unparsed' && verdict.reason === 'truncated';
    const finishReason = wasCut ? 'length' : 'stop';
    return {
      kind: 'judgment',
      judge: context.judge ?? context.fileJudge,
      subset: known?.subset ?? slice,
      item: {
        itemId,
        gold,
        cluster: cluster ?? known?.cluster,
        responses,
        humanVotes: known?.humanVotes,
        scores: scoresOf(evaluated),
      },
      shown: shownOf(order, evaluated),
      rule: graded ? 'last-rating' : rule,
      ...(graded ? {} : { text }),
      verdict: graded
        ? verdictOfGrades(graded.winner, graded.loser, order)
        : parseVerdict(rule, { text, finishReason }),
      recorded: verdict.kind,
    };
  });
}

function verdictOfKind(kind: RecordedVerdict, strength: RecordedJudgment['strength']): Verdict {
  if (kind === 'unparsed') return { kind, reason: 'no-marker' };
  return kind === 'tie' || strength === undefined ? { kind } : { kind, strength };
}

function gradeOf({ text }: GradedResponse): Pick<GradedResponse, 'grade'> {
  const parsed = parseRating('last-rating', { text, finishReason: 'stop' });
  return { grade: parsed.ok ? parsed.value : null };
}

/** @throws UnusableRow where the benchmark says otherwise */
function requireSameGold(gold: Gold, known: KnownItem | undefined): void {
  if (known && known.gold !== null && known.gold !== gold)
    throw new UnusableRow('gold-differs', `"${gold}", but the benchmark says "${known.gold}"`);
}

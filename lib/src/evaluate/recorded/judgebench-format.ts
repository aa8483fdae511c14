// Judgments of JudgeBench (Tan et al. 2024, arXiv 2410.12784; https://github.com/ScalerLab/JudgeBench, outputs/): two for each pair, the
// second with the responses swapped, as texts, or as scores of a reward model.
import { z } from 'zod';
import { own } from '../../core/own.js';
import { parseVerdict, type VerdictRule } from '../../prompt/index.js';
import type { Verdict } from '../../schema/verdict.js';
import { clusterOf } from '../given-frame.js';
import { parseRow, UnusableRow, verdictOfScores, type RecordedFormat } from './recorded-format.js';

const rowSchema = z.looseObject({
  pair_id: z.string().min(1),
  label: z.enum(['A>B', 'B>A']),
  question: z.string().optional(),
  judge_name: z.string().optional(),
  judgments: z
    .array(
      z
        .looseObject({
          judgment: z
            .looseObject({
              judge_model: z.string().optional(),
              response: z.string().nullish(),
              scores: z.tuple([z.number(), z.number()]).nullish(),
            })
            .nullish(),
          // Whatever stood in a judge's brackets, as "A<B"; what is none of the three decides nothing there either.
          decision: z.string().nullish(),
        })
        .nullable(),
    )
    .min(1)
    .max(2),
});

/** How the judges of its repository (utils/judges.py) write their verdict; of any other the recorded decision is taken. */
const RULES: Readonly<Record<string, VerdictRule>> = {
  arena_hard: 'arena-hard',
  compass_judger: 'arena-hard',
  prometheus_2: 'result',
  auto_j: 'auto-j',
  judge_lm: 'two-scores',
  panda_lm: 'pandalm',
  vanilla: 'llmbar-label',
};

const DECISIONS = { 'A>B': 'A', 'B>A': 'B', 'A=B': 'tie' } as const;

export const judgeBenchFormat: RecordedFormat = {
  name: 'judgebench',
  fits: (row) => 'pair_id' in row && 'judgments' in row,
  read(row, { itemOf, judge, rule: named, fileJudge }) {
    const { pair_id: itemId, label, question, judge_name, judgments } = parseRow(rowSchema, row);
    const cluster = question === undefined ? {} : { cluster: clusterOf({ instruction: question }) };
    const known = itemOf(itemId);
    const gold = label === 'A>B' ? 'first' : 'second';
    if (known && known.gold !== gold)
      throw new UnusableRow('gold-differs', `"${label}", but the benchmark says "${known.gold}"`);
    const rule = named ?? new Map(Object.entries(RULES)).get(judge_name ?? '');
    return judgments.map((game, index) => {
      const { response, scores, judge_model } = game?.judgment ?? {};
      const decided = verdictOf(game?.decision ?? null);
      const isRead = rule !== undefined && typeof response === 'string' && response !== '';
      const verdict = scores
        ? verdictOfScores(scores)
        : isRead
          ? parseVerdict(rule, { text: response, finishReason: 'stop' })
          : decided;
      return {
        kind: 'judgment',
        judge: judge ?? judge_model ?? judge_name ?? fileJudge,
        subset: known?.subset ?? 'all',
        item: known ?? { itemId, gold, ...cluster },
        shown: index === 0 ? 'given' : 'swapped',
        rule: scores ? 'scores' : isRead ? rule : 'recorded',
        verdict,
        ...(isRead ? { text: response } : {}),
        recorded: scores || isRead ? decided.kind : undefined,
      };
    });
  },
};

function verdictOf(decision: string | null): Verdict {
  const kind = own(DECISIONS, decision ?? '');
  return kind === undefined ? { kind: 'unparsed', reason: 'no-marker' } : { kind };
}

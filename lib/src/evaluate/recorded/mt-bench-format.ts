// MT-Bench judgments as FastChat's llm_judge writes them (Zheng et al. 2023, arXiv 2306.05685): pairs judged in both orders, single grades.
import { z } from 'zod';
import { parseRating, parseVerdict } from '../../prompt/index.js';
import type { RecordedVerdict, Shown } from '../../schema/recorded-judgment.js';
import type { TableItem } from '../verdict-table.js';
import { parseRow, type RecordedFormat, type RowContext } from './recorded-format.js';

const winner = z.enum(['model_1', 'model_2', 'tie', 'error']);

const pairSchema = z.looseObject({
  question_id: z.union([z.int(), z.string()]),
  model_1: z.string(),
  model_2: z.string(),
  g1_judgment: z.string(),
  g2_judgment: z.string(),
  g1_winner: winner.optional(),
  g2_winner: winner.optional(),
  /** Model and prompt; FastChat pools the prompts of a model, which differ by category and turn. */
  judge: z.tuple([z.string().min(1), z.string()]),
  turn: z.int().min(1).default(1),
});

const gradeSchema = z.looseObject({
  question_id: z.union([z.int(), z.string()]),
  model: z.string(),
  judgment: z.string(),
  score: z.number().optional(),
  judge: z.tuple([z.string(), z.string()]),
  turn: z.int().min(1).default(1),
});

export const mtBenchFormat: RecordedFormat = {
  name: 'mt-bench',
  fits: (row) => 'question_id' in row && ('g1_judgment' in row || ('judgment' in row && 'model' in row)),
  read(row, context) {
    if (!('g1_judgment' in row)) {
      const { question_id, model, judgment, score, judge, turn } = parseRow(gradeSchema, row);
      const parsed = parseRating('mt-bench', { text: judgment, finishReason: 'stop' });
      return [
        {
          kind: 'grade',
          judge: context.judge ?? judge[0],
          model,
          turn,
          itemId: String(question_id),
          rule: 'mt-bench',
          grade: parsed.ok ? parsed.value : null,
          // FastChat writes -1 where it found no grade.
          ...(score === undefined ? {} : { recorded: score === -1 ? null : score }),
        },
      ];
    }
    const pair = parseRow(pairSchema, row);
    const itemId = mtBenchItemId(pair);
    const known = knownPair(pair, context);
    const rule = context.rule ?? 'mt-bench';
    const orders = [
      { shown: 'given', text: pair.g1_judgment, recorded: pair.g1_winner },
      { shown: 'swapped', text: pair.g2_judgment, recorded: pair.g2_winner },
    ] as const;
    return orders.map(({ shown, text, recorded }) => ({
      kind: 'judgment',
      judge: context.judge ?? pair.judge[0],
      subset: `turn ${pair.turn}`,
      item: {
        itemId,
        gold: known?.gold ?? null,
        cluster: String(pair.question_id),
        responses: known?.responses ?? [{ model: pair.model_1 }, { model: pair.model_2 }],
        ...(known?.humanVotes ? { humanVotes: known.humanVotes } : {}),
      },
      ...(known ? { knownAs: known.itemId } : {}),
      shown,
      rule,
      verdict: parseVerdict(rule, { text, finishReason: 'stop' }),
      text,
      ...(recorded === undefined ? {} : { recorded: asShown(recorded, shown) }),
    }));
  },
};

/** The item of a pair, under its own id, with gold label and responses as the pair lists them. */
function knownPair(pair: z.output<typeof pairSchema>, { itemOf }: RowContext): TableItem | undefined {
  const known = itemOf(mtBenchItemId(pair));
  if (known) return known;
  const reverse = itemOf(mtBenchItemId({ ...pair, model_1: pair.model_2, model_2: pair.model_1 }));
  if (!reverse) return undefined;
  const { itemId, gold, responses, humanVotes } = reverse;
  return {
    itemId,
    gold: gold === 'first' ? 'second' : gold === 'second' ? 'first' : gold,
    ...(responses ? { responses: [responses[1], responses[0]] as const } : {}),
    ...(humanVotes
      ? { humanVotes: { first: humanVotes.second, second: humanVotes.first, tie: humanVotes.tie } }
      : {}),
  };
}

/** The id of a question, a pair of models and a turn. */
export function mtBenchItemId(pair: {
  question_id: number | string;
  model_1: string;
  model_2: string;
  turn: number;
}): string {
  return `${pair.question_id}/${pair.model_1}/${pair.model_2}/${pair.turn}`;
}

function asShown(recorded: z.output<typeof winner>, shown: Shown): RecordedVerdict {
  if (recorded === 'tie') return 'tie';
  if (recorded === 'error') return 'unparsed';
  return (recorded === 'model_1') === (shown === 'given') ? 'A' : 'B';
}

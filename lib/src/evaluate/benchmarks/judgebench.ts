// JudgeBench (Tan et al. 2024, arXiv 2410.12784; https://github.com/ScalerLab/JudgeBench): hard pairs, labelled by objective correctness.
import { z } from 'zod';
import { parseRow } from '../recorded/recorded-format.js';
import type { Benchmark } from './benchmark.js';
import { meanScore, type PairScoring } from './figures.js';
import { itemOfPair, itemsByRow } from './item-rows.js';

const rowSchema = z.looseObject({
  pair_id: z.string().min(1),
  source: z.string(),
  question: z.string(),
  response_model: z.string().optional(),
  response_A: z.string(),
  response_B: z.string(),
  label: z.enum(['A>B', 'B>A']),
});

/** Categories by the prefix of an item's source. */
const CATEGORIES = [
  ['mmlu-pro', 'knowledge'],
  ['livebench-reasoning', 'reasoning'],
  ['livebench-math', 'math'],
  ['livecodebench', 'coding'],
] as const;

/** A pair is right where it was judged right more often than wrong over its games; a tie in one game is neither. */
const OVER_GAMES: PairScoring = {
  rule: 'right in more orders than wrong',
  scoresOf: ({ gold, named }) => {
    const games = named.filter((name) => name !== undefined);
    const nRight = games.filter((name) => name === gold).length;
    const nWrong = games.filter((name) => name !== null && name !== 'tie' && name !== gold).length;
    return games.length > 0 ? [Number(nRight > nWrong)] : [];
  },
};

export const judgeBench: Benchmark = {
  name: 'judgebench',
  title: 'JudgeBench',
  source: 'arXiv 2410.12784; github.com/ScalerLab/JudgeBench, utils/metrics.py, compute_final_metrics',
  itemFiles: [{ dataset: 'judgebench', file: /\.jsonl$/ }],
  subsetBy: 'slice',
  items: (rows) =>
    itemsByRow(rows, (row) => {
      const { pair_id, source, question, response_model, response_A, response_B, label } = parseRow(
        rowSchema,
        row,
      );
      return itemOfPair({
        itemId: pair_id,
        instruction: question,
        slice: CATEGORIES.find(([start]) => source.startsWith(start))?.[1] ?? 'other',
        errorKind: source,
        first: response_A,
        second: response_B,
        gold: label === 'A>B' ? 'first' : 'second',
        models: [response_model, response_model],
      });
    }),
  scoring: OVER_GAMES,
  figuresOf: (table) => ({ accuracy: meanScore(table, OVER_GAMES) }),
};

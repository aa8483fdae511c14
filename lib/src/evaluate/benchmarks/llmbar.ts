// LLMBar (Zeng et al. 2024, arXiv 2310.07641; https://github.com/princeton-nlp/LLMBar): pairs with gold labels, judged in both orders.
import { z } from 'zod';
import { parseRow } from '../recorded/recorded-format.js';
import type { Benchmark } from './benchmark.js';
import { EACH_ORDER, orderFigures } from './figures.js';
import { itemOfPair, itemsByRow } from './item-rows.js';

const rowSchema = z.looseObject({
  input: z.string(),
  output_1: z.string(),
  output_2: z.string(),
  label: z.union([z.literal(1), z.literal(2)]),
});

export const llmbar: Benchmark = {
  name: 'llmbar',
  title: 'LLMBar',
  source: 'arXiv 2310.07641; github.com/princeton-nlp/LLMBar, LLMEvaluator/evaluate.py',
  itemFiles: [{ dataset: 'llmbar', file: /\.json$/ }],
  subsetBy: 'slice',
  items(rows, { file }) {
    const subset = setOf(file);
    return itemsByRow(rows, (row, index) => {
      const { input, output_1, output_2, label } = parseRow(rowSchema, row);
      return itemOfPair({
        itemId: `${subset}/${index}`,
        instruction: input,
        slice: subset,
        errorKind: subset,
        first: output_1,
        second: output_2,
        gold: label === 1 ? 'first' : 'second',
      });
    });
  },
  scoring: EACH_ORDER,
  figuresOf: orderFigures,
};

/** The set of a file below `Dataset/`. */
function setOf(file: string): string {
  return /(?:^|\/)Dataset\/(.+)\/dataset\.json$/.exec(file)?.[1] ?? 'all';
}

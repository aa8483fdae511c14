// HelpSteer3-Preference (Wang et al. 2025, arXiv 2505.11475; https://huggingface.co/datasets/nvidia/HelpSteer3): pairs of responses to a
// conversation, with the preference of people from -3, response 1 is much better, to 3; 0 is about the same.
import { z } from 'zod';
import { parseRow } from '../recorded/recorded-format.js';
import type { Benchmark } from './benchmark.js';
import { conversationText, messagesSchema } from './conversation.js';
import { EACH_ORDER, meanScore, orderFigures } from './figures.js';
import { itemOfPair, itemsByRow } from './item-rows.js';

export const helpSteer3RowSchema = z.looseObject({
  response1: z.string(),
  response2: z.string(),
  overall_preference: z.int().min(-3).max(3),
});
const itemSchema = helpSteer3RowSchema.extend({
  context: messagesSchema,
  domain: z.string().min(1),
  language: z.string().nullish(),
});

/** The id of the pair in a row, counted from 0: the set has none. */
export function helpSteer3Id(index: number): string {
  return `helpsteer3/${index}`;
}

export const helpSteer3: Benchmark = {
  name: 'helpsteer3',
  title: 'HelpSteer3-Preference validation',
  source: 'arXiv 2505.11475; huggingface.co/datasets/nvidia/HelpSteer3, preference/',
  itemFiles: [{ dataset: 'helpsteer3', file: /validation/ }],
  subsetBy: 'slice',
  items: (rows) =>
    itemsByRow(rows, (row, index) => {
      const { context, response1, response2, overall_preference, domain, language } = parseRow(
        itemSchema,
        row,
      );
      return itemOfPair({
        itemId: helpSteer3Id(index),
        instruction: conversationText(context),
        slice: domain,
        errorKind: language ?? domain,
        first: response1,
        second: response2,
        gold: overall_preference === 0 ? 'tie' : overall_preference < 0 ? 'first' : 'second',
      });
    }),
  scoring: EACH_ORDER,
  figuresOf: (table) => ({
    ...orderFigures(table),
    accuracyWithoutTies: meanScore(table, {
      rule: `${EACH_ORDER.rule}; gold ties left out`,
      scoresOf: (item) => (item.gold === 'tie' ? [] : EACH_ORDER.scoresOf(item)),
    }),
  }),
};

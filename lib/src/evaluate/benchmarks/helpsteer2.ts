// HelpSteer2's validation split (Wang et al. 2024, arXiv 2406.08673; https://huggingface.co/datasets/nvidia/HelpSteer2): two rated responses
// to a prompt in consecutive rows; the more helpful one is the winner.
import { z } from 'zod';
import type { Row } from '../../datasets/index.js';
import { dropped, kept, type Outcome } from '../../schema/drop.js';
import { parseRow } from '../recorded/recorded-format.js';
import type { Benchmark, GoldItem } from './benchmark.js';
import { EACH_ORDER, orderFigures } from './figures.js';
import { itemOfPair, outcomeOfRow } from './item-rows.js';

const rowSchema = z.looseObject({
  prompt: z.string().min(1),
  response: z.string().min(1),
  helpfulness: z.number(),
});
type RatedResponse = z.output<typeof rowSchema> & { line: number };

export const helpSteer2: Benchmark = {
  name: 'helpsteer2',
  title: 'HelpSteer2 validation',
  source: 'arXiv 2406.08673; huggingface.co/datasets/nvidia/HelpSteer2',
  itemFiles: [{ dataset: 'helpsteer2', file: /validation/ }],
  subsetBy: 'slice',
  items: pairsOf,
  // `correctInBoth` is what the paper calls position-consistent accuracy.
  scoring: EACH_ORDER,
  figuresOf: orderFigures,
};

/**
 * Consecutive rows with the same prompt as pairs; the drops name the reason.
 *
 * DEVIATION: pairs of equal helpfulness are dropped. The paper does not say how it made pairs of the ratings.
 */
async function* pairsOf(rows: AsyncIterable<Row>): AsyncGenerator<Outcome<GoldItem>> {
  let waiting: RatedResponse | null = null;
  let nPairs = 0;
  for await (const row of rows) {
    const outcome = outcomeOfRow(row, (fields) => ({ ...parseRow(rowSchema, fields), line: row.line }));
    if (outcome.kind === 'dropped') {
      yield outcome;
      continue;
    }
    const rated = outcome.record;
    if (waiting === null) {
      waiting = rated;
    } else if (waiting.prompt !== rated.prompt) {
      yield dropped(`line ${waiting.line}`, 'no-partner');
      waiting = rated;
    } else {
      yield pairOf(waiting, rated, nPairs++);
      waiting = null;
    }
  }
  if (waiting) yield dropped(`line ${waiting.line}`, 'no-partner');
}

function pairOf(first: RatedResponse, second: RatedResponse, index: number): Outcome<GoldItem> {
  const itemId = `helpsteer2/${index}`;
  if (first.helpfulness === second.helpfulness) return dropped(itemId, 'equal-helpfulness');
  return kept(
    itemOfPair({
      itemId,
      instruction: first.prompt,
      slice: 'all',
      errorKind: `helpfulness differs by ${Math.abs(first.helpfulness - second.helpfulness)}`,
      first: first.response,
      second: second.response,
      gold: first.helpfulness > second.helpfulness ? 'first' : 'second',
    }),
  );
}

// Draws from a stream of judged pairs and optionally balances the drawn judgments.
import type { Outcome } from '../schema/drop.js';
import type { Draw, DrawableJudgment, DrawablePair } from './draw-judgments.js';
import { balanced } from './label-balance.js';

/** How to draw from one pair, and whether to balance the whole set. */
export interface DrawTask {
  draw: <Item extends DrawableJudgment>(pair: DrawablePair<Item>) => Outcome<Draw<Item>>[];
  options: { balanceLabels: boolean; seed: number };
}

/** The outcomes of all pairs, in their order. With `balanceLabels` all of them are held until the last pair was drawn from. */
export async function* drawFromPairs<Item extends DrawableJudgment>(
  pairs: AsyncIterable<DrawablePair<Item>> | Iterable<DrawablePair<Item>>,
  { draw, options: { balanceLabels, seed } }: DrawTask,
): AsyncGenerator<Outcome<Draw<Item>>> {
  const held: Outcome<Draw<Item>>[] = [];
  for await (const pair of pairs) {
    for (const outcome of draw(pair)) {
      if (balanceLabels) held.push(outcome);
      else yield outcome;
    }
  }
  yield* balanced(held, seed);
}

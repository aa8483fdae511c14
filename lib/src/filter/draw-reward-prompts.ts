// The prompts of one pair for reinforcement: each order in which it was judged, with a known winner.
import { dropped, kept, type Outcome } from '../schema/drop.js';
import { ORDERS, winnerLabel } from '../schema/verdict.js';
import { isRight, type Draw, type DrawableJudgment, type DrawablePair } from './draw-judgments.js';
import type { RewardPromptSettings } from './filter-schema.js';

/**
 * One outcome for each order that has judgments: the first of them, which stands for its prompt, or a drop with the count of right ones.
 * Where all judgments of a prompt are right, or none is, samples of the same model hardly ever differ in their reward.
 */
export function drawRewardPrompts<Item extends DrawableJudgment>(
  { pairId, judgments }: DrawablePair<Item>,
  { prompts }: RewardPromptSettings,
): Outcome<Draw<Item>>[] {
  return ORDERS.flatMap((order): Outcome<Draw<Item>>[] => {
    const ofOrder = judgments.filter((judgment) => judgment.order === order);
    const [first] = ofOrder;
    if (first === undefined) return [];
    const nRight = ofOrder.filter(isRight).length;
    const isDecided = nRight === 0 || nRight === ofOrder.length;
    if (prompts === 'undecided' && isDecided) {
      const reason = nRight === 0 ? 'no-right-judgment' : 'all-judgments-right';
      return [dropped(pairId, reason, `${nRight} of ${ofOrder.length} right, order ${order}`)];
    }
    return [kept({ pairId, verdict: winnerLabel(order), judgments: [first] })];
  });
}

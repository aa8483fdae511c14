// Figures that several benchmarks publish: accuracies as mean scores of pairs, and agreement of the two orders.
import type { Gold } from '../../schema/recorded-judgment.js';
import type { Figures } from '../../schema/scoring.js';
import type { Estimate } from '../../schema/estimate.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import { namedBy, SHOWN, type VerdictTable } from '../verdict-table.js';
import { majority, nVotes } from '../votes.js';

/** The judge's verdicts in the two orders; null: no verdict; undefined: not shown in this order. */
export type NamedPair = readonly [given: Gold | null | undefined, swapped: Gold | null | undefined];

/** The gold label of an item, and its verdicts. */
export interface Judged {
  gold: Gold;
  named: NamedPair;
}

/** Every item with a gold label, and its verdicts. */
export function* namedPairs(table: VerdictTable): Generator<Judged & { itemId: string; index: number }> {
  for (const [itemId, index] of table.items()) {
    const gold = table.goldOf(index);
    if (gold === null) continue;
    const [given, swapped] = SHOWN.map((shown) => {
      const votes = table.votesOf(index, shown);
      return nVotes(votes) === 0 ? undefined : namedBy(majority(votes).kind, shown);
    });
    yield { itemId, index, gold, named: [given, swapped] };
  }
}

/** An accuracy that is the mean of scores of pairs. */
export interface PairScoring {
  /** How it counts, in a few words. */
  rule: string;
  /** Scores, each 0, 0.5 or 1: one for each order, or one for the pair; undefined for an order without a score. */
  scoresOf: (item: Judged) => readonly (number | undefined)[];
}

/** Every order has a score of its own, and whatever is not the gold label is wrong. */
export const EACH_ORDER: PairScoring = {
  rule: 'ties and no verdict count wrong',
  scoresOf: ({ gold, named }) =>
    named.map((name) => (name === undefined ? undefined : Number(name === gold))),
};

/** The mean score over all items with a gold label; the interval is over items. */
export function meanScore(table: VerdictTable, { rule, scoresOf }: PairScoring): Estimate {
  const counter = new ShareCounter();
  for (const item of namedPairs(table)) {
    const scores = scoresOf(item).filter((score) => score !== undefined);
    counter.add(
      { sum: scores.reduce((sum, score) => sum + score, 0), size: scores.length },
      { cluster: table.clusterOf(item.index) },
    );
  }
  return { ...counter.estimate(), convention: rule };
}

/** Accuracy in each order, over both, in both, and agreement of the orders. */
export function orderFigures(table: VerdictTable): Figures {
  const { rule, scoresOf } = EACH_ORDER;
  const inBoth = (isRight: (item: Judged) => boolean) => (item: Judged) =>
    item.named.includes(undefined) ? [] : [Number(isRight(item))];
  return {
    accuracy: meanScore(table, EACH_ORDER),
    accuracyGiven: meanScore(table, { rule, scoresOf: (item) => scoresOf(item).slice(0, 1) }),
    accuracySwapped: meanScore(table, { rule, scoresOf: (item) => scoresOf(item).slice(1) }),
    correctInBoth: meanScore(table, {
      rule: 'both orders must be right',
      scoresOf: inBoth(({ gold, named }) => named.every((name) => name === gold)),
    }),
    agreement: meanScore(table, {
      rule: 'both orders name the same, or nothing',
      scoresOf: inBoth(({ named: [given, swapped] }) => given === swapped),
    }),
  };
}

// Figures that several benchmarks publish: accuracies that count unparsed verdicts as wrong, and agreement of the two orders.
import type { Gold } from '../../schema/recorded-judgment.js';
import type { Figures } from '../../schema/scoring.js';
import type { Estimate } from '../../schema/estimate.js';
import { ShareCounter } from '../share-counter.js';
import { namedBy, SHOWN, type VerdictTable } from '../verdict-table.js';
import { majority, nVotes } from '../votes.js';

/** The judge's verdicts in the two orders; null: no verdict; undefined: not shown in this order. */
export type NamedPair = readonly [given: Gold | null | undefined, swapped: Gold | null | undefined];

/** Every item with a gold label, and its verdicts. */
export function* namedPairs(
  table: VerdictTable,
): Generator<{ itemId: string; gold: Gold; named: NamedPair; index: number }> {
  for (const [itemId, index] of table.items()) {
    const gold = table.goldOf(index);
    if (gold === null) continue;
    const [given, swapped] = SHOWN.map((shown) => {
      const votes = table.votesOf(index, shown);
      return nVotes(votes) === 0 ? undefined : namedBy(majority(votes).kind, shown);
    });
    yield { itemId, gold, named: [given, swapped], index };
  }
}

/**
 * Accuracy in each order, over both, in both, and agreement of the orders. Whatever is not the gold label counts as wrong.
 * @param isCounted whether items of a gold label count
 */
export function orderFigures(table: VerdictTable, isCounted: (gold: Gold) => boolean = () => true): Figures {
  const accuracyGiven = new ShareCounter();
  const accuracySwapped = new ShareCounter();
  const accuracy = new ShareCounter();
  const correctInBoth = new ShareCounter();
  const agreement = new ShareCounter();
  for (const { gold, named } of namedPairs(table)) {
    if (!isCounted(gold)) continue;
    const asked = named.filter((name) => name !== undefined);
    accuracy.add({ sum: asked.filter((name) => name === gold).length, size: asked.length });
    const [given, swapped] = named;
    if (given !== undefined) accuracyGiven.addOne(Number(given === gold));
    if (swapped !== undefined) accuracySwapped.addOne(Number(swapped === gold));
    if (given === undefined || swapped === undefined) continue;
    correctInBoth.addOne(Number(given === gold && swapped === gold));
    agreement.addOne(Number(given === swapped));
  }
  return {
    accuracy: unparsedIsWrong(accuracy.estimate()),
    accuracyGiven: unparsedIsWrong(accuracyGiven.estimate()),
    accuracySwapped: unparsedIsWrong(accuracySwapped.estimate()),
    correctInBoth: unparsedIsWrong(correctInBoth.estimate()),
    agreement: {
      ...agreement.estimate(),
      method: `${agreement.estimate().method}; two without a verdict agree`,
    },
  };
}

/** Notes that an estimate counts unparsed verdicts as wrong. */
export function unparsedIsWrong(estimate: Estimate): Estimate {
  return { ...estimate, method: `${estimate.method}; no verdict counts as wrong` };
}

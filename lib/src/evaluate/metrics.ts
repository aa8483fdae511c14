// From counted verdicts to metrics: every figure with its n, what was unscored, and an interval over items.
import type { Estimate } from '../schema/estimate.js';
import type { EvaluatedItem, JudgeMetrics } from '../schema/evaluation.js';
import type { VerdictMetrics } from '../schema/scoring.js';
import { ORDERS } from '../schema/verdict.js';
import { calibrationOfProbabilities } from './calibration-of.js';
import { asListed, goldOf, shownOf } from './given-frame.js';
import { longerChosen, ownFamilyChosen } from './biases.js';
import { ShareCounter } from './share-counter.js';
import { namedBy, scoreSumOf, SHOWN, VerdictTable } from './verdict-table.js';
import { largestVote, voteMetrics } from './vote-metrics.js';
import { majority, nVotes } from './votes.js';

/**
 * Metrics of one judge from its verdicts. An empty set gives estimates whose value is null.
 *
 * DEVIATION: a tie scores half a point; the paper's judges cannot give one.
 * @param options.judge its name, by which responses of its own family are known
 */
export function verdictMetrics(table: VerdictTable, { judge }: { judge?: string } = {}): VerdictMetrics {
  const accuracy = new ShareCounter();
  const bothOrdersCorrect = new ShareCounter();
  const consistency = new ShareCounter();
  const primacy = new ShareCounter();
  const shareOfA = new ShareCounter();
  const shareOfTies = new ShareCounter();
  let nUnparsed = 0;
  for (const [, index] of table.items()) {
    const given = table.votesOf(index, 'given');
    const swapped = table.votesOf(index, 'swapped');
    const gold = table.goldOf(index);
    const scores = SHOWN.map((shown) => scoreSumOf(table, index, shown));
    const sum = scores.reduce((total, score) => total + score.sum, 0);
    const size = scores.reduce((total, score) => total + score.size, 0);
    const nA = given.A + swapped.A;
    const nDecided = nA + given.B + swapped.B;
    const nParsed = nDecided + given.tie + swapped.tie;
    const unparsed = given.unparsed + swapped.unparsed;
    nUnparsed += unparsed;
    accuracy.add({ sum, size }, nParsed + unparsed - size);
    shareOfA.add({ sum: nA, size: nDecided }, unparsed + nParsed - nDecided);
    shareOfTies.add({ sum: nParsed - nDecided, size: nParsed }, unparsed);
    if (nVotes(given) === 0 || nVotes(swapped) === 0) continue;
    const named = [namedBy(majority(given).kind, 'given'), namedBy(majority(swapped).kind, 'swapped')];
    bothOrdersCorrect.addOne(
      gold === null || named.includes(null) ? null : Number(named.every((name) => name === gold)),
    );
    consistency.addOne(named.includes(null) ? null : Number(named[0] === named[1]));
    // The first response when it stood first and the second when that did: whatever stood first won.
    if (named[0] === 'first' && named[1] === 'second') primacy.addOne(1);
    if (named[0] === 'second' && named[1] === 'first') primacy.addOne(0);
  }
  const longer = longerChosen(table);
  const own = judge === undefined ? undefined : ownFamilyChosen(table, judge);
  return {
    nItems: table.nItems,
    accuracy: accuracy.estimate(),
    ...(largestVote(table) > 1 ? voteMetrics(table) : {}),
    bothOrdersCorrect: bothOrdersCorrect.estimate(),
    positionConsistency: consistency.estimate(),
    shareOfA: shareOfA.estimate(),
    primacy: primacy.estimate(),
    shareOfTies: shareOfTies.estimate(),
    ...(longer ? { longerChosen: longer } : {}),
    ...(own ? { ownFamilyChosen: own } : {}),
    nUnparsed,
  };
}

/**
 * Metrics of one judge on the items of a run.
 * @param options.nDropped items that could not be judged at all; they count as unscored in every order
 * @param options.judge as in {@link verdictMetrics}
 */
export function judgeMetrics(
  items: readonly EvaluatedItem[],
  { nDropped = 0, judge }: { nDropped?: number; judge?: string } = {},
): JudgeMetrics {
  // Not Math.max(...): a hundred thousand arguments are too many for a call.
  const nOrders = items.reduce((most, { orders }) => Math.max(most, orders.length), 0) || ORDERS.length;
  const metrics = verdictMetrics(tableOf(items), judge === undefined ? {} : { judge });
  const withDropped = (estimate: Estimate, perItem: number): Estimate => ({
    ...estimate,
    unscored: estimate.unscored + nDropped * perItem,
  });
  const probabilityCalibration = calibrationOfProbabilities(items);
  const voted = items.some(({ orders }) => orders.some(({ votes }) => votes !== undefined));
  const votes = voted ? voteMetrics(tableOfVotes(items)) : undefined;
  return {
    ...metrics,
    nItems: metrics.nItems + nDropped,
    accuracy: withDropped(metrics.accuracy, nOrders),
    shareOfA: withDropped(metrics.shareOfA, nOrders),
    shareOfTies: withDropped(metrics.shareOfTies, nOrders),
    ...(votes
      ? {
          ...votes,
          voteAccuracy: withDropped(votes.voteAccuracy, nOrders),
          voteAccuracyByK: Object.fromEntries(
            Object.entries(votes.voteAccuracyByK).map(([k, estimate]) => [k, withDropped(estimate, nOrders)]),
          ),
        }
      : {}),
    bothOrdersCorrect: withDropped(metrics.bothOrdersCorrect, 1),
    positionConsistency: withDropped(metrics.positionConsistency, 1),
    ...(probabilityCalibration ? { probabilityCalibration } : {}),
    accuracyBySlice: accuracyBy(items, ({ slice }) => slice),
    accuracyByErrorKind: accuracyBy(items, ({ slice, errorKind }) => `${slice}/${errorKind}`),
  };
}

/** The greedy verdicts of a run's items. */
export function tableOf(items: Iterable<EvaluatedItem>): VerdictTable {
  const table = new VerdictTable();
  for (const item of items) {
    addEvaluatedItem(table, item);
    for (const { order, verdict } of item.orders)
      table.addVerdicts(item.itemId, shownOf(order, item), { kind: verdict.kind });
  }
  return table;
}

/** The sampled verdicts of a run's items. */
export function tableOfVotes(items: Iterable<EvaluatedItem>): VerdictTable {
  const table = new VerdictTable();
  for (const item of items) {
    addEvaluatedItem(table, item);
    for (const { order, votes } of item.orders)
      if (votes) table.addVotes(item.itemId, shownOf(order, item), votes);
  }
  return table;
}

function addEvaluatedItem(table: VerdictTable, item: EvaluatedItem): void {
  const { itemId, winner, loser } = item;
  const responses = winner && loser ? asListed({ winner, loser }, item) : undefined;
  table.addItem({ itemId, gold: goldOf(item), responses });
}

function accuracyBy(
  items: readonly EvaluatedItem[],
  groupOf: (item: EvaluatedItem) => string,
): Record<string, Estimate> {
  const groups = new Map<string, EvaluatedItem[]>();
  for (const item of items) {
    const group = groups.get(groupOf(item));
    if (group) group.push(item);
    else groups.set(groupOf(item), [item]);
  }
  return Object.fromEntries(
    [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, members]) => [group, verdictMetrics(tableOf(members)).accuracy]),
  );
}

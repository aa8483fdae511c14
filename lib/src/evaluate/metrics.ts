// How each metric is computed from counted verdicts: the registry, and the metrics of a judge. Their names are in schema/metrics.ts.
import { groupBy } from '../core/group-by.js';
import { addCount } from '../core/own.js';
import { checkList, checkNumber, COUNT } from '../core/statistics/checks.js';
import type { Estimate } from '../schema/estimate.js';
import type { EvaluatedItem, JudgeMetrics } from '../schema/evaluation.js';
import { METRIC_KEYS, type MetricKey } from '../schema/metrics.js';
import type { Gold } from '../schema/recorded-judgment.js';
import type { VerdictMetrics } from '../schema/scoring.js';
import { ORDERS, type VoteCount } from '../schema/verdict.js';
import { longerChosen, ownFamilyChosen } from './biases.js';
import { tableOf, tableOfVotes } from './judge-tables.js';
import { ShareCounter, type Unscored } from '../core/statistics/share-counter.js';
import { namedBy, reasonIn, scoreSumOf, SHOWN, type ScoreSum, type VerdictTable } from './verdict-table.js';
import { calibrationOfProbabilities, largestVote, NO_GOLD, voteMetrics } from './vote-metrics.js';
import { majority, nVotes } from './votes.js';

/** The verdicts on one item, as the metrics use them. */
interface ItemVerdicts {
  gold: Gold | null;
  /** Scores against the gold label, both orders together. */
  score: ScoreSum;
  /** Verdicts over both orders. */
  votes: VoteCount;
  /** The majority of each order; null where the pair was not shown in both. */
  named: readonly [given: Gold | null, swapped: Gold | null] | null;
  /** What names nothing, by reason, in each order. */
  unparsed: readonly [given: Readonly<Record<string, number>>, swapped: Readonly<Record<string, number>>];
  /** Why it has no gold label, where it has none. */
  withoutGold: string;
}

/** The scores of an item, and its observations without a score. */
interface Observed extends ScoreSum {
  unscored: Unscored;
}

/** How a metric is computed: item by item as a share, or from the whole table. */
type Computation =
  | {
      /** The unscored observations of an item that could not be judged: one for each order, or one for the pair. */
      perItem: 'order' | 'pair' | null;
      observe: (item: ItemVerdicts) => Observed | null;
    }
  | { estimate: (table: VerdictTable, judge: string | undefined) => Estimate | undefined };

/** Every metric but the majority vote's, which needs the sampled verdicts: see vote-metrics.ts. */
const COMPUTATIONS: Readonly<Record<Exclude<MetricKey, 'voteAccuracy'>, Computation>> = {
  // DEVIATION: a tie scores half a point; the paper's judges cannot give one.
  accuracy: {
    perItem: 'order',
    observe: ({ gold, score, votes, unparsed, withoutGold }) => ({
      ...score,
      unscored: gold === null ? { [withoutGold]: nVotes(votes) } : inBoth(unparsed),
    }),
  },
  bothOrdersCorrect: {
    perItem: 'pair',
    observe: (item) => {
      const { gold, named, withoutGold } = item;
      if (!named) return null;
      return gold === null
        ? { ...NO_SCORE, unscored: { [withoutGold]: 1 } }
        : ofPair(
            item,
            named.every((name) => name === gold),
          );
    },
  },
  positionConsistency: {
    perItem: 'pair',
    observe: (item) => item.named && ofPair(item, item.named[0] === item.named[1]),
  },
  shareOfA: {
    perItem: 'order',
    observe: ({ votes: { A, B, tie }, unparsed }) => ({
      ...{ sum: A, size: A + B },
      unscored: tie === 0 ? inBoth(unparsed) : { ...inBoth(unparsed), tie },
    }),
  },
  primacy: {
    perItem: null,
    // The orders contradict each other: the response shown first won twice, or the one shown second.
    observe: ({ named }) =>
      named && named[0] !== named[1] && isSide(named[0]) && isSide(named[1])
        ? { sum: Number(named[0] === 'first'), size: 1, unscored: 0 }
        : null,
  },
  shareOfTies: {
    perItem: 'order',
    observe: ({ votes: { A, B, tie }, unparsed }) => ({
      ...{ sum: tie, size: A + B + tie },
      unscored: inBoth(unparsed),
    }),
  },
  longerChosen: { estimate: longerChosen },
  ownFamilyChosen: { estimate: ownFamilyChosen },
};

const NO_SCORE = { sum: 0, size: 0 };

/** One observation of a pair; it has none where an order names nothing. */
function ofPair({ named, unparsed }: ItemVerdicts, isRight: boolean): Observed {
  const missing = named?.indexOf(null) ?? -1;
  if (missing < 0) return { sum: Number(isRight), size: 1, unscored: 0 };
  return { ...NO_SCORE, unscored: { [reasonIn(unparsed[missing === 0 ? 0 : 1])]: 1 } };
}

function inBoth([given, swapped]: ItemVerdicts['unparsed']): Record<string, number> {
  const reasons = { ...given };
  for (const [reason, n] of Object.entries(swapped)) addCount(reasons, reason, n);
  return reasons;
}

function isSide(named: Gold | null): boolean {
  return named === 'first' || named === 'second';
}

function itemVerdicts(table: VerdictTable, index: number, withoutGold: string): ItemVerdicts {
  const [given, swapped] = [table.votesOf(index, 'given'), table.votesOf(index, 'swapped')];
  const scores = SHOWN.map((shown) => scoreSumOf(table, index, shown));
  return {
    gold: table.goldOf(index),
    unparsed: [table.unparsedOf(index, 'given'), table.unparsedOf(index, 'swapped')],
    withoutGold,
    score: scores.reduce((a, b) => ({ sum: a.sum + b.sum, size: a.size + b.size })),
    votes: {
      A: given.A + swapped.A,
      B: given.B + swapped.B,
      tie: given.tie + swapped.tie,
      unparsed: given.unparsed + swapped.unparsed,
    },
    named:
      nVotes(given) === 0 || nVotes(swapped) === 0
        ? null
        : [namedBy(majority(given).kind, 'given'), namedBy(majority(swapped).kind, 'swapped')],
  };
}

/**
 * Metrics of one judge from its verdicts. An empty set gives estimates whose value is null.
 * @param options.judge its name, which gives its model family
 * @param options.withoutGold why an item has no gold label, in the reasons of what is unscored; default {@link NO_GOLD}
 */
export function verdictMetrics(
  table: VerdictTable,
  { judge, withoutGold = NO_GOLD }: { judge?: string; withoutGold?: string | undefined } = {},
): VerdictMetrics {
  const shares = Object.entries(COMPUTATIONS).flatMap(([key, computation]) =>
    'observe' in computation ? [{ key, observe: computation.observe, counter: new ShareCounter() }] : [],
  );
  let nUnparsed = 0;
  for (const [, index] of table.items()) {
    const item = itemVerdicts(table, index, withoutGold);
    const cluster = table.clusterOf(index);
    nUnparsed += item.votes.unparsed;
    for (const { observe, counter } of shares) {
      const observed = observe(item);
      if (observed) counter.add(observed, { cluster, unscored: observed.unscored });
    }
  }
  const counters = new Map(shares.map(({ key, counter }) => [key, counter]));
  const votes = largestVote(table) > 1 ? voteMetrics(table, withoutGold) : {};
  const estimates = METRIC_KEYS.flatMap((key): [string, unknown][] => {
    if (key === 'voteAccuracy') return Object.entries(votes);
    const computation = COMPUTATIONS[key];
    const estimate =
      'estimate' in computation ? computation.estimate(table, judge) : counters.get(key)?.estimate();
    return estimate ? [[key, estimate]] : [];
  });
  return { nItems: table.nItems, ...Object.fromEntries(estimates), nUnparsed } as VerdictMetrics;
}

/**
 * Metrics of one judge on the items of a run.
 * @param options.nDropped items that could not be judged, all together or by reason; they count as unscored
 * @param options.judge as in {@link verdictMetrics}
 * @throws RangeError for another number of drops, and for values that are not verdicts
 */
export function judgeMetrics(
  items: readonly EvaluatedItem[],
  {
    nDropped: drops = 0,
    judge,
  }: { nDropped?: number | Readonly<Record<string, number>>; judge?: string } = {},
): JudgeMetrics {
  checkList(items, 'judgeMetrics(items)');
  const byReason = typeof drops === 'object' ? drops : { 'not-judged': drops };
  const nDropped = Object.values(byReason).reduce((sum, n) => {
    checkNumber(n, 'judgeMetrics(nDropped)', COUNT);
    return sum + n;
  }, 0);
  // Not Math.max(...), whose number of arguments is limited.
  const nOrders = items.reduce((most, { orders }) => Math.max(most, orders.length), 0) || ORDERS.length;
  const withDropped = (estimate: Estimate, perItem: 'order' | 'pair' | null): Estimate => {
    const times = perItem === null ? 0 : perItem === 'pair' ? 1 : nOrders;
    const unscored = estimate.unscored + nDropped * times;
    // Known in full only where those of the judged items are.
    if (unscored === 0 || (estimate.unscored > 0 && !estimate.unscoredReasons))
      return { ...estimate, unscored };
    const reasons = { ...estimate.unscoredReasons };
    for (const [reason, n] of Object.entries(byReason))
      if (n * times > 0) addCount(reasons, reason, n * times);
    return { ...estimate, unscored, unscoredReasons: reasons };
  };
  const metrics = verdictMetrics(tableOf(items), judge === undefined ? {} : { judge });
  for (const key of METRIC_KEYS) {
    const computation = key === 'voteAccuracy' ? null : COMPUTATIONS[key];
    const estimate = metrics[key];
    if (estimate && computation && 'perItem' in computation)
      metrics[key] = withDropped(estimate, computation.perItem);
  }
  const voted = items.some(({ orders }) => orders.some(({ votes }) => votes !== undefined));
  const votes = voted ? voteMetrics(tableOfVotes(items)) : undefined;
  const probabilityCalibration = calibrationOfProbabilities(items);
  return {
    ...metrics,
    nItems: metrics.nItems + nDropped,
    ...(votes && {
      ...votes,
      voteAccuracy: withDropped(votes.voteAccuracy, 'order'),
      voteAccuracyByK: Object.fromEntries(
        Object.entries(votes.voteAccuracyByK).map(([k, estimate]) => [k, withDropped(estimate, 'order')]),
      ),
    }),
    ...(probabilityCalibration ? { probabilityCalibration } : {}),
    accuracyBySlice: accuracyBy(items, ({ slice }) => slice),
    accuracyByErrorKind: accuracyBy(items, ({ slice, errorKind }) => `${slice}/${errorKind}`),
  };
}

function accuracyBy(
  items: readonly EvaluatedItem[],
  groupOf: (item: EvaluatedItem) => string,
): Record<string, Estimate> {
  return Object.fromEntries(
    [...groupBy(items, groupOf)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, members]) => [group, verdictMetrics(tableOf(members)).accuracy]),
  );
}

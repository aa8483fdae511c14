// The figures of an audit: by probe, how the verdicts move where the pair is changed.
import { bootstrapRatio, mean, TypeCounts, wilsonInterval } from '../../core/statistics/index.js';
import { groupBy } from '../../core/group-by.js';
import { addCount } from '../../core/own.js';
import { deriveRandom } from '../../core/random.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import { isReplacing } from '../../prompt/index.js';
import type { Estimate } from '../../schema/estimate.js';
import type { JudgeAudit, ProbeKind, ProbeResult, ProbeSide } from '../../schema/judge-audit.js';
import type { ProbedItem } from '../../schema/probed-item.js';
import { ORDERS, verdictScore, type Order } from '../../schema/verdict.js';
import type { LostProbe } from './probe-judge.js';

/** Scores of the verdicts on a pair, 0 to 1; null without one. An order that is not asked has none. */
type Scores = Readonly<Partial<Record<Order, number | null>>>;
const LOST: Scores = { 'winner-first': null, 'loser-first': null };

/** All verdicts on one pair. */
interface ProbedPair {
  itemId: string;
  cluster: string;
  plain: Scores;
  /** By probe, then side. */
  changed: ReadonlyMap<string, ReadonlyMap<ProbeSide, Scores>>;
}

/** What a probe makes of one pair, in the same orders for all judges. */
interface ProbedScores extends Pick<ProbedPair, 'itemId' | 'cluster' | 'plain'> {
  agreeing: Scores;
  contradicting: Scores;
  /** What becomes of each verdict on the pair as it is. */
  turned: Scores;
}

/**
 * The figures of an audit. A verdict that is missing, since it could not be read or its request was lost, is unscored in every figure that
 * needs it, and wrong in none.
 * @param records of one judge
 * @param about.ofSeed those of the seed model on the same pairs; absent for the seed itself
 * @param about.lost changed pairs without a record: they were tried
 */
export function judgeAudit(
  records: readonly ProbedItem[],
  { ofSeed, lost = [] }: { ofSeed?: readonly ProbedItem[]; lost?: readonly LostProbe[] } = {},
): JudgeAudit {
  const pairs = pairsIn([...records, ...lost]);
  const seedPairs = ofSeed && pairsIn(ofSeed);
  const judged = pairsIn(records);
  const names = new Set([...records, ...lost].map(({ probe }) => probe));
  const lostOf = groupBy(lost, ({ probe }) => (probe === 'plain' ? 'position' : probe));
  names.delete('plain');
  return {
    nPairs: judged.length,
    nClusters: new Set(judged.map(({ cluster }) => cluster)).size,
    nDropped: reasonsOf(lost),
    plain: shareOf(pairs, ({ plain }) => ORDERS.map((order) => plain[order])),
    probes: ['position', ...names].map((probe) => ({
      ...resultOf(probe, scoresOf(pairs, probe), seedPairs && scoresOf(seedPairs, probe)),
      ...(lostOf.has(probe) && { nDropped: reasonsOf(lostOf.get(probe) ?? []) }),
    })),
  };
}

function reasonsOf(lost: readonly LostProbe[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { reason } of lost) addCount(reasons, reason);
  return reasons;
}

function kindOf(probe: string): ProbeKind {
  return probe === 'position' || isReplacing(probe) ? probe : 'feature';
}

function pairsIn(records: readonly (ProbedItem | LostProbe)[]): ProbedPair[] {
  return [...groupBy(records, ({ itemId }) => itemId)].map(([itemId, ofItem]) => {
    const changed = new Map(
      [...groupBy(ofItem, ({ probe }) => probe)].map(([probe, ofProbe]) => [
        probe,
        new Map(ofProbe.map((each) => [each.side, 'orders' in each ? byOrder(each.orders) : LOST])),
      ]),
    );
    const plain = changed.get('plain')?.get('plain') ?? LOST;
    return { itemId, cluster: ofItem[0]?.cluster ?? itemId, plain, changed };
  });
}

function byOrder(orders: ProbedItem['orders']): Scores {
  return Object.fromEntries(orders.map(({ order, verdict }) => [order, verdictScore(verdict, order)]));
}

/** The scores of a probe; pairs that it was not tried on have none. */
function scoresOf(pairs: readonly ProbedPair[], probe: string): ProbedScores[] {
  return pairs.flatMap(({ itemId, cluster, plain, changed }) => {
    const sides = probe === 'position' ? new Map<ProbeSide, Scores>() : changed.get(probe);
    if (!sides) return [];
    const on = (side: ProbeSide): Scores => sides.get(side) ?? LOST;
    return [{ itemId, cluster, plain, ...SCORES[kindOf(probe)](plain, on) }];
  });
}

type ScoresOf = (
  plain: Scores,
  on: (side: ProbeSide) => Scores,
) => Pick<ProbedScores, 'agreeing' | 'contradicting' | 'turned'>;

const plainAndChanged: ScoresOf = (plain, on) => ({
  agreeing: plain,
  contradicting: on('changed'),
  turned: on('changed'),
});

const SCORES: Readonly<Record<ProbeKind, ScoresOf>> = {
  feature: (_, on) => ({
    agreeing: on('agreeing'),
    contradicting: on('contradicting'),
    turned: on('contradicting'),
  }),
  // One comparison a pair, filed under the first order.
  position: ({ 'winner-first': first = null, 'loser-first': second = null }) => ({
    agreeing: { 'winner-first': first },
    contradicting: { 'winner-first': second },
    turned: { 'winner-first': second, 'loser-first': first },
  }),
  constant: plainAndChanged,
  'hidden-instruction': plainAndChanged,
  'same-response': (_, on) => {
    const first = on('changed')['winner-first'] ?? null;
    return {
      agreeing: { 'winner-first': first },
      contradicting: { 'winner-first': first === null ? null : 1 - first },
      turned: {},
    };
  },
};

function resultOf(
  probe: string,
  pairs: readonly ProbedScores[],
  ofSeed: readonly ProbedScores[] | undefined,
): ProbeResult {
  const kind = kindOf(probe);
  const seedById = new Map(ofSeed?.map((pair) => [pair.itemId, pair]));
  const flipsIn = ({ plain, turned }: ProbedScores): (number | null)[] =>
    ORDERS.filter((order) => plain[order] === 1).map((order) => {
      const after = turned[order] ?? null;
      return after === null ? null : Number(after < 1);
    });
  return {
    ...{ probe, kind },
    agreeing: shareOf(pairs, ({ agreeing }) => ORDERS.map((order) => agreeing[order])),
    contradicting: shareOf(pairs, ({ contradicting }) => ORDERS.map((order) => contradicting[order])),
    difference: meanOf(pairs, (pair) => ORDERS.map((order) => moved(pair, order))),
    ...(kind === 'same-response' ? {} : { flipped: shareOf(pairs, flipsIn) }),
    ...(ofSeed && {
      againstSeed: meanOf(
        pairs,
        (pair) => ORDERS.map((order) => less(moved(pair, order), moved(seedById.get(pair.itemId), order))),
        2,
      ),
    }),
  };
}

function moved(pair: ProbedScores | undefined, order: Order): number | null {
  return less(pair?.agreeing[order], pair?.contradicting[order]);
}

function less(a: number | null | undefined, b: number | null | undefined): number | null {
  return a == null || b == null ? null : a - b;
}

/** @param scoresIn null for a verdict that is missing, undefined for one that was not asked for */
function shareOf<Pair extends { cluster: string }>(
  pairs: readonly Pair[],
  scoresIn: (pair: Pair) => readonly (number | null | undefined)[],
): Estimate {
  const counter = new ShareCounter();
  for (const pair of pairs)
    for (const score of scoresIn(pair)) if (score !== undefined) counter.addOne(score, pair);
  return counter.estimate();
}

/**
 * The mean of a difference over pairs.
 * @param differencesIn of a pair by order, null where there is none; a pair with none is unscored
 * @param most how large a difference can be, either way
 */
function meanOf(
  pairs: readonly ProbedScores[],
  differencesIn: (pair: ProbedScores) => readonly (number | null)[],
  most = 1,
): Estimate {
  const clusters = new TypeCounts();
  let n = 0;
  for (const members of groupBy(pairs, ({ cluster }) => cluster).values()) {
    const means = members
      .map((pair) => mean(differencesIn(pair).filter((difference) => difference !== null)))
      .filter((value) => value !== null);
    n += means.length;
    clusters.add(
      means.reduce((sum, value) => sum + value, 0),
      means.length,
    );
  }
  const { nItems: nClusters } = clusters;
  const value = clusters.ratio();
  const random = deriveRandom(1, 'audit', 'bootstrap');
  const interval = bootstrapRatio(clusters, { random, nResamples: N_RESAMPLES });
  const counts = { value, n, nClusters, unscored: pairs.length - n };
  if (value === null || nClusters < 2)
    return { ...counts, ...interval, method: `no interval: fewer than two clusters show no spread` };
  if (interval.low !== null)
    return { ...counts, ...interval, method: `paired bootstrap 95%, ${nClusters} clusters, t adjustment` };
  // At most this share of clusters is of another kind, and what differs there is at most as far off as it can be.
  const others = wilsonInterval(0, nClusters).high ?? 1;
  const [low, high] = [-most, most].map((end) => value + others * (end - value)) as [number, number];
  const method = `${nClusters} clusters, all alike: Wilson 95% of the share of those that are not`;
  return { ...counts, low, high, method };
}

const N_RESAMPLES = 10_000;

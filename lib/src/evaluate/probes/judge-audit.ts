// The figures of an audit: by probe, how the verdicts move where the pair is changed.
import { bootstrapRatio, mean, TypeCounts, wilsonInterval } from '../../core/statistics/index.js';
import { groupBy } from '../../core/group-by.js';
import { deriveRandom } from '../../core/random.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import { isReplacing } from '../../prompt/index.js';
import type { Estimate } from '../../schema/estimate.js';
import type { JudgeAudit, ProbeKind, ProbeResult, ProbeSide } from '../../schema/judge-audit.js';
import type { ProbedItem } from '../../schema/probed-item.js';
import { ORDERS, verdictScore, type Order } from '../../schema/verdict.js';

/** Scores of two verdicts, 0 to 1; null without one: where the probe speaks for the right response, and where it speaks for the wrong one. */
interface Move {
  agreeing: number | null;
  contradicting: number | null;
}

/** What a probe makes of one pair, the same moves for all judges. */
interface ProbedMoves {
  moves: Move[];
  /** The score of a verdict as the pair is, and what the change makes of it. */
  flips: { before: number | null; after: number | null }[];
}

type PairMoves = ProbedMoves & Pick<ProbedPair, 'itemId' | 'cluster'>;

type ByOrder = Readonly<Record<Order, number | null>>;
const NO_VERDICTS: ByOrder = { 'winner-first': null, 'loser-first': null };

/** All verdicts of one pair. */
interface ProbedPair {
  itemId: string;
  cluster: string;
  /** By probe, then side. */
  sides: ReadonlyMap<string, ReadonlyMap<ProbeSide, ByOrder>>;
}

/**
 * The figures of an audit. A verdict that is missing, since it could not be read or its request was lost, is unscored in every figure that
 * needs it, and wrong in none.
 * @param records of one judge
 * @param about.ofSeed those of the seed model on the same pairs; absent for the seed itself
 * @param about.nDropped changed pairs without a record, by reason
 */
export function judgeAudit(
  records: readonly ProbedItem[],
  { ofSeed, nDropped }: { ofSeed?: readonly ProbedItem[]; nDropped: Record<string, number> },
): JudgeAudit {
  const pairs = pairsIn(records);
  const seedPairs = ofSeed && pairsIn(ofSeed);
  const probes = [...new Set(records.map(({ probe }) => probe))].filter((probe) => probe !== 'plain');
  return {
    nPairs: pairs.length,
    nClusters: new Set(pairs.map(({ cluster }) => cluster)).size,
    nDropped,
    plain: shareOf(
      pairs.map(({ cluster, sides }) => {
        const plain = sides.get('plain')?.get('plain') ?? NO_VERDICTS;
        return { cluster, scores: ORDERS.map((order) => plain[order]) };
      }),
    ),
    probes: ['position', ...probes].map((probe) => {
      const kind = kindOf(probe);
      return resultOf({ probe, kind }, movesOf(pairs, probe), seedPairs && movesOf(seedPairs, probe));
    }),
  };
}

function kindOf(probe: string): ProbeKind {
  return probe === 'position' || isReplacing(probe) ? probe : 'feature';
}

function pairsIn(records: readonly ProbedItem[]): ProbedPair[] {
  return [...groupBy(records, ({ itemId }) => itemId)].map(([itemId, ofItem]) => ({
    itemId,
    cluster: ofItem[0]?.cluster ?? itemId,
    sides: new Map(
      [...groupBy(ofItem, ({ probe }) => probe)].map(([probe, ofProbe]) => [
        probe,
        new Map(ofProbe.map(({ side, orders }) => [side, byOrder(orders)])),
      ]),
    ),
  }));
}

function byOrder(orders: ProbedItem['orders']): ByOrder {
  const scores = orders.map(({ order, verdict }) => [order, verdictScore(verdict, order)]);
  return { ...NO_VERDICTS, ...(Object.fromEntries(scores) as Partial<ByOrder>) };
}

/** The moves of a probe; pairs that it was not tried on have none. */
function movesOf(pairs: readonly ProbedPair[], probe: string): PairMoves[] {
  return pairs.flatMap(({ itemId, cluster, sides }) => {
    const plain = sides.get('plain')?.get('plain') ?? NO_VERDICTS;
    const changed = probe === 'position' ? new Map<ProbeSide, ByOrder>() : sides.get(probe);
    return changed ? [{ itemId, cluster, ...MOVES[kindOf(probe)](plain, changed) }] : [];
  });
}

type MovesOf = (plain: ByOrder, changed: ReadonlyMap<ProbeSide, ByOrder>) => ProbedMoves;

/** The pair as it is, and as it is changed. */
const plainAndChanged: MovesOf = (plain, changed) => {
  const flips = flipsOf(plain, changed.get('changed'));
  return { moves: flips.map(({ before, after }) => ({ agreeing: before, contradicting: after })), flips };
};

const MOVES: Readonly<Record<ProbeKind, MovesOf>> = {
  feature: (plain, changed) => {
    const [agreeing, contradicting] = [changed.get('agreeing'), changed.get('contradicting')];
    return {
      moves: ORDERS.map((order) => ({
        agreeing: agreeing?.[order] ?? null,
        contradicting: contradicting?.[order] ?? null,
      })),
      flips: flipsOf(plain, contradicting),
    };
  },
  position: (plain) => {
    const [first, second] = [plain['winner-first'], plain['loser-first']];
    return {
      moves: [{ agreeing: first, contradicting: second }],
      flips: flipsOf(plain, { 'winner-first': second, 'loser-first': first }),
    };
  },
  constant: plainAndChanged,
  'hidden-instruction': plainAndChanged,
  'same-response': (_, changed) => {
    const first = changed.get('changed')?.['winner-first'] ?? null;
    return { moves: [{ agreeing: first, contradicting: first === null ? null : 1 - first }], flips: [] };
  },
};

function flipsOf(plain: ByOrder, changed: ByOrder = NO_VERDICTS): ProbedMoves['flips'] {
  return ORDERS.map((order) => ({ before: plain[order], after: changed[order] }));
}

function resultOf(
  about: Pick<ProbeResult, 'probe' | 'kind'>,
  pairs: readonly PairMoves[],
  ofSeed: readonly PairMoves[] | undefined,
): ProbeResult {
  const scoresOn = (side: keyof Move): Estimate =>
    shareOf(pairs.map(({ cluster, moves }) => ({ cluster, scores: moves.map((move) => move[side]) })));
  const flipped = pairs.map(({ cluster, flips }) => ({
    cluster,
    scores: flips.flatMap(({ before, after }) =>
      before === 1 ? [after === null ? null : Number(after < 1)] : [],
    ),
  }));
  const movesOfSeed = new Map(ofSeed?.map(({ itemId, moves }) => [itemId, moves]));
  return {
    ...about,
    agreeing: scoresOn('agreeing'),
    contradicting: scoresOn('contradicting'),
    difference: meanOf(pairs.map((pair) => ({ ...pair, value: meanOfKnown(pair.moves.map(moved)) }))),
    ...(about.kind === 'same-response' ? {} : { flipped: shareOf(flipped) }),
    ...(ofSeed && {
      againstSeed: meanOf(
        pairs.map((pair) => {
          const before = movesOfSeed.get(pair.itemId) ?? [];
          return {
            ...pair,
            value: meanOfKnown(pair.moves.map((move, i) => less(moved(move), moved(before[i])))),
          };
        }),
        2,
      ),
    }),
  };
}

function moved(move: Move | undefined): number | null {
  return move ? less(move.agreeing, move.contradicting) : null;
}

function less(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

/** The mean of those that are there; null where none is. */
function meanOfKnown(values: readonly (number | null)[]): number | null {
  return mean(values.filter((value) => value !== null));
}

function shareOf(pairs: readonly { cluster: string; scores: readonly (number | null)[] }[]): Estimate {
  const counter = new ShareCounter();
  for (const { cluster, scores } of pairs) for (const score of scores) counter.addOne(score, { cluster });
  return counter.estimate();
}

/**
 * The mean of a difference over pairs.
 * @param pairs null is unscored
 * @param most how large it can be, either way
 */
function meanOf(pairs: readonly { cluster: string; value: number | null }[], most = 1): Estimate {
  const clusters = new TypeCounts();
  const scored = pairs.filter((pair): pair is { cluster: string; value: number } => pair.value !== null);
  for (const members of groupBy(scored, ({ cluster }) => cluster).values())
    clusters.add(
      members.reduce((sum, { value }) => sum + value, 0),
      members.length,
    );
  const nClusters = clusters.nItems;
  const counts = { n: scored.length, nClusters, unscored: pairs.length - scored.length };
  const value = clusters.ratio();
  const random = deriveRandom(1, 'audit', 'bootstrap');
  const interval = bootstrapRatio(clusters, { random, nResamples: N_RESAMPLES });
  if (interval.low !== null || value === null || nClusters < 2)
    return {
      value,
      ...counts,
      ...interval,
      method:
        nClusters === 1
          ? 'no interval: one cluster shows no spread'
          : `paired bootstrap 95%, ${nClusters} clusters, t adjustment`,
    };
  // At most this share of clusters is of another kind, and what differs there is at most as far off as it can be.
  const { high: others } = wilsonInterval(0, nClusters);
  const reach = (end: number): number => value + (others ?? 1) * (end - value);
  return {
    value,
    ...counts,
    low: reach(-most),
    high: reach(most),
    method: `${nClusters} clusters, all alike: Wilson 95% of the share of those that are not`,
  };
}

const N_RESAMPLES = 10_000;

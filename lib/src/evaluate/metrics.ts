// From evaluated items to metrics: every figure with its n, what was unscored, and an interval over items.
import { deriveRandom } from '../core/random.js';
import { clusteredShare } from '../core/statistics/interval.js';
import { mean, pairedBootstrapInterval, signFlipTest } from '../core/statistics/paired.js';
import type { Comparison, Estimate } from '../schema/estimate.js';
import type { EvaluatedItem, JudgeMetrics, OrderedEvaluation, VoteCount } from '../schema/evaluation.js';
import { ORDERS, verdictScore, winnerLabel, type Verdict } from '../schema/verdict.js';

const CLUSTERED_WILSON = 'Wilson 95%, effective sample size over items';

/** Scores of one item, one per order; null where there is no verdict. */
type ItemScores = readonly (number | null)[];

/**
 * Metrics of one judge. An empty set gives estimates whose value is null.
 *
 * DEVIATION: a tie scores half a point; the paper's judges cannot give one.
 * @param options.nDropped items that could not be judged at all; they count as unscored
 */
export function judgeMetrics(
  items: readonly EvaluatedItem[],
  { nDropped = 0 }: { nDropped?: number } = {},
): JudgeMetrics {
  const greedy = items.map(greedyScores);
  const hasVotes = items.some(({ orders }) => orders.some(({ votes }) => votes !== undefined));
  const estimate = (scores: readonly ItemScores[], perItem: number): Estimate =>
    estimateShare([...scores, ...Array.from({ length: nDropped }, () => Array<null>(perItem).fill(null))]);
  const perOrder = ORDERS.length;
  return {
    nItems: items.length + nDropped,
    accuracy: estimate(greedy, perOrder),
    ...(hasVotes ? { voteAccuracy: estimate(items.map(voteScores), perOrder) } : {}),
    bothOrdersCorrect: estimate(
      greedy.map((scores) => [allScored(scores) ? Number(scores.every((score) => score === 1)) : null]),
      1,
    ),
    positionConsistency: estimate(
      items.map(({ orders }) => [consistency(orders)]),
      1,
    ),
    shareOfA: estimate(
      items.map(({ orders }) => orders.map(({ verdict }) => saysA(verdict))),
      perOrder,
    ),
    nUnparsed: greedy.flat().filter((score) => score === null).length,
    accuracyBySlice: accuracyBy(items, ({ slice }) => slice),
    accuracyByErrorKind: accuracyBy(items, ({ slice, errorKind }) => `${slice}/${errorKind}`),
  };
}

/**
 * Compares two judges item by item: the difference in mean score over the orders that both were scored in, with a paired
 * bootstrap interval (items resampled whole) and a paired sign-flip test.
 */
export function compareJudges(
  earlier: readonly EvaluatedItem[],
  later: readonly EvaluatedItem[],
  { seed }: { seed: number },
): Comparison {
  const laterById = new Map(later.map((item) => [item.itemId, greedyScores(item)]));
  const earlierById = new Map(earlier.map((item) => [item.itemId, greedyScores(item)]));
  const itemIds = new Set([...earlierById.keys(), ...laterById.keys()]);
  const differences: number[] = [];
  for (const itemId of itemIds) {
    const before = earlierById.get(itemId);
    const paired = (laterById.get(itemId) ?? []).flatMap((score, i) => {
      const other = before?.[i] ?? null;
      return score === null || other === null ? [] : [score - other];
    });
    const difference = mean(paired);
    if (difference !== null) differences.push(difference);
  }
  return {
    difference: mean(differences),
    n: differences.length,
    unscored: itemIds.size - differences.length,
    ...pairedBootstrapInterval(differences, { random: deriveRandom(seed, 'bootstrap') }),
    pValue: signFlipTest(differences, { random: deriveRandom(seed, 'sign-flip') }),
    method: 'paired bootstrap 95% over items; two-sided sign-flip test',
  };
}

function estimateShare(items: readonly ItemScores[]): Estimate {
  const scored = items.map((scores) => scores.filter((score) => score !== null));
  const { share, nObservations, low, high } = clusteredShare(scored);
  const unscored = items.reduce((total, scores) => total + scores.length, 0) - nObservations;
  return { value: share, n: nObservations, unscored, low, high, method: CLUSTERED_WILSON };
}

function accuracyBy(
  items: readonly EvaluatedItem[],
  groupOf: (item: EvaluatedItem) => string,
): Record<string, Estimate> {
  const groups = new Map<string, ItemScores[]>();
  for (const item of items) {
    const group = groupOf(item);
    groups.set(group, [...(groups.get(group) ?? []), greedyScores(item)]);
  }
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([g, s]) => [g, estimateShare(s)]),
  );
}

function greedyScores({ orders }: EvaluatedItem): ItemScores {
  return orders.map(({ verdict, order }) => verdictScore(verdict, order));
}

function voteScores({ orders }: EvaluatedItem): ItemScores {
  return orders.map(({ votes, order }) => (votes ? verdictScore(majority(votes), order) : null));
}

/** The verdict with most votes; equally many for A and B is a tie; votes without a verdict do not count. */
export function majority(votes: VoteCount): Verdict {
  if (votes.A + votes.B + votes.tie === 0) return { kind: 'unparsed', reason: 'no-marker' };
  if (votes.A > votes.B && votes.A > votes.tie) return { kind: 'A' };
  if (votes.B > votes.A && votes.B > votes.tie) return { kind: 'B' };
  return { kind: 'tie' };
}

function allScored(scores: ItemScores): boolean {
  return scores.every((score) => score !== null);
}

/** 1 when both orders name the same response, 0 when not, null when one of them has no verdict. */
function consistency(orders: readonly OrderedEvaluation[]): number | null {
  const named = orders.map(({ verdict, order }) => {
    if (verdict.kind === 'unparsed') return null;
    if (verdict.kind === 'tie') return 'tie';
    return verdict.kind === winnerLabel(order) ? 'winner' : 'loser';
  });
  if (named.some((response) => response === null)) return null;
  return Number(new Set(named).size === 1);
}

function saysA(verdict: Verdict): number | null {
  return verdict.kind === 'A' || verdict.kind === 'B' ? Number(verdict.kind === 'A') : null;
}

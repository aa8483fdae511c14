// Metrics of several samples per prompt: the majority vote, how it grows with the number of samples, and the calibration of vote
// shares and of probabilities.
import { brierScore, expectedCalibrationError } from '../core/statistics/calibration.js';
import { checkNumber, SHARE } from '../core/statistics/checks.js';
import { majorityOfK } from '../core/statistics/majority-of-k.js';
import type { Estimate } from '../schema/estimate.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { Calibration } from '../schema/scoring.js';
import { winnerLabel } from '../schema/verdict.js';
import { ShareCounter } from '../core/statistics/share-counter.js';
import { labelOf, SHOWN, type ScoreSum, type VerdictTable } from './verdict-table.js';
import { majority, nVotes } from './votes.js';

/** Metrics that need several samples. */
export interface VoteMetrics {
  voteAccuracy: Estimate;
  voteAccuracyByK: Record<string, Estimate>;
  calibration: Calibration;
}

/** The most samples that any item has in one order. */
export function largestVote(table: VerdictTable): number {
  let largest = 0;
  for (const [, index] of table.items()) {
    for (const shown of SHOWN) largest = Math.max(largest, nVotes(table.votesOf(index, shown)));
  }
  return largest;
}

/** Why an item has no score where it has no gold label. */
export const NO_GOLD = 'no-gold-label';

/** The vote over all samples, its growth with k, and the calibration of vote shares. */
export function voteMetrics(table: VerdictTable, withoutGold = NO_GOLD): VoteMetrics {
  const all = new ShareCounter();
  const smallest = smallestVote(table);
  const counters = new Map(ksUpTo(smallest).map((k) => [k, new ShareCounter()]));
  for (const [, index] of table.items()) {
    const gold = table.goldOf(index);
    const votes = SHOWN.map((shown) => ({ shown, votes: table.votesOf(index, shown) })).filter(
      (order) => nVotes(order.votes) > 0,
    );
    const whole = { sum: 0, size: 0 };
    const byK = new Map([...counters.keys()].map((k) => [k, { sum: 0, size: 0 }]));
    for (const order of votes) {
      const right = gold === null ? null : labelOf(gold, order.shown);
      if (right === null) continue;
      const verdict = majority(order.votes).kind;
      if (verdict !== 'unparsed') whole.size++;
      whole.sum += verdict === right ? 1 : verdict === 'tie' ? 0.5 : 0;
      for (const [k, score] of byK) {
        const { A, B, tie, unparsed } = order.votes;
        const chances = majorityOfK({ first: A, second: B, tie, none: unparsed }, k);
        const { first, second, tie: even } = chances;
        // A prompt is weighted by its probability of a verdict; the rest is unscored.
        score.size += first + second + even;
        score.sum += { A: first, B: second, tie: even }[right] + (right === 'tie' ? 0 : even / 2);
      }
    }
    const cluster = table.clusterOf(index);
    const reason = gold === null ? withoutGold : 'no-verdict';
    const add = (counter: ShareCounter | undefined, score: ScoreSum): void =>
      counter?.add(score, { cluster, unscored: { [reason]: votes.length - score.size } });
    add(all, whole);
    for (const [k, score] of byK) add(counters.get(k), score);
  }
  return {
    voteAccuracy: all.estimate(),
    voteAccuracyByK: Object.fromEntries([...counters].map(([k, counter]) => [k, counter.estimate()])),
    calibration: calibrationOfVotes(table),
  };
}

/** Numbers of samples for which the vote is computed: powers of two, and the largest number that every prompt has. */
function ksUpTo(largest: number): number[] {
  const ks: number[] = [];
  for (let k = 1; k < largest; k *= 2) ks.push(k);
  return largest > 0 ? [...ks, largest] : ks;
}

function smallestVote(table: VerdictTable): number {
  let smallest = Infinity;
  for (const [, index] of table.items()) {
    for (const shown of SHOWN) {
      const n = nVotes(table.votesOf(index, shown));
      if (n > 0) smallest = Math.min(smallest, n);
    }
  }
  return Number.isFinite(smallest) ? smallest : 0;
}

/** Vote shares among the verdicts for A or B, of items whose gold label is not a tie. */
function calibrationOfVotes(table: VerdictTable): Calibration {
  const winnerShares: number[] = [];
  for (const [, index] of table.items()) {
    const gold = table.goldOf(index);
    if (gold === null || gold === 'tie') continue;
    for (const shown of SHOWN) {
      const { A, B } = table.votesOf(index, shown);
      if (A + B > 0) winnerShares.push((labelOf(gold, shown) === 'A' ? A : B) / (A + B));
    }
  }
  return calibrationOf(winnerShares);
}

/**
 * Calibration of shares or probabilities. @param ofWinner the share or probability of the known winner each time, 0 to 1; the rest is the
 * loser's
 */
export function calibrationOf(ofWinner: readonly number[]): Calibration {
  // An even split names no side, so it is neither right nor wrong.
  const decided = ofWinner.filter((share) => share !== 0.5);
  const { error, bins } = expectedCalibrationError(
    decided.map((share) => Math.max(share, 1 - share)),
    decided.map((share) => share > 0.5),
  );
  return {
    n: ofWinner.length,
    brier: brierScore(
      ofWinner,
      ofWinner.map(() => 1),
    ),
    expectedCalibrationError: error,
    bins: bins.map(({ n, meanProbability, shareRight }) => ({
      n,
      meanConfidence: meanProbability,
      shareRight,
    })),
  };
}

/** Calibration of the probabilities of greedy verdicts; undefined where the server returned none. */
export function calibrationOfProbabilities(items: Iterable<EvaluatedItem>): Calibration | undefined {
  const ofWinner: number[] = [];
  for (const { goldTie, orders } of items) {
    for (const { order, probabilityOfA } of goldTie ? [] : orders) {
      if (probabilityOfA == null) continue;
      checkNumber(probabilityOfA, 'probabilityOfA', SHARE);
      ofWinner.push(winnerLabel(order) === 'A' ? probabilityOfA : 1 - probabilityOfA);
    }
  }
  return ofWinner.length === 0 ? undefined : calibrationOf(ofWinner);
}

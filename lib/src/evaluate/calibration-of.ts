// Calibration of how sure a judge was: of vote shares, or of probabilities that a server told.
import { brierScore, expectedCalibrationError } from '../core/statistics/calibration.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { Calibration } from '../schema/scoring.js';
import { winnerLabel } from '../schema/verdict.js';

/**
 * @param ofWinner what was given to the known winner each time, 0 to 1; the rest was given to the loser
 */
export function calibrationOf(ofWinner: readonly number[]): Calibration {
  // An even split is a coin: it says nothing and cannot be wrong about it.
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

/** Calibration of the probabilities of greedy verdicts; undefined where the server told none. */
export function calibrationOfProbabilities(items: Iterable<EvaluatedItem>): Calibration | undefined {
  const ofWinner: number[] = [];
  for (const { goldTie, orders } of items) {
    for (const { order, probabilityOfA } of goldTie ? [] : orders) {
      if (probabilityOfA === undefined) continue;
      ofWinner.push(winnerLabel(order) === 'A' ? probabilityOfA : 1 - probabilityOfA);
    }
  }
  return ofWinner.length === 0 ? undefined : calibrationOf(ofWinner);
}

import assert from 'node:assert/strict';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import type { EvaluatedItem } from '../../lib/src/schema/index.js';

/** An item with P(A) in both orders. */
function item(itemId: string, [winnerFirst, loserFirst]: [number, number]): EvaluatedItem {
  return {
    itemId,
    slice: 'math',
    errorKind: 'random',
    orders: [
      { order: 'winner-first', text: '', verdict: { kind: 'A' }, probabilityOfA: winnerFirst },
      { order: 'loser-first', text: '', verdict: { kind: 'B' }, probabilityOfA: loserFirst },
    ],
  };
}

describe('calibration of verdict probabilities', () => {
  it('is of the probability that the known winner was given, whichever label it had', () => {
    // The winner was given 0.9 and 0.8, 0.7 and 0.4: Brier = (0.01 + 0.04 + 0.09 + 0.36) / 4 = 0.125.
    const { probabilityCalibration } = judgeMetrics([item('x', [0.9, 0.2]), item('y', [0.7, 0.6])]);
    assert.equal(probabilityCalibration?.n, 4);
    assert.ok(Math.abs(probabilityCalibration.brier! - 0.125) < 1e-12);
    // Confidences 0.9, 0.8, 0.7 (right) and 0.6 (wrong), each in a bin of its own of ten:
    // (0.1 + 0.2 + 0.3 + 0.6) / 4 = 0.3.
    assert.ok(Math.abs(probabilityCalibration.expectedCalibrationError! - 0.3) < 1e-12);
  });

  it('is absent where no probabilities were told, and has no place for items without a winner', () => {
    const order = { order: 'winner-first', text: '', verdict: { kind: 'A' } } as const;
    assert.equal(
      judgeMetrics([{ ...item('x', [0.9, 0.2]), orders: [order] }]).probabilityCalibration,
      undefined,
    );
    const tie = { ...item('x', [0.9, 0.2]), goldTie: true as const };
    assert.equal(judgeMetrics([tie]).probabilityCalibration, undefined);
  });
});

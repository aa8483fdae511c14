import assert from 'node:assert/strict';
import {
  brierScore,
  Calibration,
  expectedCalibrationError,
} from '../../../lib/src/core/statistics/calibration.js';
import { near } from './near.js';

describe('calibration', () => {
  it('scores probabilities by their squared error', () => {
    // scikit-learn's example: brier_score_loss([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]) = (0.01 + 0.01 + 0.04 + 0.09) / 4
    near(brierScore([0.1, 0.9, 0.8, 0.3], [0, 1, 1, 0]), 0.0375, 1e-15);
    assert.equal(brierScore([1, 0], [false, true]), 1);
    assert.equal(brierScore([0.5, 0.5], [true, 0.5]), 0.125);
  });

  it('weighs the gap of each bin by its size', () => {
    // Two bins. Low: 0.1, 0.3 with outcomes 0, 1: gap |0.5 - 0.2| = 0.3. High: 0.8, 0.9 with 1, 1: gap 0.15. Mean 0.225.
    const { error, bins } = expectedCalibrationError([0.1, 0.8, 0.3, 0.9], [0, 1, 1, 1], { nBins: 2 });
    near(error, 0.225, 1e-15);
    assert.deepEqual(
      bins.map(({ low, high, n, shareRight }) => ({ low, high, n, shareRight })),
      [
        { low: 0, high: 0.5, n: 2, shareRight: 0.5 },
        { low: 0.5, high: 1, n: 2, shareRight: 1 },
      ],
    );
    near(bins[0]!.meanProbability, 0.2, 1e-15);
    near(bins[1]!.meanProbability, 0.85, 1e-15);
  });

  it('is 0 where each bin is right as often as it says', () => {
    const probabilities = [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75];
    assert.equal(expectedCalibrationError(probabilities, [1, 0, 0, 0, 1, 1, 1, 0]).error, 0);
  });

  it('puts a probability at an edge into the bin below, and 0 into the first', () => {
    // 0.07 * 100 and 0.57 * 100 round away from 7 and 57.
    for (const { p, nBins, low } of [
      { p: 0.07, nBins: 100, low: 0.06 },
      { p: 0.57, nBins: 100, low: 0.56 },
      { p: 0.3, nBins: 10, low: 0.2 },
      { p: 0.31, nBins: 10, low: 0.3 },
      // The double next above 1 / 3, whose product with 3 rounds to 1.
      { p: 1 / 3 + 2 ** -54, nBins: 3, low: 1 / 3 },
      { p: 0, nBins: 10, low: 0 },
      { p: 1, nBins: 10, low: 0.9 },
    ]) {
      const { bins } = expectedCalibrationError([p], [1], { nBins });
      assert.equal(bins.length, 1);
      near(bins[0]!.low, low, 1e-12);
      assert.ok(bins[0]!.high >= p);
    }
  });

  it('takes predictions one by one', () => {
    const calibration = new Calibration({ nBins: 5 });
    calibration.add(0.9, true);
    calibration.add(0.7, false);
    assert.equal(calibration.n, 2);
    near(calibration.brierScore(), (0.01 + 0.49) / 2, 1e-15);
    assert.deepEqual(
      calibration.bins().map(({ n }) => n),
      [1, 1],
    );
    near(calibration.expectedCalibrationError(), (0.1 + 0.7) / 2, 1e-15);
  });

  it('has no value for no predictions', () => {
    assert.equal(brierScore([], []), null);
    assert.deepEqual(expectedCalibrationError([], []), { error: null, bins: [] });
  });

  it('refuses what is no probability, no outcome and no bin', () => {
    assert.throws(() => brierScore([1.1], [1]), /1\.1/);
    assert.throws(() => brierScore([0.5], [2]), RangeError);
    assert.throws(() => brierScore([0.5, 0.5], [1]), RangeError);
    assert.throws(() => new Calibration({ nBins: 0 }), RangeError);
  });
});

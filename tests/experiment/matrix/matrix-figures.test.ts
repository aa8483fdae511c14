import assert from 'node:assert/strict';
import {
  armComparisons,
  armIterations,
  overSeeds,
  type SeedComparison,
} from '../../../lib/src/experiment/matrix/matrix-figures.js';
import type { MatrixRun } from '../../../lib/src/schema/matrix.js';
import { finishedRun } from '../../fixtures/matrix-report.js';

const near = (received: number | null | undefined, expected: number): void => {
  assert.ok(
    typeof received === 'number' && Math.abs(received - expected) < 1e-7,
    `${received}, expected ${expected}`,
  );
};

const ofSeed = (seed: number, difference: number | null, pValue: number | null = 0.5): SeedComparison => ({
  seed,
  difference,
  n: 10,
  unscored: 0,
  low: difference === null ? null : difference - 0.1,
  high: difference === null ? null : difference + 0.1,
  pValue,
  minimumDetectable: null,
  method: 'by items',
});

describe('figures over loop seeds', () => {
  it("are means with Student's interval, and say how many seeds have none", () => {
    // 0.8, 0.9, 1.0: mean 0.9, s = 0.1, t(2) = 4.30265273: ± 4.30265273 * 0.1 / sqrt(3) = ± 0.24841377.
    const { value, n, unscored, low, high, standardDeviation } = overSeeds([0.8, null, 1, 0.9], 0);
    near(value, 0.9);
    near(standardDeviation, 0.1);
    near(low, 0.9 - 0.24841377);
    // A share ends at 0 and 1.
    assert.equal(high, 1);
    const lower = overSeeds([0.5, 0.7, 0.6], 0);
    near(lower.high, 0.6 + 0.24841377);
    assert.equal(overSeeds([0.1, 0.3, 0.2], 0).low, 0);
    near(overSeeds([0.1, 0.3, 0.2], -1).low, 0.2 - 0.24841377);
    assert.deepEqual([n, unscored], [3, 1]);
  });

  it('have no interval where all seeds are alike, which showed one of no width', () => {
    const { value, n, low, high, standardDeviation } = overSeeds([0.6, 0.6], 0);
    assert.deepEqual([value, n, low, high, standardDeviation], [0.6, 2, null, null, 0]);
    const [equal, better] = armComparisons([
      [ofSeed(1, 0), ofSeed(2, 0)],
      [ofSeed(1, 0.2), ofSeed(2, 0.2)],
    ]);
    // The same as the baseline with every seed is no difference; the same difference with two seeds has no spread to test it by.
    assert.deepEqual([equal!.low, equal!.pValue, equal!.finding], [null, 1, 'within-noise']);
    assert.deepEqual([better!.low, better!.pValue, better!.finding], [null, null, 'not-compared']);
  });

  it('are of finished runs alone, iteration by iteration', () => {
    const waiting: MatrixRun = {
      seed: 3,
      runId: 'seed-3-x',
      state: 'waiting',
      problem: null,
      iterations: [],
    };
    const byIteration = armIterations([finishedRun(1, [0.5, 0.7]), finishedRun(2, [0.5, 0.9]), waiting]);
    assert.equal(byIteration.length, 2);
    near(byIteration[1]!.accuracy.value, 0.8);
    // Changes of 0.2 and 0.4.
    near(byIteration[1]!.change?.value, 0.3);
    assert.deepEqual([byIteration[0]!.change, byIteration[0]!.voteAccuracy], [null, null]);
    assert.equal(byIteration[1]!.accuracy.n, 2);
    assert.deepEqual(armIterations([waiting]), []);
  });
});

describe('arms against the baseline', () => {
  it('are tested by the spread of paired differences over seeds, and corrected for all arms', () => {
    const [clear, noise, none] = armComparisons([
      [ofSeed(1, 0.1), ofSeed(2, 0.11), ofSeed(3, 0.12)],
      [ofSeed(1, -0.1), ofSeed(2, 0.1), ofSeed(3, 0.03)],
      [],
    ]);
    // Mean 0.11, s = 0.01, t = 0.11 sqrt(3) / 0.01 = 19.0526; for 2 degrees p = 1 - t / sqrt(2 + t^2) = 0.00274348; twice that.
    const t = 11 * Math.sqrt(3);
    const p = 1 - t / Math.sqrt(2 + t * t);
    near(clear!.difference, 0.11);
    near(clear!.pValue, p);
    near(clear!.pHolm, 2 * p);
    near(clear!.low, 0.11 - 0.024841377);
    assert.deepEqual(
      [clear!.finding, noise!.finding, none!.finding],
      ['better', 'within-noise', 'not-compared'],
    );
    assert.equal(none!.pHolm, null);
  });

  it('have the figures of the items where there is one seed', () => {
    const [only] = armComparisons([[ofSeed(1, -0.2, 0.01)]]);
    assert.deepEqual([only!.difference, only!.n, only!.pValue, only!.pHolm], [-0.2, 1, 0.01, 0.01]);
    assert.deepEqual([only!.finding, only!.method], ['worse', 'one seed: by items']);
  });

  it('say nothing where no item was scored by both', () => {
    const [nothing] = armComparisons([[ofSeed(1, null, null), ofSeed(2, null, null)]]);
    assert.deepEqual([nothing!.difference, nothing!.n, nothing!.finding], [null, 0, 'not-compared']);
  });
});

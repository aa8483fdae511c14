import assert from 'node:assert/strict';
import { ClusteredShareAccumulator } from '../../../lib/src/core/statistics/interval.js';
import { standardisedShare } from '../../../lib/src/core/statistics/standardised-share.js';
import { near } from './near.js';

/** So many clusters of one score each, of which some are 1. */
function stratum(nRight: number, n: number): { sum: number; size: number }[] {
  return Array.from({ length: n }, (_, i) => ({ sum: Number(i < nRight), size: 1 }));
}

describe('standardised share', () => {
  it('weighs both strata alike, whatever their sizes', () => {
    // Shares 0.9 of 100 and 0.3 of 20: mean 0.6. Variances with clusters of one: p (1 - p) / (m - 1) = 0.09 / 99, 0.21 / 19.
    const { value, standardError, low, high, n, nClusters } = standardisedShare(
      stratum(90, 100),
      stratum(6, 20),
    );
    const expectedError = Math.sqrt(0.09 / 99 + 0.21 / 19) / 2;
    near(value, 0.6, 1e-12);
    near(standardError, expectedError, 1e-12);
    near(low, 0.6 - 1.959963984540054 * expectedError, 1e-12);
    near(high, 0.6 + 1.959963984540054 * expectedError, 1e-12);
    assert.equal(n, 120);
    assert.equal(nClusters, 120);
  });

  it('takes the scores of a cluster together', () => {
    // Each score twice: as many clusters, the same variance, twice the scores.
    const twice = stratum(6, 20).map(({ sum }) => ({ sum: 2 * sum, size: 2 }));
    const single = standardisedShare(stratum(90, 100), stratum(6, 20));
    const double = standardisedShare(stratum(90, 100), twice);
    near(double.standardError, single.standardError!, 1e-12);
    assert.equal(double.n, 140);
  });

  it('takes strata that are added up already', () => {
    const [first, second] = [new ClusteredShareAccumulator(), new ClusteredShareAccumulator()];
    first.add(1, 1, 90);
    first.add(0, 1, 10);
    second.add(1, 1, 6);
    second.add(0, 1, 14);
    assert.deepEqual(standardisedShare(first, second), standardisedShare(stratum(90, 100), stratum(6, 20)));
  });

  it('keeps the interval within 0 and 1', () => {
    const { low, high } = standardisedShare(stratum(19, 20), stratum(19, 20));
    // Two strata of share 0.95 and variance 0.95 x 0.05 / 19 = 0.0025: 0.95 - 1.96 x sqrt(2 x 0.0025) / 2.
    near(low, 0.95 - (1.959963984540054 * Math.sqrt(0.005)) / 2, 1e-12);
    assert.equal(high, 1);
  });

  it('has no value when a stratum is empty, and no interval when one has a single cluster', () => {
    const unknown = { standardError: null, low: null, high: null };
    const empty = [{ sum: 0, size: 0 }];
    assert.deepEqual(standardisedShare(stratum(1, 2), empty), {
      value: null,
      ...unknown,
      n: 2,
      nClusters: 2,
    });
    assert.deepEqual(standardisedShare([], []), { value: null, ...unknown, n: 0, nClusters: 0 });
    assert.deepEqual(standardisedShare(stratum(1, 2), stratum(1, 1)), {
      value: 0.75,
      ...unknown,
      n: 3,
      nClusters: 3,
    });
  });

  it('keeps a width where all clusters of a stratum are alike', () => {
    // Wilson 95% of 10 of 10 starts at 1 / (1 + z^2 / 10) = 0.7225; both strata have that width, 0.2775.
    const alike = (score: number): { sum: number; size: number }[] =>
      Array.from({ length: 10 }, () => ({ sum: score, size: 1 }));
    const { value, low, high } = standardisedShare(alike(1), alike(0));
    assert.equal(value, 0.5);
    const halfWidth = Math.sqrt(2) * (0.2775 / 2 / 2);
    near(low, 0.5 - halfWidth, 1e-4);
    near(high, 0.5 + halfWidth, 1e-4);
  });
});

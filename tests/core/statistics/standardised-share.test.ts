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
    // R: qt(0.975, 118) = 1.98027224556
    near(low, 0.6 - 1.98027224556 * expectedError, 1e-9);
    near(high, 0.6 + 1.98027224556 * expectedError, 1e-9);
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

  it('counts a cluster once that is in both strata, and how its scores there go together', () => {
    // Four prompts; in each stratum two are right and two wrong: shares 1/2, variance 4/3 * 4 * (1/2)^2 / 4^2 = 1/12 of each.
    const scores = [1, 1, 0, 0];
    const named = (of: readonly number[]) => of.map((sum, i) => ({ sum, size: 1, cluster: `prompt ${i}` }));
    const apart = standardisedShare(stratum(2, 4), stratum(2, 4));
    const alike = standardisedShare(named(scores), named(scores));
    const opposed = standardisedShare(named(scores), named(scores.map((score) => 1 - score)));
    assert.deepEqual([apart.nClusters, alike.nClusters, opposed.nClusters], [8, 4, 4]);
    near(apart.standardError, Math.sqrt(2 / 12) / 2, 1e-12);
    // The covariance is as large as the variances: the mean of both varies as one of them does, or not at all.
    near(alike.standardError, Math.sqrt(1 / 12), 1e-12);
    near(opposed.standardError, 0, 1e-8);
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
    // Two strata of share 0.95 and variance 0.95 x 0.05 / 19 = 0.0025: 0.95 - t x sqrt(2 x 0.0025) / 2 with qt(0.975, 38).
    near(low, 0.95 - (2.02439416 * Math.sqrt(0.005)) / 2, 1e-8);
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
    // qt(0.975, 18) = 2.10092.
    const alike = (score: number): { sum: number; size: number }[] =>
      Array.from({ length: 10 }, () => ({ sum: score, size: 1 }));
    const { value, low, high } = standardisedShare(alike(1), alike(0));
    assert.equal(value, 0.5);
    const halfWidth = (Math.sqrt(2) * (0.2775 / 2 / 2) * 2.10092) / 1.95996;
    near(low, 0.5 - halfWidth, 1e-4);
    near(high, 0.5 + halfWidth, 1e-4);
  });
});

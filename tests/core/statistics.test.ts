import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { clusteredShare, wilsonInterval } from '../../lib/src/core/statistics/interval.js';
import {
  mean,
  pairedBootstrapInterval,
  quantile,
  signFlipTest,
  standardDeviation,
} from '../../lib/src/core/statistics/paired.js';

function near(actual: number | null, expected: number, tolerance: number): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= tolerance,
    `expected ${expected}, got ${actual}`,
  );
}

describe('Wilson interval', () => {
  it('equals published values', () => {
    // R. G. Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
    const published = [
      { share: 81 / 263, n: 263, low: 0.2553, high: 0.3662 },
      { share: 15 / 148, n: 148, low: 0.0624, high: 0.1605 },
      { share: 0, n: 20, low: 0, high: 0.1611 },
      { share: 1 / 29, n: 29, low: 0.0061, high: 0.1718 },
    ];
    for (const { share, n, low, high } of published) {
      const interval = wilsonInterval(share, n);
      near(interval.low, low, 5e-5);
      near(interval.high, high, 5e-5);
    }
  });

  it('is null for nothing', () => {
    assert.deepEqual(wilsonInterval(0, 0), { low: null, high: null });
  });
});

describe('share over clusters', () => {
  it('is the plain Wilson interval up to the factor m / (m - 1) when every cluster holds one score', () => {
    const scores = Array.from({ length: 1000 }, (_, i) => [i % 4 === 0 ? 0 : 1]);
    const clustered = clusteredShare(scores);
    const plain = wilsonInterval(0.75, 1000);
    near(clustered.share, 0.75, 1e-12);
    near(clustered.low, plain.low!, 1e-4);
    near(clustered.high, plain.high!, 1e-4);
  });

  it('counts clusters, not scores, when scores within a cluster are always alike', () => {
    const clusters = Array.from({ length: 1000 }, (_, i) => (i % 4 === 0 ? [0, 0] : [1, 1]));
    const plain = wilsonInterval(0.75, 1000);
    near(clusteredShare(clusters).low, plain.low!, 1e-4);
  });

  it('stays inside (0, 1) with a width when all scores are 1', () => {
    const { share, low, high } = clusteredShare([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    assert.equal(share, 1);
    near(low, wilsonInterval(1, 3).low!, 1e-12);
    assert.equal(high, 1);
  });

  it('has no value for an empty set, and passes over empty clusters', () => {
    assert.equal(clusteredShare([]).share, null);
    assert.equal(clusteredShare([[], []]).share, null);
    assert.equal(clusteredShare([[], [1]]).nObservations, 1);
  });
});

describe('paired comparison', () => {
  it('has the exact sign-flip p of a small case, within Monte Carlo error', () => {
    // Differences 1, 1, 1, 1, 1: 2 of 2^5 = 32 sign patterns are as extreme, p = 1/16.
    const p = signFlipTest([1, 1, 1, 1, 1], { random: deriveRandom('exact'), nPermutations: 40_000 });
    near(p, 1 / 16, 5 * Math.sqrt(((1 / 16) * (15 / 16)) / 40_000));
  });

  it('finds nothing where nothing differs, and has no p for no items', () => {
    assert.equal(signFlipTest([0, 0, 0], { random: deriveRandom(1) }), 1);
    assert.equal(signFlipTest([], { random: deriveRandom(1) }), null);
  });

  it('has a bootstrap interval close to the normal one for many items', () => {
    const random = deriveRandom('differences');
    const differences = Array.from({ length: 2000 }, () => 0.2 + random.normal());
    const { low, high } = pairedBootstrapInterval(differences, { random: deriveRandom('resamples') });
    const centre = mean(differences)!;
    const margin = 1.96 * (standardDeviation(differences)! / Math.sqrt(2000));
    near(low, centre - margin, 0.006);
    near(high, centre + margin, 0.006);
  });

  it('gives the same interval for the same stream and nulls for no items', () => {
    const once = pairedBootstrapInterval([0, 1, 0.5], { random: deriveRandom(7) });
    assert.deepEqual(pairedBootstrapInterval([0, 1, 0.5], { random: deriveRandom(7) }), once);
    assert.deepEqual(pairedBootstrapInterval([], { random: deriveRandom(7) }), { low: null, high: null });
  });

  it('interpolates quantiles as type 7 does', () => {
    // R: quantile(c(1, 2, 3, 4), 0.4) = 2.2
    near(quantile(Float64Array.of(1, 2, 3, 4), 0.4), 2.2, 1e-12);
  });

  it('knows the mean and standard deviation of nothing', () => {
    assert.equal(mean([]), null);
    assert.equal(standardDeviation([1]), null);
    // R: sd(c(2, 4, 4, 4, 5, 5, 7, 9)) = 2.13809
    near(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), 2.13809, 1e-5);
  });
});

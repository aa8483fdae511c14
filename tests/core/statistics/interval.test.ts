import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  clusteredShare,
  ClusteredShareAccumulator,
  wilsonInterval,
} from '../../../lib/src/core/statistics/interval.js';
import { deriveRandom } from '../../../lib/src/core/random.js';
import { studentTBound } from '../../../lib/src/core/statistics/student-t.js';
import { near } from './near.js';

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
  it('is the plain Wilson interval when every cluster holds one score', () => {
    const scores = Array.from({ length: 1000 }, (_, i) => [i % 4 === 0 ? 0 : 1]);
    const clustered = clusteredShare(scores);
    const plain = wilsonInterval(0.75, 1000);
    near(clustered.value, 0.75, 1e-12);
    near(clustered.designEffect, 1, 1e-12);
    near(clustered.low, plain.low!, 1e-12);
    near(clustered.high, plain.high!, 1e-12);
  });

  it('counts clusters, not scores, when scores within a cluster are always alike', () => {
    const clusters = Array.from({ length: 1000 }, (_, i) => (i % 4 === 0 ? [0, 0] : [1, 1]));
    const plain = wilsonInterval(0.75, 1000);
    near(clusteredShare(clusters).low, plain.low!, 1e-4);
    near(clusteredShare(clusters).designEffect, 2, 2e-3);
  });

  it('takes few clusters for as few as they are, by the ratio of two of Student quantiles', () => {
    // Sums 4, 3, 2, 1, 0 of 4: p = 1/2, v = 5/4 * (4 + 1 + 0 + 1 + 4) / 20^2 = 1/32, deff = (1/32) / ((1/4) / 19) = 2.375.
    const clusters = [4, 3, 2, 1, 0].map((nRight) => [0, 1, 2, 3].map((i) => Number(i < nRight)));
    const { low, high, designEffect, n, nClusters } = clusteredShare(clusters);
    assert.deepEqual([n, nClusters], [20, 5]);
    near(designEffect, 2.375, 1e-12);
    // R: qt(0.975, 19) = 2.0930240544, qt(0.975, 4) = 2.7764451052
    const plain = wilsonInterval(0.5, (20 / 2.375) * (2.0930240544 / 2.7764451052) ** 2);
    near(low, plain.low!, 1e-9);
    near(high, plain.high!, 1e-9);
  });

  it('is never narrower than that of as many independent scores', () => {
    // Every cluster has one of two right, but for two: less spread than chance gives.
    const clusters = [[1, 1], [0, 0], ...Array.from({ length: 50 }, () => [0, 1])];
    const { low, designEffect } = clusteredShare(clusters);
    assert.ok(designEffect! < 1);
    near(low, wilsonInterval(0.5, 104).low!, 1e-12);
  });

  it('stays inside (0, 1) with a width when all scores are 1', () => {
    const { value, low, high, designEffect } = clusteredShare([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    assert.equal(value, 1);
    near(low, wilsonInterval(1, 3).low!, 1e-12);
    assert.equal(high, 1);
    assert.equal(designEffect, null);
  });

  it('has no interval for one cluster, which shows no spread between clusters', () => {
    const { value, n, low, high } = clusteredShare([[1, 0, 1, 1]]);
    assert.deepEqual({ value, n, low, high }, { value: 0.75, n: 4, low: null, high: null });
  });

  it('knows next to nothing from two clusters that contradict each other', () => {
    const { low, high } = clusteredShare([Array<number>(50).fill(1), Array<number>(50).fill(0)]);
    assert.ok(low! < 0.02 && high! > 0.98);
  });

  it('has no value for an empty set, and passes over empty clusters', () => {
    assert.equal(clusteredShare([]).value, null);
    assert.equal(clusteredShare([[], []]).value, null);
    assert.equal(clusteredShare([[], [1]]).n, 1);
  });

  it('covers the truth about as often as it says with few clusters that go together', () => {
    // Pólya's urn: beta-binomial clusters of 32 with accuracy 1/2. Without the t adjustment: 89.5, 91.2, 89.3 and 94.2%. The standard error
    // of 2,000 repetitions is 0.5%; scripts/interval-coverage.ts has more.
    for (const [nClusters, correlation] of [
      [5, 0.1],
      [10, 0.1],
      [5, 0.5],
      [10, 0.5],
    ] as const) {
      const random = deriveRandom('coverage', nClusters, String(correlation));
      const weight = (1 - correlation) / correlation;
      let nCovered = 0;
      for (let repetition = 0; repetition < 2000; repetition++) {
        const accumulator = new ClusteredShareAccumulator();
        for (let cluster = 0; cluster < nClusters; cluster++) {
          let nRight = 0;
          for (let i = 0; i < 32; i++) nRight += Number(random.next() < (weight / 2 + nRight) / (weight + i));
          accumulator.add(nRight, 32);
        }
        const { low, high } = accumulator.result();
        nCovered += Number(low! <= 0.5 && high! >= 0.5);
      }
      near(nCovered / 2000, 0.955, 0.015);
    }
  });
});

describe('share over clusters, one by one', () => {
  /** The variance as the definition has it, cluster by cluster. */
  function varianceOf(clusters: readonly (readonly number[])[]): number {
    const n = clusters.flat().length;
    const share = clusters.flat().reduce((total, score) => total + score, 0) / n;
    const squares = clusters.reduce(
      (total, scores) => total + (scores.reduce((sum, score) => sum + score, 0) - share * scores.length) ** 2,
      0,
    );
    return ((clusters.length / (clusters.length - 1)) * squares) / (n * n);
  }

  it('has the variance and the interval of the definition', () => {
    const score = fc.constantFrom<number>(0, 0.5, 1, 0.1, 0.7);
    const clusters = fc.array(fc.array(score, { minLength: 1, maxLength: 4 }), {
      minLength: 2,
      maxLength: 30,
    });
    const law = fc.property(clusters, (lists) => {
      const accumulator = new ClusteredShareAccumulator();
      for (const scores of lists)
        accumulator.add(
          scores.reduce((total, one) => total + one, 0),
          scores.length,
        );
      const variance = varianceOf(lists);
      near(accumulator.variance(), variance, 1e-12);
      const { value, n, low, high } = accumulator.result();
      const few = studentTBound(0.95, n - 1) / studentTBound(0.95, lists.length - 1);
      const designEffect = variance / ((value! * (1 - value!)) / (n - 1));
      // What the definition leaves of equal clusters is rounding; nothing to divide by.
      const nEffective = variance < 1e-15 ? lists.length : (n / designEffect) * few ** 2;
      const plain = wilsonInterval(value!, Math.min(n, nEffective));
      near(low, plain.low!, 1e-12);
      near(high, plain.high!, 1e-12);
      assert.deepEqual(clusteredShare(lists), { ...accumulator.result(), unscored: 0 });
    });
    fc.assert(law, { seed: 1, numRuns: 300 });
  });

  it('adds up the scores of a named cluster, however they come', () => {
    const [named, whole] = [new ClusteredShareAccumulator(), new ClusteredShareAccumulator()];
    for (const [cluster, sum] of [
      ['a', 1],
      ['b', 0],
      ['a', 2],
      ['b', 0.5],
    ] as const)
      named.addTo(cluster, sum, 2);
    named.add(2, 2);
    for (const [sum, size] of [
      [3, 4],
      [0.5, 4],
      [2, 2],
    ] as const)
      whole.add(sum, size);
    assert.deepEqual(named.result(), whole.result());
    assert.equal(named.variance(), whole.variance());
    named.addTo('c', 0, 0);
    assert.equal(named.result().nClusters, 3);
    assert.throws(() => named.addTo('c', 2, 1), RangeError);
  });

  it('keeps its digits when nearly all of many millions are right, or wrong', () => {
    // One of m clusters of size 2 has one score wrong: squares = 1 - 1 / m, variance = m / (m - 1) * squares / (2 m)^2 = 1 / (2 m)^2.
    const m = 50_000_000;
    const [right, wrong] = [new ClusteredShareAccumulator(), new ClusteredShareAccumulator()];
    right.add(2, 2, m - 1);
    right.add(1, 2);
    wrong.add(0, 2, m - 1);
    wrong.add(1, 2);
    near(right.variance()! * (2 * m) ** 2, 1, 1e-9);
    near(wrong.variance()! * (2 * m) ** 2, 1, 1e-9);
  });

  it('counts clusters where all are alike, though their share is no binary fraction', () => {
    const accumulator = new ClusteredShareAccumulator();
    accumulator.add(7, 10, 30);
    assert.equal(accumulator.variance(), 0);
    near(accumulator.result().low, wilsonInterval(0.7, 30).low!, 1e-12);
  });

  it('takes a computed sum for its size when only rounding is above it', () => {
    const accumulator = new ClusteredShareAccumulator();
    accumulator.add(1 + 1e-12, 1, 5);
    assert.equal(accumulator.result().value, 1);
    assert.equal(accumulator.result().high, 1);
  });

  it('has no variance for one cluster, and refuses scores outside 0 to 1', () => {
    const accumulator = new ClusteredShareAccumulator();
    accumulator.add(1, 2);
    assert.equal(accumulator.variance(), null);
    assert.throws(() => accumulator.add(3, 2), RangeError);
    assert.throws(() => accumulator.add(-0.5, 2), RangeError);
    assert.throws(() => accumulator.add(NaN, 2), RangeError);
    assert.throws(() => accumulator.add(1, 2, -1), RangeError);
    assert.throws(() => clusteredShare([[2]]), RangeError);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  clusteredShare,
  ClusteredShareAccumulator,
  wilsonInterval,
} from '../../../lib/src/core/statistics/interval.js';
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
  it('is the plain Wilson interval up to the factor m / (m - 1) when every cluster holds one score', () => {
    const scores = Array.from({ length: 1000 }, (_, i) => [i % 4 === 0 ? 0 : 1]);
    const clustered = clusteredShare(scores);
    const plain = wilsonInterval(0.75, 1000);
    near(clustered.value, 0.75, 1e-12);
    near(clustered.low, plain.low!, 1e-4);
    near(clustered.high, plain.high!, 1e-4);
  });

  it('counts clusters, not scores, when scores within a cluster are always alike', () => {
    const clusters = Array.from({ length: 1000 }, (_, i) => (i % 4 === 0 ? [0, 0] : [1, 1]));
    const plain = wilsonInterval(0.75, 1000);
    near(clusteredShare(clusters).low, plain.low!, 1e-4);
  });

  it('stays inside (0, 1) with a width when all scores are 1', () => {
    const { value, low, high } = clusteredShare([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    assert.equal(value, 1);
    near(low, wilsonInterval(1, 3).low!, 1e-12);
    assert.equal(high, 1);
  });

  it('has no value for an empty set, and passes over empty clusters', () => {
    assert.equal(clusteredShare([]).value, null);
    assert.equal(clusteredShare([[], []]).value, null);
    assert.equal(clusteredShare([[], [1]]).n, 1);
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
      // What the definition leaves of equal clusters is rounding; nothing to divide by.
      const nEffective = variance < 1e-15 ? lists.length : (value! * (1 - value!)) / variance;
      const plain = wilsonInterval(value!, Math.min(n, Math.max(1, nEffective)));
      near(low, plain.low!, 1e-12);
      near(high, plain.high!, 1e-12);
      assert.deepEqual(clusteredShare(lists), { ...accumulator.result(), unscored: 0 });
    });
    fc.assert(law, { seed: 1, numRuns: 300 });
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

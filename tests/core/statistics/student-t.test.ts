import assert from 'node:assert/strict';
import {
  repeatedMean,
  repeatedMeanTest,
  studentTBound,
  studentTWithin,
} from '../../../lib/src/core/statistics/student-t.js';

const near = (received: number | null, expected: number, tolerance = 1e-9): void => {
  assert.ok(
    received !== null && Math.abs(received - expected) < tolerance,
    `${String(received)}, expected ${expected}`,
  );
};

describe("Student's t distribution", () => {
  it('has the bounds of the printed tables', () => {
    // R 4: qt(0.975, df)
    for (const [degrees, bound] of [
      [1, 12.706204736174694],
      [2, 4.302652729749462],
      [3, 3.182446305283708],
      [4, 2.776445105197793],
      [9, 2.262157162798205],
      [10, 2.228138851986273],
      [30, 2.042272456301238],
      [1000, 1.962339080826408],
    ] as const) {
      near(studentTBound(0.95, degrees), bound, 1e-8);
      near(studentTWithin(bound, degrees), 0.95, 1e-10);
    }
  });

  it('gives bounds for many degrees by an expansion that the sum confirms', () => {
    for (const probability of [0.01, 0.5, 0.9, 0.95, 0.9999])
      for (const degrees of [301, 3000, 1_000_001])
        near(studentTWithin(studentTBound(probability, degrees), degrees), probability, 1e-10);
    near(studentTBound(0.95, 1e9), 1.959963987, 1e-8);
  });

  it('has the closed forms of one and two degrees of freedom', () => {
    near(studentTWithin(1, 1), 0.5);
    // t / sqrt(2 + t^2)
    near(studentTWithin(3, 2), 3 / Math.sqrt(11));
    assert.equal(studentTWithin(0, 5), 0);
  });

  it('refuses what is no distribution', () => {
    assert.throws(() => studentTBound(1, 2), RangeError);
    assert.throws(() => studentTWithin(-1, 2), RangeError);
    assert.throws(() => studentTWithin(1, 0.5), RangeError);
  });
});

describe('the mean of a few repetitions', () => {
  it('has an interval of t times the standard error', () => {
    // Of 1, 2, 3: mean 2, s = 1, t(2) = 4.302652729749462, so 2 ± 4.3027 / sqrt(3) = 2 ± 2.4841377.
    const { mean, standardDeviation, n, low, high } = repeatedMean([1, 2, 3]);
    assert.deepEqual([mean, standardDeviation, n], [2, 1, 3]);
    near(low, 2 - 2.484137711, 1e-8);
    near(high, 2 + 2.484137711, 1e-8);
  });

  it('has no interval and no test for one of them, and nothing for none', () => {
    assert.deepEqual(repeatedMean([0.5]), {
      mean: 0.5,
      standardDeviation: null,
      n: 1,
      low: null,
      high: null,
    });
    assert.equal(repeatedMean([]).mean, null);
    assert.equal(repeatedMeanTest([0.5]), null);
  });

  it('has no interval where all are the same, which an interval without width would call certain', () => {
    const alike = { mean: 0.6, standardDeviation: 0, low: null, high: null };
    assert.deepEqual(repeatedMean([0.6, 0.6]), { ...alike, n: 2 });
    // Their mean as a sum is 0.6 plus rounding, which left a width of 1e-16.
    assert.deepEqual(repeatedMean([0.6, 0.6, 0.6]), { ...alike, n: 3 });
  });

  it('is tested against 0 with both sides', () => {
    // t = 2 / (1 / sqrt(3)) = 3.4641; p = 1 - t / sqrt(2 + t^2) for 2 degrees of freedom.
    near(repeatedMeanTest([1, 2, 3]), 1 - Math.sqrt(12 / 14));
    near(repeatedMeanTest([-1, -2, -3]), 1 - Math.sqrt(12 / 14));
  });

  it('says nothing where repetitions are all alike, unless they are 0', () => {
    assert.equal(repeatedMeanTest([2, 2, 2]), null);
    assert.equal(repeatedMeanTest([0, 0, 0]), 1);
  });
});

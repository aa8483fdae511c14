import assert from 'node:assert/strict';
import {
  minimumDetectableDifference,
  nItemsToDetect,
  pairedShareDeviation,
} from '../../../lib/src/core/statistics/power.js';
import { near } from './near.js';

describe('power of a paired comparison', () => {
  it('needs the number of items that tables give', () => {
    // R: pwr.norm.test(d = 0.5, power = 0.8, alternative = "two.sided"), n = 31.4; by hand (1.959964 + 0.841621)^2 / 0.25.
    assert.equal(nItemsToDetect({ difference: 0.5, standardDeviation: 1 }), 32);
    assert.equal(nItemsToDetect({ difference: -0.5, standardDeviation: 1 }), 32);
    // (2.575829 + 1.281552)^2 * 0.36 / 0.01 = 535.66
    assert.equal(nItemsToDetect({ difference: 0.1, standardDeviation: 0.6, alpha: 0.01, power: 0.9 }), 536);
  });

  it('detects a difference of 2.8 standard errors by default', () => {
    // 1.959964 + 0.841621 = 2.801585; standard error 0.5 / sqrt(400) = 0.025
    near(minimumDetectableDifference({ nItems: 400, standardDeviation: 0.5 }), 2.801585 * 0.025, 1e-7);
    assert.equal(minimumDetectableDifference({ nItems: 0, standardDeviation: 0.5 }), null);
    assert.equal(minimumDetectableDifference({ nItems: 10, standardDeviation: 0 }), 0);
  });

  it('finds what it says with the items it asks for', () => {
    for (const difference of [0.01, 0.03, 0.2]) {
      const nItems = nItemsToDetect({ difference, standardDeviation: 0.7 });
      assert.ok(minimumDetectableDifference({ nItems, standardDeviation: 0.7 })! <= difference);
      assert.ok(minimumDetectableDifference({ nItems: nItems - 1, standardDeviation: 0.7 })! > difference);
    }
  });

  it('knows the spread of the difference of two shares', () => {
    // 15 items +1, 5 items -1, 80 items 0: mean 0.1, mean square 0.2.
    near(pairedShareDeviation(0.2, 0.1), Math.sqrt(0.19), 1e-15);
    assert.equal(pairedShareDeviation(0, 0), 0);
    assert.throws(() => pairedShareDeviation(0.1, -0.2), RangeError);
  });

  it('refuses settings out of range', () => {
    assert.throws(() => nItemsToDetect({ difference: 0, standardDeviation: 1 }), RangeError);
    assert.throws(() => nItemsToDetect({ difference: 1, standardDeviation: -1 }), RangeError);
    assert.throws(() => nItemsToDetect({ difference: 1, standardDeviation: 1, power: 1 }), RangeError);
    assert.throws(() => nItemsToDetect({ difference: 1, standardDeviation: 1, power: 0.01 }), RangeError);
    assert.throws(() => nItemsToDetect({ difference: 1, standardDeviation: 1, alpha: 0 }), RangeError);
    assert.throws(() => minimumDetectableDifference({ nItems: 1.5, standardDeviation: 1 }), RangeError);
  });
});

import assert from 'node:assert/strict';
import { mean, quantile, standardDeviation } from '../../../lib/src/core/statistics/summary.js';
import { near } from './near.js';

describe('summary of a list', () => {
  it('interpolates quantiles as type 7 does', () => {
    // R: quantile(c(1, 2, 3, 4), 0.4) = 2.2
    near(quantile(Float64Array.of(1, 2, 3, 4), 0.4), 2.2, 1e-12);
    assert.equal(quantile(Float64Array.of(1, 2, 3, 4), 0), 1);
    assert.equal(quantile(Float64Array.of(1, 2, 3, 4), 1), 4);
    assert.throws(() => quantile(new Float64Array(), 0.5), RangeError);
  });

  it('knows the mean and standard deviation of nothing', () => {
    assert.equal(mean([]), null);
    assert.equal(standardDeviation([1]), null);
    // R: sd(c(2, 4, 4, 4, 5, 5, 7, 9)) = 2.13809
    near(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), 2.13809, 1e-5);
  });
});

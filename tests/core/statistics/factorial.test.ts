import assert from 'node:assert/strict';
import {
  logBinomialCoefficient,
  logFactorial,
  stirlingError,
} from '../../../lib/src/core/statistics/factorial.js';
import { near } from './near.js';

describe('logarithms of factorials', () => {
  it('equal those of mpmath, within the table and beyond it', () => {
    // mpmath: log(factorial(n))
    assert.equal(logFactorial(0), 0);
    near(logFactorial(20), 42.335616460753485, 1e-13);
    near(logFactorial(171), 711.71472580229, 1e-12);
    near(logFactorial(1_000_000), 12815518.38465817, 1e-8);
  });

  it('count subsets', () => {
    near(Math.exp(logBinomialCoefficient(10, 3)), 120, 1e-10);
    assert.equal(logBinomialCoefficient(128, 128), 0);
  });

  it('differ from Stirling by the same amount on both sides of where the series takes over', () => {
    // By the recurrence log(n!) = log((n - 1)!) + log(n): error(n - 1) - error(n) = (n - 1/2) log(n / (n - 1)) - 1.
    for (const n of [2, 10, 16, 17, 100]) {
      near(stirlingError(n - 1) - stirlingError(n), (n - 0.5) * Math.log(n / (n - 1)) - 1, 2e-14);
    }
  });
});

import assert from 'node:assert/strict';
import { deriveRandom } from '../../../lib/src/core/random.js';
import { logBinomialProbability, sampleBinomial } from '../../../lib/src/core/statistics/binomial.js';
import { near } from './near.js';

describe('binomial probability', () => {
  it('equals that of mpmath, for few and for many trials', () => {
    // mpmath, 40 digits: log(binomial(n, k)) + k log(p) + (n - k) log(1 - p)
    near(logBinomialProbability(3, 10, 0.5), -2.1439800628174073, 1e-14);
    near(logBinomialProbability(20, 50, 0.25), -4.872435253761857, 1e-14);
    near(logBinomialProbability(5_000_123, 10_000_000, 0.5), -8.287865002821613, 1e-13);
    near(logBinomialProbability(10, 10_000_000, 0.5), -6931325.729060017, 1e-8);
    near(logBinomialProbability(999, 1000, 0.9990234375), -0.9997791347961023, 1e-13);
  });

  it('is certain at the edges', () => {
    assert.equal(logBinomialProbability(0, 5, 0), 0);
    assert.equal(logBinomialProbability(1, 5, 0), -Infinity);
    assert.equal(logBinomialProbability(5, 5, 1), 0);
    assert.equal(logBinomialProbability(4, 5, 1), -Infinity);
    near(logBinomialProbability(0, 0, 0.5), 0, 0);
    near(Math.exp(logBinomialProbability(2, 2, 0.5)), 0.25, 1e-16);
  });
});

describe('binomial sampling', () => {
  // The second to fifth go by rejection, the others by inversion.
  for (const { n, p } of [
    { n: 5, p: 0.3 },
    { n: 25, p: 0.5 },
    { n: 60, p: 0.2 },
    { n: 60, p: 0.8 },
    { n: 1000, p: 0.011 },
    { n: 300, p: 0.03 },
    { n: 12, p: 0.9 },
  ]) {
    it(`draws every number as often as its probability says for n = ${n}, p = ${p}`, () => {
      const nDraws = 60_000;
      const random = deriveRandom('binomial', n, p);
      const observed = new Float64Array(n + 1);
      for (let i = 0; i < nDraws; i++) {
        const k = sampleBinomial(random, n, p);
        observed[k] = observed[k]! + 1;
      }
      let chiSquare = 0;
      let nCells = 0;
      let rest = { observed: 0, expected: 0 };
      for (let k = 0; k <= n; k++) {
        const expected = nDraws * Math.exp(logBinomialProbability(k, n, p));
        const cell = { observed: observed[k]! + rest.observed, expected: expected + rest.expected };
        // Cells with few expected draws are joined to the next, as the chi-square approximation wants.
        if (cell.expected < 10) {
          rest = cell;
          continue;
        }
        rest = { observed: 0, expected: 0 };
        chiSquare += (cell.observed - cell.expected) ** 2 / cell.expected;
        nCells++;
      }
      // The chi-square distribution has mean f and variance 2 f; its tail beyond 4 deviations is below 0.001.
      const freedom = nCells - 1;
      assert.ok(chiSquare < freedom + 4 * Math.sqrt(2 * freedom), `${chiSquare} at ${freedom}`);
    });
  }

  it('has the mean and variance of the distribution for many trials', () => {
    for (const { n, p } of [
      { n: 10_000_000, p: 0.5 },
      { n: 10_000_000, p: 0.0001 },
      { n: 1_000_000, p: 0.93 },
    ]) {
      const nDraws = 40_000;
      const random = deriveRandom('large', n, p);
      const variance = n * p * (1 - p);
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < nDraws; i++) {
        const score = (sampleBinomial(random, n, p) - n * p) / Math.sqrt(variance);
        sum += score;
        squares += score * score;
      }
      // Standard errors of the mean and the variance of nDraws standardised, nearly normal numbers.
      near(sum / nDraws, 0, 4 / Math.sqrt(nDraws));
      near(squares / nDraws, 1, 4 * Math.sqrt(2 / nDraws));
    }
  });

  it('needs no random number where there is no choice', () => {
    const random = deriveRandom(1);
    assert.equal(sampleBinomial(random, 0, 0.5), 0);
    assert.equal(sampleBinomial(random, 9, 0), 0);
    assert.equal(sampleBinomial(random, 9, 1), 9);
    assert.equal(random.uint32(), deriveRandom(1).uint32());
  });

  it('refuses what is no number of trials and no chance', () => {
    const random = deriveRandom(1);
    for (const n of [-1, 1.5, NaN]) assert.throws(() => sampleBinomial(random, n, 0.5), RangeError);
    for (const p of [-0.1, 1.1, NaN]) assert.throws(() => sampleBinomial(random, 3, p), RangeError);
  });
});

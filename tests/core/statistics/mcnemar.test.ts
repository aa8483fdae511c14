import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mcnemarTest } from '../../../lib/src/core/statistics/mcnemar.js';
import { near } from './near.js';

describe('McNemar test', () => {
  it('equals published values', () => {
    // Fagerland, Lydersen and Laake 2013, table 1 (1 and 7 discordant pairs): exact 0.0703, mid-p 0.0391.
    // By hand: 2 (1 + 8) / 2^8 = 18 / 256; less 8 / 256.
    const { exact, midP } = mcnemarTest({ onlyFirst: 1, onlySecond: 7 });
    near(exact, 18 / 256, 1e-15);
    near(midP, 10 / 256, 1e-15);
  });

  it('equals SciPy, up to millions of discordant items', () => {
    // binomtest(b, b + c, 0.5).pvalue, and 2 binom.cdf(b, b + c, 0.5) - binom.pmf(b, b + c, 0.5)
    const reference = [
      { onlyFirst: 6, onlySecond: 16, exact: 0.052478790283203125, midP: 0.03468966484069824 },
      { onlyFirst: 59, onlySecond: 121, exact: 4.4344492637551645e-6, midP: 3.2666467957745733e-6 },
      { onlyFirst: 499_000, onlySecond: 501_000, exact: 0.0456082998653896, midP: 0.04550031788737068 },
      { onlyFirst: 1_000_000, onlySecond: 1_003_000, exact: 0.034088365079432, midP: 0.0340287438922856 },
    ];
    for (const { exact, midP, ...counts } of reference) {
      const test = mcnemarTest(counts);
      near(test.exact / exact, 1, 1e-11);
      near(test.midP / midP, 1, 1e-11);
    }
  });

  it('has an exact p of 1 and a mid-p a little below for an even split', () => {
    // Mid-p: 1 - C(14, 7) / 2^14 / 2 = 1 - 3432 / 32768.
    const { exact, midP } = mcnemarTest({ onlyFirst: 7, onlySecond: 7 });
    assert.equal(exact, 1);
    near(midP, 1 - 3432 / 32768, 1e-14);
  });

  it('has nothing against equality without discordant items', () => {
    assert.deepEqual(mcnemarTest({ onlyFirst: 0, onlySecond: 0 }), { exact: 1, midP: 1 });
  });

  it('is never 0, however uneven the split', () => {
    const { exact, midP } = mcnemarTest({ onlyFirst: 0, onlySecond: 1_000_000 });
    assert.equal(exact, Number.MIN_VALUE);
    assert.equal(midP, Number.MIN_VALUE);
  });

  it('is symmetric, and its mid-p is the exact p less the probability of the split', () => {
    const count = fc.integer({ min: 0, max: 30 });
    const law = fc.property(count, count, (onlyFirst, onlySecond) => {
      const { exact, midP } = mcnemarTest({ onlyFirst, onlySecond });
      assert.deepEqual(mcnemarTest({ onlyFirst: onlySecond, onlySecond: onlyFirst }), { exact, midP });
      const n = onlyFirst + onlySecond;
      let ways = 1;
      for (let i = 1; i <= onlyFirst; i++) ways *= (n - i + 1) / i;
      if (n === 0 || onlyFirst === onlySecond) assert.equal(exact, 1);
      else near(exact - midP, ways / 2 ** n, 1e-12);
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });

  it('refuses what is no count', () => {
    assert.throws(() => mcnemarTest({ onlyFirst: -1, onlySecond: 2 }), RangeError);
    assert.throws(() => mcnemarTest({ onlyFirst: 1, onlySecond: 0.5 }), RangeError);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deriveRandom } from '../../../lib/src/core/random.js';
import { mcnemarTest } from '../../../lib/src/core/statistics/mcnemar.js';
import {
  pairedBootstrapInterval,
  signFlipTest,
  signFlipTestResult,
} from '../../../lib/src/core/statistics/paired.js';
import { mean, standardDeviation } from '../../../lib/src/core/statistics/summary.js';
import { TypeCounts } from '../../../lib/src/core/statistics/type-counts.js';
import { near } from './near.js';

/** p over all 2^n sign patterns, one by one. */
function pByAllPatterns(differences: readonly number[]): number {
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  let nAsExtreme = 0;
  for (let pattern = 0; pattern < 2 ** differences.length; pattern++) {
    const sum = differences.reduce((total, d, i) => total + (pattern & (1 << i) ? d : -d), 0);
    if (Math.abs(sum) >= observed - 1e-9) nAsExtreme++;
  }
  return nAsExtreme / 2 ** differences.length;
}

describe('sign-flip test', () => {
  it('is exact where all sign patterns can be gone through', () => {
    // Differences 1, 1, 1, 1, 1: 2 of 2^5 = 32 sign patterns are as extreme, p = 1/16.
    const result = signFlipTestResult([1, 1, 1, 1, 1], { random: deriveRandom(1) });
    assert.equal(result?.exact, true);
    near(result.pValue, 1 / 16, 1e-15);
  });

  it('equals the count over all patterns', () => {
    const differences = fc.array(fc.constantFrom(-1, -0.5, 0, 0.1, 0.2, 0.3, 0.5, 1), {
      minLength: 1,
      maxLength: 10,
    });
    const law = fc.property(differences, (list) => {
      near(signFlipTest(list, { random: deriveRandom(1) }), pByAllPatterns(list), 1e-12);
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });

  it('equals the exact McNemar test for differences of 1', () => {
    const differences = [...Array<number>(59).fill(-1), ...Array<number>(121).fill(1), 0, 0, 0];
    const { exact, midP } = mcnemarTest({ onlyFirst: 59, onlySecond: 121 });
    const result = signFlipTestResult(differences, { random: deriveRandom(1) })!;
    near(result.pValue / exact, 1, 1e-12);
    near(result.midP / midP, 1, 1e-12);
  });

  it('counts half of what was observed in its mid-p, by Monte Carlo too', () => {
    // Sums of clusters: 3, 2 and 1 of one sign have p = 2/8, all of which is the probability of what was observed.
    near(signFlipTestResult([3, 2, 1], { random: deriveRandom(1) })!.midP, 1 / 8, 1e-12);
    // Where nothing differs it is 1, as McNemar's.
    assert.equal(signFlipTestResult([0, 0], { random: deriveRandom(1) })?.midP, 1);
    // 20 clusters of distinct sums, observed at the most extreme: p = 2 / 2^20 and half of that, both below what 999 patterns can show.
    const distinct = Array.from({ length: 20 }, (_, i) => 1 + i / 7);
    const result = signFlipTestResult(distinct, { random: deriveRandom(1), nPermutations: 999 });
    assert.deepEqual(result, { pValue: 1 / 1000, midP: 1 / 2000, exact: false });
  });

  it('comes close to the exact p by Monte Carlo, for repeated and for single values', () => {
    // 99 differences of each size: 100^3 outcomes are too many. Their sum is 9 (1 + 2 + 4) = 63.
    const repeated = [1, 2, 4].flatMap((size) =>
      Array.from({ length: 99 }, (_, i) => (i < 54 ? size : -size)),
    );
    const result = signFlipTestResult(repeated, { random: deriveRandom('repeated'), nPermutations: 40_000 });
    assert.equal(result?.exact, false);
    // P(|S| >= 63) = 0.174129, by convolution of the three binomials in NumPy; standard error sqrt(p (1 - p) / 40000) = 0.0019.
    near(result.pValue, 0.174129, 0.0076);
    // 16 distinct values: 2^16 outcomes are too many for the exact test, but not for this one.
    const single = Array.from({ length: 16 }, (_, i) => (i % 4 === 3 ? -1 : 1) * Math.sqrt(i + 1));
    const p = signFlipTest(single, { random: deriveRandom('single'), nPermutations: 40_000 });
    near(p, pByAllPatterns(single), 4 * Math.sqrt(0.25 / 40_000));
  });

  it('is never 0: at least 1 / (permutations + 1) by Monte Carlo', () => {
    const single = Array.from({ length: 200 }, (_, i) => 1 + i / 1000);
    assert.equal(signFlipTest(single, { random: deriveRandom(1), nPermutations: 99 }), 0.01);
    // 2^-1999 is below the smallest number there is.
    assert.equal(signFlipTest(Array<number>(2000).fill(1), { random: deriveRandom(1) }), Number.MIN_VALUE);
  });

  it('is the same for differences a million times smaller', () => {
    const differences = [0.5, 1, 1, -0.5, 1, 0.5];
    near(
      signFlipTest(
        differences.map((difference) => difference * 1e-12),
        { random: deriveRandom(1) },
      ),
      pByAllPatterns(differences),
      1e-12,
    );
  });

  it('takes counts, and millions of them', () => {
    const counts = new TypeCounts();
    counts.add(1, 1, 501_000);
    counts.add(-1, 1, 500_000);
    counts.add(0, 1, 3_000_000);
    // Sum 1000, standard deviation sqrt(1001000); p about 2 (1 - Phi(999 / 1000.5)) = 0.318.
    near(signFlipTest(counts, { random: deriveRandom('counts') }), 0.318, 0.027);
  });

  it('finds nothing where nothing differs, and has no p for no items', () => {
    assert.equal(signFlipTest([0, 0, 0], { random: deriveRandom(1) }), 1);
    assert.equal(signFlipTest([], { random: deriveRandom(1) }), null);
    assert.equal(signFlipTest(new TypeCounts(), { random: deriveRandom(1) }), null);
  });

  it('refuses items of more than one value, and no permutations', () => {
    const counts = new TypeCounts();
    counts.add(1, 2);
    assert.throws(() => signFlipTest(counts, { random: deriveRandom(1) }), /one value per item/);
    assert.throws(() => signFlipTest([1], { random: deriveRandom(1), nPermutations: 0 }), RangeError);
  });
});

describe('paired bootstrap interval', () => {
  it('is close to the normal one for many items', () => {
    const random = deriveRandom('differences');
    const differences = Array.from({ length: 2000 }, () => 0.2 + random.normal());
    const { low, high } = pairedBootstrapInterval(differences, { random: deriveRandom('resamples') });
    const centre = mean(differences)!;
    const margin = 1.96 * (standardDeviation(differences)! / Math.sqrt(2000));
    near(low, centre - margin, 0.006);
    near(high, centre + margin, 0.006);
  });

  it('is the same for the same stream, whatever the order of items, and nulls for no items', () => {
    const once = pairedBootstrapInterval([0, 1, 0.5], { random: deriveRandom(7) });
    assert.deepEqual(pairedBootstrapInterval([0, 1, 0.5], { random: deriveRandom(7) }), once);
    assert.deepEqual(pairedBootstrapInterval([1, 0.5, 0], { random: deriveRandom(7) }), once);
    assert.deepEqual(pairedBootstrapInterval([], { random: deriveRandom(7) }), { low: null, high: null });
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cohensKappa, fleissKappa, krippendorffAlpha } from '../../../lib/src/core/statistics/agreement.js';
import { near } from './near.js';

/** The two lists of labels behind a table of counts; labels are 1, 2, ... */
function listsOf(table: readonly (readonly number[])[]): [number[], number[]] {
  const pairs = table.flatMap((row, i) =>
    row.flatMap((times, j) => Array.from({ length: times }, () => [i + 1, j + 1] as const)),
  );
  return [pairs.map(([first]) => first), pairs.map(([, second]) => second)];
}

describe("Cohen's kappa", () => {
  it('equals published values', () => {
    // A. Agresti 2002, Categorical Data Analysis, 10.5: two pathologists, 118 slides; kappa 0.493, quadratic weights 0.78.
    const [first, second] = listsOf([
      [22, 2, 2, 0],
      [5, 7, 14, 0],
      [0, 2, 36, 0],
      [0, 1, 17, 10],
    ]);
    near(cohensKappa(first, second), 0.493, 0.0005);
    near(cohensKappa(first, second, { weights: 'quadratic' }), 0.78, 0.005);
  });

  it('equals vcd of R with linear weights', () => {
    // R: vcd::Kappa(SexualFun): unweighted 0.1293, weighted 0.2374
    const [first, second] = listsOf([
      [7, 7, 2, 3],
      [2, 8, 3, 7],
      [1, 5, 4, 9],
      [2, 8, 9, 14],
    ]);
    near(cohensKappa(first, second), 0.1293, 5e-5);
    near(cohensKappa(first, second, { weights: 'linear' }), 0.2374, 5e-5);
  });

  it('is 1 for perfect agreement and negative for perfect disagreement', () => {
    assert.equal(cohensKappa(['A', 'B', 'tie'], ['A', 'B', 'tie']), 1);
    // Observed agreement 0, by chance 1/2: (0 - 1/2) / (1 - 1/2).
    assert.equal(cohensKappa(['A', 'B'], ['B', 'A']), -1);
  });

  it('has no value where chance alone agrees, and for no items', () => {
    assert.equal(cohensKappa(['A', 'A'], ['A', 'A']), null);
    assert.equal(cohensKappa([], []), null);
    assert.throws(() => cohensKappa(['A'], []), RangeError);
  });

  it('is symmetric', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })));
    const weighting = fc.constantFrom('none' as const, 'linear' as const, 'quadratic' as const);
    const law = fc.property(pairs, weighting, (list, weights) => {
      const [first, second] = [list.map(([a]) => a), list.map(([, b]) => b)];
      const there = cohensKappa(first, second, { weights });
      const back = cohensKappa(second, first, { weights });
      if (there === null) assert.equal(back, null);
      else near(back, there, 1e-12);
      if (there !== null) assert.ok(there <= 1);
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });

  it('is the same whatever the weights when there are two labels', () => {
    const first = [0, 0, 1, 1, 1, 0];
    const second = [0, 1, 1, 1, 0, 0];
    // Agreement 4/6, by chance 1/2: kappa 1/3.
    for (const weights of ['none', 'linear', 'quadratic'] as const) {
      near(cohensKappa(first, second, { weights }), 1 / 3, 1e-12);
    }
  });
});

describe("Fleiss' kappa", () => {
  it('equals a published value', () => {
    // 10 subjects, 14 raters, 5 categories, kappa 0.210: https://en.wikipedia.org/wiki/Fleiss%27_kappa, worked example.
    const kappa = fleissKappa([
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ]);
    near(kappa, 0.21, 0.0005);
  });

  it('is 1 for perfect agreement and -1 when two raters never agree', () => {
    const perfect = [
      [3, 0],
      [0, 3],
    ];
    assert.equal(fleissKappa(perfect), 1);
    // Observed 0, by chance 1/2.
    assert.equal(fleissKappa([[1, 1]]), -1);
  });

  it('has no value where chance alone agrees, for no subjects, and for one rater', () => {
    const alike = [
      [3, 0],
      [3, 0],
    ];
    assert.equal(fleissKappa(alike), null);
    assert.equal(fleissKappa([]), null);
    assert.equal(fleissKappa([[1, 0]]), null);
  });

  it('refuses subjects with unequal numbers of raters', () => {
    const uneven = [
      [2, 1],
      [2, 0],
    ];
    assert.throws(() => fleissKappa(uneven), /3 raters per subject, received 2 and 2/);
  });
});

describe("Krippendorff's alpha", () => {
  // Krippendorff 2011, part C: four observers, twelve units, missing values.
  const units = [
    [1, 1, null, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [null, 5, 5, 5],
    [null, null, 1, 1],
    [null, null, 3, null],
  ];

  it('equals published values', () => {
    near(krippendorffAlpha(units), 0.743, 0.0005);
    near(krippendorffAlpha(units, { metric: 'ordinal' }), 0.815, 0.0005);
    near(krippendorffAlpha(units, { metric: 'interval' }), 0.849, 0.0005);
  });

  it('equals the published value of two observers and no missing values', () => {
    // Krippendorff 2011, part B: twelve articles, five categories, alpha 0.692.
    const first = ['a', 'a', 'b', 'b', 'd', 'c', 'c', 'c', 'e', 'd', 'd', 'a'];
    const second = ['b', 'a', 'b', 'b', 'b', 'c', 'c', 'c', 'e', 'd', 'd', 'd'];
    near(krippendorffAlpha(first.map((value, i) => [value, second[i]!])), 0.692, 0.0005);
  });

  it('depends on the order of values but not on their spacing when ordinal', () => {
    const spread = units.map((unit) => unit.map((value) => (value === null ? null : value ** 3)));
    near(
      krippendorffAlpha(spread, { metric: 'ordinal' }),
      krippendorffAlpha(units, { metric: 'ordinal' })!,
      1e-12,
    );
  });

  it('is the same in any order of raters and units', () => {
    const value = fc.option(fc.integer({ min: 1, max: 4 }), { freq: 4 });
    const metrics = fc.constantFrom('nominal' as const, 'ordinal' as const, 'interval' as const);
    const rows = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { maxLength: 8 });
    const law = fc.property(rows, metrics, (table, metric) => {
      const alpha = krippendorffAlpha(table, { metric });
      const turned = [...table].reverse().map((unit) => [...unit].reverse());
      if (alpha === null) assert.equal(krippendorffAlpha(turned, { metric }), null);
      else near(krippendorffAlpha(turned, { metric }), alpha, 1e-12);
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });

  it('has no value where nothing can be paired, or all values are alike', () => {
    assert.equal(krippendorffAlpha([]), null);
    assert.equal(krippendorffAlpha([[1, null], [null]]), null);
    // 3 * 0.1 / 3 is not quite 0.1: alike is alike all the same.
    const alike = [[0.1, 0.1, 0.1], [null]];
    for (const metric of ['nominal', 'ordinal', 'interval'] as const) {
      assert.equal(krippendorffAlpha(alike, { metric }), null);
    }
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { holm } from '../../../lib/src/core/statistics/holm.js';
import { near } from './near.js';

describe('Holm correction', () => {
  it('equals p.adjust of R', () => {
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") = 0.03 0.06 0.06 0.02; by hand: 0.005 * 4, 0.01 * 3, 0.03 * 2,
    // and 0.04 * 1 held at the 0.06 before it.
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((expected, i) => near(adjusted[i]!, expected, 1e-15));
  });

  it('keeps tests that were not made apart and does not count them', () => {
    assert.deepEqual(holm([null, 0.02, null]), [null, 0.02, null]);
    assert.deepEqual(holm([0.5, null, 0.75]), [1, null, 1]);
    assert.deepEqual(holm([]), []);
  });

  it('never lowers a p, keeps their order, and stays within 1', () => {
    const law = fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (ps) => {
      const adjusted = holm(ps);
      ps.forEach((p, i) => {
        assert.ok(adjusted[i]! >= p && adjusted[i]! <= Math.min(1, ps.length * p));
        ps.forEach((other, j) => assert.ok(p > other || adjusted[i]! <= adjusted[j]!));
      });
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });

  it('refuses what is no p', () => {
    assert.throws(() => holm([0.1, 1.1]), /1\.1/);
    assert.throws(() => holm([NaN]), RangeError);
  });
});

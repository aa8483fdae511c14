import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalCdf, normalQuantile } from '../../../lib/src/core/statistics/normal.js';
import { near } from './near.js';

describe('standard normal distribution', () => {
  it('has the probabilities of mpmath, far into the tail', () => {
    // mpmath: ncdf(z), 18 digits
    const reference = [
      [-10, 7.619853024160525e-24],
      [-5, 2.866515718791939e-7],
      [-2.6, 0.004661188023718749],
      [-2.4, 0.008197535924596131],
      [-1, 0.15865525393145705],
      [0, 0.5],
      [0.5, 0.6914624612740131],
      [1.96, 0.9750021048517795],
      [3, 0.9986501019683699],
    ] as const;
    for (const [z, p] of reference) near(normalCdf(z) / p, 1, 1e-13);
    assert.equal(normalCdf(-Infinity), 0);
    assert.equal(normalCdf(Infinity), 1);
  });

  it('has the quantiles of mpmath', () => {
    // mpmath: the root of ncdf(z) = p, where p is the double next to what is written; 0.25, 0.001 and 1e-20 are the checks that Wichura gives.
    const reference = [
      [1e-300, -37.0470962993612],
      [1e-20, -9.262340089798407],
      [0.001, -3.0902323061678136],
      [0.06, -1.5547735945968535],
      [0.25, -0.6744897501960817],
      [0.5, 0],
      [0.8, 0.8416212335729142],
      [0.975, 1.9599639845400543],
      [0.999999, 4.753424308817087],
    ] as const;
    for (const [p, z] of reference) near(normalQuantile(p), z, 1e-14 * Math.max(1, Math.abs(z)));
    assert.equal(normalQuantile(0), -Infinity);
    assert.equal(normalQuantile(1), Infinity);
    assert.throws(() => normalQuantile(1.5), RangeError);
  });

  it('has quantiles that undo the probabilities', () => {
    const law = fc.property(fc.double({ min: -30, max: 5, noNaN: true }), (z) => {
      const p = normalCdf(z);
      // Near p = 1 a double cannot tell neighbouring z apart: its spacing over the density there.
      const blur = (2 ** -53 / Math.exp((-z * z) / 2)) * Math.sqrt(2 * Math.PI);
      near(normalQuantile(p), z, 1e-12 * (1 + Math.abs(z)) + (z > 0 ? 4 * blur : 0));
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });
});

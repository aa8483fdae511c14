import assert from 'node:assert/strict';
import { pairedAuc } from '../../../lib/src/core/statistics/auc.js';

const alone = (differences: readonly number[]): ReturnType<typeof pairedAuc> =>
  pairedAuc(
    differences,
    differences.map((_, i) => String(i)),
  );

describe('the area under the curve of paired differences', () => {
  it('is the share of couples d > -d’, ties counted half', () => {
    // Of 3 x 3: 1, 2 and -1 against -1, -2 and 1: 1 wins 2 and ties 1, 2 wins 3, -1 wins 1 and ties 1.
    assert.ok(Math.abs(alone([1, 2, -1]).value! - 7 / 9) < 1e-12);
    assert.equal(alone([0, 0]).value, 0.5);
  });

  it('turns over with the sign', () => {
    const differences = [3, 1, -2, 0, 5, 2, -1, 4];
    const [more, less] = [alone(differences), alone(differences.map((d) => -d))];
    assert.ok(Math.abs(more.value! + less.value! - 1) < 1e-12);
    assert.ok(Math.abs(more.low! + less.high! - 1) < 1e-9 && Math.abs(more.high! + less.low! - 1) < 1e-9);
  });

  it('is no surer for pairs of one cluster that say the same again', () => {
    const differences = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? -1 - i : 1 + i));
    const clusters = differences.map((_, i) => String(i));
    const once = pairedAuc(differences, clusters);
    const twice = pairedAuc([...differences, ...differences], [...clusters, ...clusters]);
    assert.ok(Math.abs(twice.low! - once.low!) < 1e-9 && Math.abs(twice.high! - once.high!) < 1e-9);
    const mistaken = alone([...differences, ...differences]);
    assert.ok(mistaken.high! - mistaken.low! < 0.8 * (once.high! - once.low!));
  });

  it('has no interval without spread, for one cluster, and for no pairs', () => {
    assert.deepEqual(alone([]), { value: null, low: null, high: null });
    for (const differences of [[1, 1, 1], [0, 0], [2]])
      assert.deepEqual([alone(differences).low, alone(differences).high], [null, null]);
    assert.equal(pairedAuc([1, -2], ['a', 'a']).low, null);
    assert.throws(() => alone([NaN]), RangeError);
  });
});

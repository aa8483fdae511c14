import assert from 'node:assert/strict';
import { deriveRandom } from '../../../lib/src/core/random.js';
import { normalCdf } from '../../../lib/src/core/statistics/normal.js';
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

  it('has intervals that hold the truth in about 95 of 100 cases, with few clusters that differ too', () => {
    const random = deriveRandom('coverage of the AUC');
    const [nClusters, perCluster, mean, spread] = [20, 5, 0.5, 0.7];
    // The sum of two differences of other clusters is normal with the mean 1 and the variance 2 (1 + 0.49).
    const truth = normalCdf((2 * mean) / Math.sqrt(2 * (1 + spread * spread)));
    let nHit = 0;
    for (let trial = 0; trial < 500; trial++) {
      const [differences, clusters]: [number[], string[]] = [[], []];
      for (let c = 0; c < nClusters; c++) {
        const ofCluster = mean + spread * random.normal();
        for (let i = 0; i < perCluster; i++) {
          differences.push(ofCluster + random.normal());
          clusters.push(String(c));
        }
      }
      const { low, high } = pairedAuc(differences, clusters);
      if (low! <= truth && truth <= high!) nHit++;
    }
    assert.ok(nHit >= 465 && nHit <= 490, String(nHit));
  });

  it('has no interval without spread, for one cluster, and for no pairs', () => {
    assert.deepEqual(alone([]), { value: null, low: null, high: null });
    for (const differences of [[1, 1, 1], [0, 0], [2]])
      assert.deepEqual([alone(differences).low, alone(differences).high], [null, null]);
    assert.equal(pairedAuc([1, -2], ['a', 'a']).low, null);
    assert.throws(() => alone([NaN]), RangeError);
  });
});

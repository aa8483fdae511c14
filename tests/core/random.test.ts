import assert from 'node:assert/strict';
import { deriveRandom, deriveSeed, Random } from '../../lib/src/core/random.js';

describe('random streams', () => {
  it('give the same numbers for the same labels and others for other labels', () => {
    const first = Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.uint32()
      )(deriveRandom(1, 'judge', 'pair-1')),
    );
    const again = Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.uint32()
      )(deriveRandom(1, 'judge', 'pair-1')),
    );
    const other = Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.uint32()
      )(deriveRandom(1, 'judge', 'pair-2')),
    );
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
  });

  it('tell labels apart that only join to the same text', () => {
    assert.notEqual(deriveSeed('ab', 'c'), deriveSeed('a', 'bc'));
  });

  it('follow the published sfc32 recurrence', () => {
    const random = new Random([1, 2, 3]);
    const words = sfc32(1, 2, 3);
    for (let i = 0; i < 12; i++) words();
    for (let i = 0; i < 100; i++) assert.equal(random.uint32(), words());
  });

  it('stay within bounds and reach every value', () => {
    const random = deriveRandom('bounds');
    const seen = new Set(Array.from({ length: 200 }, () => random.below(5)));
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
  });

  it('have mean 0 and variance 1 as normal numbers, within 5 standard errors', () => {
    const random = deriveRandom('normal');
    const n = 20_000;
    const values = Array.from({ length: n }, () => random.normal());
    const mean = values.reduce((a, b) => a + b) / n;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    assert.ok(Math.abs(mean) < 5 / Math.sqrt(n));
    assert.ok(Math.abs(variance - 1) < 5 * Math.sqrt(2 / n));
  });

  it('shuffle without losing or repeating anything', () => {
    const shuffled = deriveRandom('shuffle').shuffled([1, 2, 3, 4, 5, 6, 7, 8]);
    assert.notDeepEqual(shuffled, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual([...shuffled].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('refuse to pick from nothing', () => {
    assert.throws(() => deriveRandom('pick').pick([]), /at least one item/);
  });
});

/** sfc32 as PractRand has it, written over BigInt so that it shares no arithmetic with the code under test. */
function sfc32(a0: number, b0: number, c0: number): () => number {
  const mask = 0xffffffffn;
  let [a, b, c, counter] = [BigInt(a0), BigInt(b0), BigInt(c0), 1n];
  return () => {
    const output = (a + b + counter) & mask;
    counter = (counter + 1n) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = ((((c << 21n) | (c >> 11n)) & mask) + output) & mask;
    return Number(output);
  };
}

import assert from 'node:assert/strict';
import { TypeCounts } from '../../../lib/src/core/statistics/type-counts.js';

describe('items by type', () => {
  it('counts items of the same sum and size together, most frequent first', () => {
    const counts = new TypeCounts();
    counts.add(1, 2);
    counts.add(0.5, 1, 3);
    counts.add(1, 2);
    counts.add(1, 1);
    assert.deepEqual(counts.types(), [
      { sum: 0.5, size: 1, times: 3 },
      { sum: 1, size: 2, times: 2 },
      { sum: 1, size: 1, times: 1 },
    ]);
    assert.equal(counts.nItems, 6);
    assert.equal(counts.nTypes, 3);
    // (3 * 1/2 + 2 * 1 + 1) / (3 + 2 * 2 + 1)
    assert.equal(counts.ratio(), 4.5 / 8);
  });

  it('gives the same types for the same items in another order', () => {
    const [there, back] = [new TypeCounts(), new TypeCounts()];
    const items = [
      [2, 2],
      [1, 2],
      [0, 2],
      [0, 1],
    ] as const;
    for (const [sum, size] of items) there.add(sum, size);
    for (const [sum, size] of [...items].reverse()) back.add(sum, size);
    assert.deepEqual(there.types(), back.types());
  });

  it('passes over items without scores, and counts them', () => {
    const counts = new TypeCounts();
    counts.add(0, 0, 4);
    assert.equal(counts.nEmpty, 4);
    assert.equal(counts.nItems, 0);
    assert.deepEqual(counts.types(), []);
    assert.equal(counts.ratio(), null);
  });

  it('refuses what is no item', () => {
    const counts = new TypeCounts();
    assert.throws(() => counts.add(NaN), RangeError);
    assert.throws(() => counts.add(1, -1), RangeError);
    assert.throws(() => counts.add(1, 1, 0.5), RangeError);
  });
});

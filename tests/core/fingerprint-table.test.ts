import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { FingerprintTable } from '../../lib/src/core/fingerprint-table.js';

describe('a table of fingerprints', () => {
  it('numbers them as they come, and finds each again and no other', () => {
    const table = new FingerprintTable();
    const random = deriveRandom('fingerprints');
    // Few different low halves, so that places are taken and halves agree.
    const added = Array.from({ length: 3000 }, (_, i): [number, number] => [random.uint32() % 1000, i]);
    added.forEach(([low, high], i) => assert.equal(table.add(low, high), i));
    assert.equal(table.size, added.length);
    added.forEach(([low, high], i) => {
      assert.equal(table.find(low, high), i);
      assert.equal(table.add(low, high), i);
      assert.equal(table.find(low, high + added.length), -1);
    });
    assert.equal(table.size, added.length);
    assert.equal(table.find(0xffffffff, 0xffffffff), -1);
    assert.equal(table.add(0xffffffff, 0xffffffff), added.length);
    assert.equal(table.find(0xffffffff, 0xffffffff), added.length);
  });
});

import assert from 'node:assert/strict';
import { sha256 } from '../../lib/src/core/hash.js';
import { KeyIndex } from '../../lib/src/core/key-index.js';

const N = 5000;

describe('the index of keys', () => {
  for (const [what, key] of [
    ['hashes', (i: number) => sha256(String(i))],
    ['hashes that differ in their last digits only', (i: number) => i.toString(16).padStart(64, '0')],
    ['hashes that differ in their first digits only', (i: number) => i.toString(16).padEnd(64, 'f')],
    ['any text', (i: number) => `key ${i} \u2028`],
  ] as const) {
    it(`finds the line of each of many keys that are ${what}, and of no other`, () => {
      const index = new KeyIndex();
      for (let i = 0; i < N; i++) index.set(key(i), 2 * i);
      // padEnd: 'f' and 'ff' are one key.
      const names = new Set(Array.from({ length: N }, (_, i) => key(i)));
      assert.equal(index.nEntries, names.size);
      const last = new Map(Array.from({ length: N }, (_, i) => [key(i), 2 * i]));
      for (const [name, line] of last) assert.equal(index.find(name), line);
      for (let i = N; i < N + 100; i++) assert.equal(index.find(key(i)), last.get(key(i)) ?? -1);
    });
  }

  it('keeps a hash in capital letters apart from the same in small ones', () => {
    const index = new KeyIndex();
    index.set(sha256('x'), 1);
    index.set(sha256('x').toUpperCase(), 2);
    assert.deepEqual([index.find(sha256('x')), index.find(sha256('x').toUpperCase())], [1, 2]);
  });

  it('has the later line of a key that comes again', () => {
    const index = new KeyIndex();
    index.set('key', 1);
    index.set('key', 7);
    assert.equal(index.find('key'), 7);
    assert.equal(index.nEntries, 1);
  });

  it('gives fingerprints out and takes them in again', () => {
    const index = new KeyIndex();
    for (let i = 0; i < 100; i++) index.set(`key ${i}`, i);
    const words = new Uint32Array(4 * 100);
    for (let i = 0; i < 100; i++) index.copyFingerprint(i, words, 4 * i);
    const again = new KeyIndex();
    again.reserve(100);
    for (let i = 0; i < 100; i++) again.setFingerprint(words, 4 * i, index.lineOfEntry(i));
    for (let i = 0; i < 100; i++) assert.equal(again.find(`key ${i}`), i);
  });
});

import assert from 'node:assert/strict';
import { prose, wrapped } from '../../lib/src/core/prose.js';

describe('prose', () => {
  it('breaks a sentence at spaces, and indents what follows its first line', () => {
    assert.equal(prose(['  one two three four', 'short'], 14), '  one two\n    three four\nshort');
  });

  it('keeps what fits as it is, and cuts a word that is longer than a line', () => {
    assert.equal(prose(['a  b'], 4), 'a  b');
    assert.deepEqual(wrapped('abcdefgh ij', 4), ['abcd', 'efgh', 'ij']);
  });
});

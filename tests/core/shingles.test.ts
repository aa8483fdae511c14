import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hashOfAll, hashShingles, hashWords, type HashSequence } from '../../lib/src/core/shingles.js';

function namesOf({ length, low, high }: HashSequence): string[] {
  return Array.from({ length }, (_, i) => `${low[i] ?? ''}-${high[i] ?? ''}`);
}
const words = (text: string): string[] => namesOf(hashWords(text));
const shingles = (text: string, nWords: number): string[] => namesOf(hashShingles(hashWords(text), nWords));

describe('the words of a text', () => {
  it('are the same in any case, form and punctuation', () => {
    assert.deepEqual(words('The  ﬁrst “Café”, twice!'), words('the first cafe\u0301 (twice)'));
    assert.equal(words('the first cafe twice').length, 4);
  });

  it('are told apart by a single letter, and by their order', () => {
    assert.notDeepEqual(words('one two'), words('one too'));
    assert.deepEqual(words('one two').reverse(), words('two one'));
  });

  it('are characters where a script writes no blanks, also beyond 16 bits', () => {
    assert.equal(words('今日は良い').length, 5);
    assert.equal(words('𠀀𠀁').length, 2);
    assert.deepEqual(words('GPT模型'), [...words('gpt'), ...words('模'), ...words('型')]);
  });

  it('are none in a text of symbols, halves of characters included', () => {
    assert.deepEqual(words('+ - * 🙂 \ud83d'), []);
    assert.deepEqual(words(''), []);
  });

  it('do not collide among a hundred thousand', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const text = Array.from({ length: 1000 }, (_, j) => (1000 * i + j).toString(36)).join(' ');
      for (const name of words(text)) seen.add(name);
    }
    assert.equal(seen.size, 100_000);
  });
});

describe('shingles', () => {
  it('are as many as there are starts of a run of that length', () => {
    assert.equal(shingles('a b c d', 3).length, 2);
    assert.equal(shingles('a b c', 3).length, 1);
    assert.deepEqual(shingles('a b', 3), []);
  });

  it('are the same for the same run of words, wherever it stands', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd');
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        (list, n) => {
          const names = shingles(list.join(' '), n);
          const runs = names.map((_, start) => list.slice(start, start + n).join(' '));
          // One name for one run: as many different names as runs, and as many as there are couples of both.
          const couples = new Set(names.map((name, i) => `${name} ${runs[i] ?? ''}`));
          assert.equal(new Set(names).size, new Set(runs).size);
          assert.equal(couples.size, new Set(runs).size);
        },
      ),
    );
  });

  it('of a whole text are one hash that no part of it has', () => {
    const texts = ['a b c', 'a b', 'b c', 'a', '', 'c b a', 'a a', 'a a a'];
    const hashes = texts.map((text) => Object.values(hashOfAll(hashWords(text))).join());
    assert.equal(new Set(hashes).size, texts.length);
    assert.deepEqual(hashOfAll(hashWords('A, b')), hashOfAll(hashWords('a b')));
  });
});

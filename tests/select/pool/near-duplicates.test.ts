import assert from 'node:assert/strict';
import { deriveRandom } from '../../../lib/src/core/random.js';
import { NearDuplicates } from '../../../lib/src/select/index.js';
import { shingleSet } from '../../../lib/src/select/pool/shingle-set.js';
import { detailsOf, dropsOf, jsonl, readFrom, textsOf } from './pool-file.js';

/** Jaccard similarity of the sets of word sequences, from the texts themselves. */
function jaccard(a: string, b: string, nWords: number): number {
  const shingles = (text: string): Set<string> => {
    const words = text.split(' ');
    return new Set(
      words.map((_, i) => words.slice(i, i + nWords).join(' ')).slice(0, words.length - nWords + 1),
    );
  };
  const [one, other] = [shingles(a), shingles(b)];
  const nShared = [...one].filter((shingle) => other.has(shingle)).length;
  return nShared / (one.size + other.size - nShared);
}

const random = deriveRandom('near-duplicate texts', 1);
const wordsOf = (n: number): string[] => Array.from({ length: n }, () => `w${random.below(5000)}`);

describe('near duplicates', () => {
  it('are found with the exact similarity of short texts, and the first one is kept', () => {
    const texts = [
      'write a short poem about the sea in winter at night for my best friend',
      'explain why the sky is blue to a child of five years in two sentences',
      'write a short poem about the sea in winter at night for my old best friend',
    ];
    // 13 sequences of three words and 14, of which 11 are the same.
    assert.equal(jaccard(texts[0]!, texts[2]!, 3), 11 / 16);
    for (const threshold of [11 / 16, 0.5]) {
      const index = new NearDuplicates({ threshold, shingleWords: 3, seed: 1 });
      assert.deepEqual(
        texts.map((text) => index.findOrAdd(text)),
        [null, null, { entry: 0, similarity: 11 / 16 }],
      );
    }
    const stricter = new NearDuplicates({ threshold: 0.7, shingleWords: 3, seed: 1 });
    assert.deepEqual(
      texts.map((text) => stricter.findOrAdd(text)),
      [null, null, null],
    );
  });

  it('do not differ by Unicode form or emoji', () => {
    const index = new NearDuplicates({ threshold: 1, shingleWords: 3, seed: 1 });
    assert.equal(index.findOrAdd('The ﬁrst Café is open now'), null);
    assert.notEqual(index.findOrAdd('🙂 the first cafe\u0301 is open now 🙂'), null);
  });

  it('do not differ by case, punctuation or white space', () => {
    const index = new NearDuplicates({ threshold: 1, shingleWords: 3, seed: 1 });
    assert.equal(index.findOrAdd('What is the capital of France?'), null);
    assert.deepEqual(index.findOrAdd('  what is the CAPITAL\nof "France"!'), { entry: 0, similarity: 1 });
  });

  it('are found among texts of any length, and what is less alike is let through', () => {
    for (const nWords of [12, 60, 400]) {
      const index = new NearDuplicates({ threshold: 0.8, shingleWords: 3, seed: 2 });
      let nFound = 0;
      let nWrong = 0;
      for (let i = 0; i < 300; i++) {
        const words = wordsOf(nWords);
        assert.equal(index.findOrAdd(words.join(' ')), null);
        // One word put before the text: all sequences but one stay.
        const alike = ['please', ...words].join(' ');
        if (index.findOrAdd(alike) !== null) nFound++;
        // Half of the text.
        const less = [...words.slice(0, nWords / 2), ...wordsOf(nWords / 2)].join(' ');
        if (index.findOrAdd(less) !== null) nWrong++;
      }
      assert.equal(nFound, 300, `of ${nWords} words`);
      assert.equal(nWrong, 0, `of ${nWords} words`);
    }
  });

  it('are found at the threshold in nearly every case', () => {
    const index = new NearDuplicates({ threshold: 0.8, shingleWords: 1, seed: 3 });
    let nFound = 0;
    for (let i = 0; i < 500; i++) {
      const words = Array.from({ length: 18 }, (_, j) => `t${i}x${j}`);
      index.findOrAdd(words.join(' '));
      // 16 of 20 words are in both: 0.8.
      if (index.findOrAdd([...words.slice(0, 16), `a${i}`, `b${i}`].join(' ')) !== null) nFound++;
    }
    // 495 are expected: 1 - (1 - 0.8^5)^12 = 0.9915; three standard deviations are 6.
    assert.ok(nFound >= 489, String(nFound));
  });

  it('are told in scripts that write without blanks', () => {
    const index = new NearDuplicates({ threshold: 0.7, shingleWords: 3, seed: 1 });
    assert.equal(index.findOrAdd('请写一首关于冬天的大海的短诗，送给我最好的朋友。'), null);
    assert.notEqual(index.findOrAdd('请写一首关于冬天的大海的短诗，送给我最好的老朋友。'), null);
    assert.equal(index.findOrAdd('为什么天空是蓝色的？请用两句话向五岁的孩子解释。'), null);
  });

  it('are told of texts without words, and of fewer words than a sequence has', () => {
    const index = new NearDuplicates({ threshold: 0.8, shingleWords: 5, seed: 1 });
    assert.deepEqual(
      ['???', '!!!', '???', 'hello there', 'hello you', 'Hello there'].map(
        (text) => index.findOrAdd(text)?.entry,
      ),
      [undefined, undefined, 0, undefined, undefined, 2],
    );
  });

  it('are the same whatever the seed of the hashes, where texts are clearly alike', () => {
    const texts = Array.from({ length: 200 }, () => wordsOf(30).join(' ')).flatMap((text) => [
      text,
      `so ${text}`,
    ]);
    const found = [1, 2].map((seed) => {
      const index = new NearDuplicates({ threshold: 0.8, shingleWords: 3, seed });
      return texts.map((text) => index.findOrAdd(text)?.entry);
    });
    assert.deepEqual(found[0], found[1]);
  });

  it('stay quick where thousands of texts share a beginning', () => {
    const index = new NearDuplicates({ threshold: 0.9, shingleWords: 1, seed: 1 });
    const beginning = Array.from({ length: 40 }, (_, i) => `same${i}`).join(' ');
    for (let i = 0; i < 3000; i++) {
      const own = Array.from({ length: 8 }, (_, j) => `own${i}x${j}`).join(' ');
      assert.equal(index.findOrAdd(`${beginning} ${own}`), null);
    }
  });

  it('drop the later row of a pool and say of which place it is one', async () => {
    const rows = [
      'Write a poem about the sea in winter, at night, for my friend Ann.',
      'WRITE a poem about the  sea in winter, at night, for my friend Ann.',
      'Write a poem about the sea in winter, at night, for my friend Bob.',
      'Explain why the sky is blue.',
    ].map((instruction) => ({ instruction }));
    const read = (filters: object) =>
      readFrom({ 'a.jsonl': jsonl(...rows) }, { files: [{ path: 'a.jsonl' }], filters });
    const outcomes = await read({ nearDuplicates: {} });
    assert.deepEqual(dropsOf(outcomes), [
      ['a.jsonl:2', 'duplicate'],
      ['a.jsonl:3', 'near-duplicate'],
    ]);
    // 12 sequences each, of which the last differs.
    assert.deepEqual(detailsOf(outcomes), ['a.jsonl:1', `a.jsonl:1, similarity ${(11 / 13).toFixed(2)}`]);
    assert.equal(textsOf(await read({})).length, 3);
    assert.equal(textsOf(await read({ duplicates: 'keep' })).length, 4);
  });
});

describe('word shingles', () => {
  it('are the distinct sequences of words', () => {
    // "a b", "b a": the second "a b" adds nothing.
    assert.equal(shingleSet('a b a b', 2).length, 2);
    const hashes = [...shingleSet('one two three', 2)];
    assert.deepEqual([...shingleSet('One, two: THREE', 2)], hashes);
    assert.notDeepEqual([...shingleSet('three two one', 2)], hashes);
    assert.deepEqual(
      [...hashes].sort((a, b) => a - b),
      hashes,
    );
  });

  it('may be many more than there was room for', () => {
    const text = Array.from({ length: 5000 }, (_, i) => `w${i}`).join(' ');
    assert.equal(shingleSet(text, 3).length, 4998);
  });
});

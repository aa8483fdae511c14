import assert from 'node:assert/strict';
import fc from 'fast-check';
import { areNearlyIdentical, isRefusal, type NearIdentical } from '../../lib/src/generate/index.js';

/** Levenshtein's distance in words, by the whole table. */
function distance(a: string[], b: string[]): number {
  let above = [0, ...b.map((_, j) => j + 1)];
  a.forEach((word, i) => {
    const row = [i + 1];
    b.forEach((other, j) => {
      row.push(Math.min(above[j]! + (word === other ? 0 : 1), above[j + 1]! + 1, row[j]! + 1));
    });
    above = row;
  });
  return above.at(-1)!;
}

describe('nearly identical responses', () => {
  const by = (measure: NearIdentical['measure'], threshold: number): NearIdentical => ({
    measure,
    threshold,
  });

  it('by edits are those whose distance in words is small, as the whole table says', () => {
    const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 14 });
    fc.assert(
      fc.property(list, list, fc.integer({ min: 1, max: 20 }), (a, b, twentieths) => {
        const longest = Math.max(a.length, b.length);
        const isNear = 20 * (longest - distance(a, b)) >= twentieths * longest;
        assert.equal(areNearlyIdentical(a.join(' '), b.join(' '), by('edit', twentieths / 20)), isNear);
      }),
      { numRuns: 500 },
    );
  });

  it('do not differ in case and white space, but do in signs', () => {
    assert.ok(areNearlyIdentical('The  answer\nis 4', 'the answer is 4', by('edit', 1)));
    assert.ok(!areNearlyIdentical('3 + 4', '3 - 4', by('edit', 1)));
    assert.ok(!areNearlyIdentical('3 + 4', '3 - 4', by('jaccard', 1)));
    assert.ok(!areNearlyIdentical('答案是四', '答案是五', by('edit', 0.8)));
    assert.ok(areNearlyIdentical('答案是四', '答案是五', by('edit', 0.75)));
  });

  it('by shared runs of three words are those whose Jaccard index is large', () => {
    // abc bcd cde against abc bcd cdf: two of four.
    assert.ok(areNearlyIdentical('a b c d e', 'a b c d f', by('jaccard', 0.5)));
    assert.ok(!areNearlyIdentical('a b c d e', 'a b c d f', by('jaccard', 0.51)));
    assert.ok(!areNearlyIdentical('4', '5', by('jaccard', 0.1)));
  });

  it('take little time where long texts differ', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `word${i}`).join(' ');
    assert.ok(areNearlyIdentical(text, `${text} more`, by('edit', 0.99)));
    assert.ok(!areNearlyIdentical(text, text.replaceAll('word', 'other'), by('edit', 0.99)));
  });
});

describe('refusals', () => {
  const refusals = [
    "I'm sorry, but I can't assist with that.",
    'I’m sorry, but I cannot help with this request.',
    '**I cannot provide** medical advice.',
    'As an AI language model, I am unable to create such content.',
    'Unfortunately, I will not write that.',
    "  Sorry, I won't do that.",
    'I must decline.',
  ];
  for (const text of refusals) it(`are told by how they start: ${text}`, () => assert.ok(isRefusal(text)));

  const answers = [
    "I'm sorry to hear that you lost your keys. Try the lock shop.",
    'I cannot think of a better opening than this: …',
    'I can help with that.',
    'Sure! Many people say "I cannot help with that".',
    'I cannot provided',
    '4',
    '',
  ];
  for (const text of answers)
    it(`are not seen in an answer: ${JSON.stringify(text)}`, () => assert.ok(!isRefusal(text)));

  it('may be told by further openings', () => {
    assert.ok(!isRefusal('Es tut mir leid, das geht nicht.'));
    assert.ok(isRefusal('Es tut mir LEID, das geht nicht.', ['es tut mir leid']));
  });

  it('are looked for in time that is linear in the response', () => {
    assert.ok(!isRefusal(`${'sorry, '.repeat(100_000)}x`));
  });
});

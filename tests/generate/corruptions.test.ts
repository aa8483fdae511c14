import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deriveRandom } from '../../lib/src/core/random.js';
import { corrupt, CORRUPTIONS, type CorruptionName } from '../../lib/src/generate/index.js';

/** All that a rule makes of a text, over some draws. */
function outcomesOf(rule: CorruptionName, text: string, instruction = ''): Set<string | null> {
  const draws = Array.from({ length: 60 }, (_, i) => deriveRandom('corruptions', i));
  return new Set(draws.map((random) => CORRUPTIONS[rule].apply({ text, instruction }, random)));
}

describe('corruptions', () => {
  const cases: [CorruptionName, string, (string | null)[]][] = [
    ['drop-sentence', 'One. Two. Three.', ['Two. Three.', 'One. Three.', 'One. Two. ']],
    ['drop-sentence', 'Only one.', [null]],
    ['swap-sentences', 'One.\nTwo. Three.', ['Two.\nOne. Three.', 'Three.\nTwo. One.', 'One.\nThree. Two.']],
    ['swap-sentences', 'Only one.', [null]],
    ['truncate', 'a b c d e f g h i j', ['a b c', 'a b c d', 'a b c d e', 'a b c d e f', 'a b c d e f g']],
    ['truncate', 'a b c', [null]],
    ['change-number', 'It is 7.', ['It is 6.', 'It is 8.']],
    ['change-number', 'It is 0.', ['It is 1.']],
    ['change-number', 'none', [null]],
    ['change-digit', '4', ['0', '1', '2', '3', '5', '6', '7', '8', '9']],
    ['change-digit', 'four', [null]],
    ['negate', 'It is so.', ['It is not so.']],
    ['negate', 'It is not so.', ['It is so.']],
    ['negate', 'You cannot.', ['You can.']],
    ['negate', 'Yes, all.', ['No, all.']],
    ['negate', 'TRUE', ['False']],
    ['negate', "It isn't there, there's no way.", [null]],
    ['swap-words', 'ann bob', ['bob ann']],
    ['swap-words', 'ann', [null]],
    ['swap-words', 'ann ann', [null]],
    ['change-number', '0.5', ['0.0', '0.1', '0.2', '0.3', '0.4', '0.6', '0.7', '0.8', '0.9']],
  ];
  for (const [rule, text, expected] of cases) {
    it(`by ${rule} make of ${JSON.stringify(text)} ${expected.length === 1 ? 'one thing' : `${expected.length} things`}: ${JSON.stringify(expected[0])}`, () => {
      assert.deepEqual([...outcomesOf(rule, text)].sort(), [...expected].sort());
    });
  }

  it('by borrow-word take a word of the instruction that looks like the one it replaces', () => {
    assert.deepEqual([...outcomesOf('borrow-word', 'bob', 'rank cal > dee ann > bob first')].sort(), [
      'ann',
      'cal',
      'dee',
    ]);
    assert.deepEqual([...outcomesOf('borrow-word', '4', 'compute 1 + 2')], [null]);
  });

  it('that fit small vocabularies use only words of the text and the instruction, and digits', () => {
    const word = fc.constantFrom('ann', 'bob', 'cal', '>', '+', 'rank', 'first', ...'0123456789');
    const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, text, fc.nat(), (answer, instruction, seed) => {
        const rules = ['change-digit', 'swap-words', 'borrow-word'] as const;
        const damaged = corrupt({ text: answer, instruction }, { rules, seed, sampleIndex: 0 });
        const known = new Set([...answer.split(' '), ...instruction.split(' '), ...'0123456789']);
        for (const used of damaged?.text.split(' ') ?? []) assert.ok(known.has(used), used);
      }),
    );
  });

  it('give another text that is not empty, or none, and the same one for the same draw', () => {
    const rules = Object.keys(CORRUPTIONS) as CorruptionName[];
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(), (text, seed) => {
        const options = { rules, seed, sampleIndex: 0 };
        const damaged = corrupt({ text, instruction: 'x' }, options);
        assert.deepEqual(corrupt({ text, instruction: 'x' }, options), damaged);
        if (damaged === null) return;
        assert.notEqual(damaged.text.trim(), text.trim());
        assert.notEqual(damaged.text, '');
        assert.ok(rules.includes(damaged.corruption));
      }),
    );
  });

  it('differ from sample to sample, and fall back on a rule that fits', () => {
    const input = { text: 'The first is 12. The second is 7.', instruction: 'x' };
    const made = Array.from({ length: 10 }, (_, sampleIndex) =>
      corrupt(input, { rules: ['change-number', 'negate'], seed: 1, sampleIndex }),
    );
    assert.ok(new Set(made.map((damaged) => damaged?.text)).size > 3);
    const fallback = corrupt(
      { text: '5', instruction: '' },
      { rules: ['drop-sentence', 'change-digit'], seed: 1, sampleIndex: 0 },
    );
    assert.equal(fallback?.corruption, 'change-digit');
  });
});

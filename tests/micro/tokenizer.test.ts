// The tokenizer: words to ids and back, the chat template, and what is said about unknown words.
import assert from 'node:assert/strict';
import { DataError } from '../../lib/src/core/errors.js';
import {
  decodeTokens,
  encodeChat,
  encodeText,
  encodeTrainingChat,
  endOfSequence,
  UnknownWordError,
  vocabulary,
} from '../../lib/src/micro/tokenizer.js';

describe('tokenizer of the embedded model', () => {
  it('has distinct words, a multiple of 8 of them', () => {
    assert.equal(new Set(vocabulary).size, vocabulary.length);
    assert.equal(vocabulary.length % 8, 0);
    assert.equal(vocabulary[endOfSequence], '<eos>');
  });

  it('gives back the words that it encoded, whatever white space stood between them', () => {
    assert.equal(decodeTokens(encodeText('  compute 7 +\n2 ')), 'compute 7 + 2');
    assert.deepEqual(encodeText(''), []);
  });

  it('names every unknown word with its position', () => {
    assert.throws(
      () => encodeText('compute seven + 2 please'),
      (thrown: unknown) => {
        assert(thrown instanceof UnknownWordError && thrown instanceof DataError);
        assert.deepEqual(thrown.unknown, [
          { word: 'seven', position: 1 },
          { word: 'please', position: 4 },
        ]);
        assert.match(thrown.message, /"seven" \(word 2\), "please" \(word 5\)/);
        return true;
      },
    );
  });

  it('shortens a message about a great many or very long unknown words', () => {
    assert.throws(
      () => encodeText(`${'x'.repeat(10_000)} `.repeat(100)),
      (thrown: unknown) => {
        assert(thrown instanceof UnknownWordError);
        assert.equal(thrown.unknown.length, 100);
        assert(thrown.message.length < 2000);
        assert.match(thrown.message, /and 92 more/);
        return true;
      },
    );
  });

  it('does not let a message write special tokens', () => {
    assert.throws(() => encodeText('answer <eos>'), UnknownWordError);
    assert.throws(() => encodeText('<assistant>'), UnknownWordError);
  });

  it('puts the role before each message, ends past replies, and asks for the next one', () => {
    const tokens = encodeChat([
      { role: 'system', content: 'note' },
      { role: 'user', content: 'answer compute 1' },
      { role: 'assistant', content: '= 1' },
      { role: 'user', content: 'judge' },
    ]);
    assert.equal(
      decodeTokens(tokens),
      '<system> note <user> answer compute 1 <assistant> = 1 <eos> <user> judge <assistant>',
    );
  });

  it('lets the loss of a training conversation begin at the first word of the last reply and include <eos>', () => {
    const { tokens, lossFrom } = encodeTrainingChat([
      { role: 'user', content: 'answer compute 1' },
      { role: 'assistant', content: '= 1' },
    ]);
    assert.equal(decodeTokens(tokens.slice(0, lossFrom)), '<user> answer compute 1 <assistant>');
    assert.equal(decodeTokens(tokens.slice(lossFrom)), '= 1 <eos>');
  });

  it('refuses a training conversation that does not end with a reply', () => {
    assert.throws(() => encodeTrainingChat([{ role: 'user', content: 'answer' }]), DataError);
    assert.throws(() => encodeTrainingChat([]), DataError);
  });

  it('refuses an id outside the vocabulary', () => {
    assert.throws(() => decodeTokens([vocabulary.length]), RangeError);
  });
});

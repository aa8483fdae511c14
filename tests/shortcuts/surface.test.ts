import assert from 'node:assert/strict';
import { ShortcutReader, SurfaceReader, type Surface } from '../../lib/src/shortcuts/index.js';

const surfaceOf = (response: string, instruction = ''): Surface =>
  new SurfaceReader().read(instruction, [response])[0]!.surface;

describe('the surface of a response', () => {
  it('is counted by what markdown begins with', () => {
    const { listItems, headings, codeBlocks, bold } = surfaceOf(
      [
        '# Title',
        '## Part',
        '#not a heading',
        '- one',
        '  * two',
        '3. three',
        '-none',
        '2.5 is no item',
        '```js',
        'x',
        '```',
        'a **b** and **c d** but not ** e ** or 2 ** 3',
      ].join('\n'),
    );
    assert.deepEqual([headings, listItems, codeBlocks, bold], [2, 3, 1, 2]);
  });

  it('shares words with the instruction in either direction, whatever their case and script', () => {
    // 2 of 4 distinct words of the instruction, 2 of 3 of the response.
    const { instructionCovered, onInstruction, nWords } = surfaceOf(
      'RED cars, red!, go',
      'Why are cars red?',
    );
    assert.deepEqual([instructionCovered, onInstruction, nWords], [0.5, 2 / 3, 4]);
    // In scripts without spaces each character is a word.
    assert.equal(surfaceOf('日本語', '日本').instructionCovered, 1);
    assert.deepEqual(
      [surfaceOf('x').instructionCovered, surfaceOf('', 'x').onInstruction, surfaceOf('').nWords],
      [0, 0, 0],
    );
  });

  it('counts words of the first person and of refusal', () => {
    const { firstPerson, refusalWords } = surfaceOf("I'm sorry, I cannot help us. Mining is myself.");
    assert.deepEqual([firstPerson, refusalWords], [4, 2]);
  });

  it('is read in time that grows with the length alone', () => {
    for (const unit of ['**a', '*', '\n', ' ', '\t- ', '1', '`', '#', '\n    ', '- a\n', 'I '])
      assert.equal(surfaceOf(unit.repeat(300_000)).characters, unit.length * 300_000);
  });
});

describe('what trivial judges see', () => {
  it('is one value for each response, and no bag of words of few instructions', () => {
    const reader = new ShortcutReader();
    const gold = 'second';
    reader.add({
      pairId: 'p',
      instruction: 'Name a colour',
      first: '- red',
      second: 'A colour: red',
      gold,
      cluster: 'c',
    });
    assert.deepEqual(
      [...reader.values()],
      [['p', { longer: [5, 13], markdown: [1, 0], overlap: [0, 2 / 3] }]],
    );
  });
});

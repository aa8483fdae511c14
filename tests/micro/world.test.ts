// The task world: hand-worked instructions of each slice, and what must hold for all that are generated.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { encodeText } from '../../lib/src/micro/tokenizer.js';
import { sliceNames, sliceOf, slices } from '../../lib/src/micro/world/tasks.js';

const nRandom = 500;

describe('math slice', () => {
  it('works from left to right, modulo 10', () => {
    // 7 + 2 = 9; 9 * 6 = 54 -> 4; 4 - 3 = 1; 1 * 4 = 4.
    assert.deepEqual(slices.math.solve('compute 7 + 2 * 6 - 3 * 4'), { work: '9 4 1', answer: '4' });
    // 1 - 3 = -2 -> 8; 8 + 9 = 17 -> 7; 7 * 0 = 0; 0 - 1 = -1 -> 9.
    assert.deepEqual(slices.math.solve('compute 1 - 3 + 9 * 0 - 1'), { work: '8 7 0', answer: '9' });
  });

  it('finds no modified instruction where every last operand gives the same answer', () => {
    assert.equal(slices.math.modify(deriveRandom(1), 'compute 1 + 1 + 1 * 0 * 5'), null);
  });
});

describe('code slice', () => {
  it('runs the operations in turn and answers with the first element', () => {
    // 3 1 4 1 reversed: 1 4 1 3; plus one each: 2 5 2 4; rotated left: 5 2 4 2.
    assert.deepEqual(slices.code.solve('run rev inc rot on 3 1 4 1'), {
      work: '1 4 1 3 , 2 5 2 4',
      answer: '5',
    });
    // 0 9 5 2 minus one each: 9 8 4 1; first two swapped: 8 9 4 1; sorted: 1 4 8 9.
    assert.deepEqual(slices.code.solve('run dec swp srt on 0 9 5 2'), {
      work: '9 8 4 1 , 8 9 4 1',
      answer: '1',
    });
  });
});

describe('reasoning slice', () => {
  it('orders the people from the end that is asked for', () => {
    // ann > bob > cal > dee.
    assert.deepEqual(slices.reasoning.solve('rank cal > dee ann > bob bob > cal third lowest'), {
      work: 'dee cal bob ann',
      answer: 'bob',
    });
    assert.deepEqual(slices.reasoning.solve('rank cal > dee ann > bob bob > cal first highest'), {
      work: 'ann bob cal dee',
      answer: 'ann',
    });
  });

  it('does not solve facts that give no single order of four people', () => {
    for (const facts of [
      'ann > bob bob > ann cal > dee',
      'ann > bob ann > cal cal > dee',
      'ann > bob bob > cal cal > ann',
    ]) {
      assert.equal(slices.reasoning.solve(`rank ${facts} first lowest`), null, facts);
    }
  });
});

describe('a text that is no instruction', () => {
  it('is solved by no slice, and cannot be modified or corrupted', () => {
    const texts = [
      '',
      'compute',
      'compute 7 + 2',
      'compute 7 / 2 * 6 - 3 * 4',
      'compute 12 + 2 * 6 - 3 * 4',
      'run rev on 1 2 3 4',
    ];
    for (const text of [
      ...texts,
      'run rev inc rot on 3 1 4 1 5',
      'rank ann > bob first lowest',
      ' compute 7 + 2 * 6 - 3 * 4',
    ]) {
      assert.equal(sliceOf(text), null, text);
    }
    for (const name of sliceNames) {
      assert.throws(() => slices[name].modify(deriveRandom(1), 'compute'), RangeError);
      assert.throws(() => slices[name].corrupt(deriveRandom(1), 'compute'), RangeError);
    }
  });
});

for (const name of sliceNames) {
  const slice = slices[name];
  describe(`generated instructions of ${name}`, () => {
    it('are solved by their own slice, in words of the vocabulary, with a one-word answer', () => {
      const random = deriveRandom('generated', name);
      for (let i = 0; i < nRandom; i++) {
        const text = slice.generate(random);
        const solution = slice.solve(text);
        assert(solution !== null, text);
        assert.equal(sliceOf(text)?.name, name);
        assert.equal(encodeText(solution.answer).length, 1);
        encodeText(`${text} ${solution.work}`);
      }
    });

    it('are modified in one word, with another answer', () => {
      const random = deriveRandom('modified', name);
      let nModified = 0;
      for (let i = 0; i < nRandom; i++) {
        const text = slice.generate(random);
        const modified = slice.modify(random, text);
        if (modified === null) continue;
        nModified++;
        const [before, after] = [text.split(' '), modified.split(' ')];
        assert.equal(
          before.filter((word, place) => word !== after[place]).length,
          1,
          `${text} -> ${modified}`,
        );
        assert.notEqual(slice.solve(modified)?.answer, slice.solve(text)?.answer);
      }
      assert(nModified > 0.9 * nRandom);
    });

    it('are corrupted to a wrong answer by every kind of mistake', () => {
      const random = deriveRandom('corrupted', name);
      const kinds = new Set<string>();
      for (let i = 0; i < nRandom; i++) {
        const text = slice.generate(random);
        const { answer, errorKind } = slice.corrupt(random, text);
        assert.notEqual(answer, slice.solve(text)?.answer);
        assert.equal(encodeText(answer).length, 1);
        kinds.add(errorKind);
      }
      assert.deepEqual([...kinds].sort(), [...slice.errorKinds].sort());
    });

    it('are the same for the same random stream', () => {
      const texts = [1, 2].map(() => slice.generate(deriveRandom('same', name)));
      assert.equal(texts[0], texts[1]);
    });
  });
}

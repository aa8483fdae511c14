import assert from 'node:assert/strict';
import { countVotes, majority, nVotes } from '../../lib/src/evaluate/index.js';
import type { Verdict, VoteCount } from '../../lib/src/schema/index.js';

const VERDICTS: Record<string, Verdict> = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  C: { kind: 'tie' },
  '-': { kind: 'unparsed', reason: 'truncated' },
};

const votes = (letters: string): VoteCount => countVotes([...letters].map((letter) => VERDICTS[letter]!));

describe('votes', () => {
  it('are counted by kind, whatever the reason of what has no verdict', () => {
    assert.deepEqual(votes('ABBC--'), { A: 1, B: 2, tie: 1, unparsed: 2 });
    assert.equal(nVotes(votes('ABBC--')), 6);
    assert.equal(nVotes(votes('')), 0);
  });

  it('go to the label with strictly most of them, where a tie is a label like the others', () => {
    const won = Object.fromEntries(
      ['AAB', 'BBA', 'CCA', 'A---', 'BBAC'].map((letters) => [letters, majority(votes(letters)).kind]),
    );
    assert.deepEqual(won, { AAB: 'A', BBA: 'B', CCA: 'tie', 'A---': 'A', BBAC: 'B' });
  });

  it('are a tie where two labels have as many', () => {
    for (const letters of ['AB', 'AABBC', 'AC', 'BC', 'ABC'])
      assert.equal(majority(votes(letters)).kind, 'tie', letters);
  });

  it('say nothing where none of them has a verdict', () => {
    for (const letters of ['', '--']) assert.equal(majority(votes(letters)).kind, 'unparsed', letters);
  });
});

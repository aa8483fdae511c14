import assert from 'node:assert/strict';
import { jointVerdict } from '../../../lib/src/evaluate/index.js';
import type { Verdict } from '../../../lib/src/schema/verdict.js';

const VERDICTS = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  t: { kind: 'tie' },
  '?': { kind: 'unparsed', reason: 'no-marker' },
} as const satisfies Record<string, Verdict>;
type Said = keyof typeof VERDICTS;

/** What both orders say together, by what is said with the first response first, and then with it second. */
const JOINT: Readonly<Record<Said, Readonly<Record<Said, string>>>> = {
  A: { A: 'abstained', B: 'a', t: 'abstained', '?': 'unscored' },
  B: { A: 'b', B: 'abstained', t: 'abstained', '?': 'unscored' },
  t: { A: 'abstained', B: 'abstained', t: 'tie', '?': 'unscored' },
  '?': { A: 'unscored', B: 'unscored', t: 'unscored', '?': 'unscored' },
};

describe('what both orders say together', () => {
  for (const first of Object.keys(VERDICTS) as Said[])
    for (const second of Object.keys(VERDICTS) as Said[])
      it(`is ${JOINT[first][second]} for ${first}${second}`, () => {
        const verdict = jointVerdict([
          { order: 'winner-first', text: '', verdict: VERDICTS[first] },
          { order: 'loser-first', text: '', verdict: VERDICTS[second] },
        ]);
        assert.equal(verdict, JOINT[first][second]);
      });

  it('is unscored for one order alone', () => {
    assert.equal(jointVerdict([{ order: 'winner-first', text: '', verdict: VERDICTS.A }]), 'unscored');
  });
});

import assert from 'node:assert/strict';
import { verdictProbability } from '../../lib/src/prompt/index.js';
import type { TokenLogprobs } from '../../lib/src/schema/index.js';

/** A token and what might have stood in its place, with probabilities. */
function token(text: string, probability = 1, alternatives: Record<string, number> = {}): TokenLogprobs {
  return {
    text,
    logprob: Math.log(probability),
    alternatives: Object.entries(alternatives).map(([other, p]) => ({ text: other, logprob: Math.log(p) })),
  };
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
}

describe('the probability of a verdict', () => {
  // 0.6 / (0.6 + 0.2) = 0.75; 0.6 + 0.2 + 0.1 = 0.9 of the mass lies on a letter.
  const splits: [string, TokenLogprobs[]][] = [
    [
      'a token of its own',
      [token('so '), token('[['), token('A', 0.6, { A: 0.6, B: 0.2, C: 0.1, Z: 0.1 }), token(']]')],
    ],
    [
      'joined to the opening',
      [token('[[A', 0.6, { '[[A': 0.6, '[[B': 0.2, '[[C': 0.1, ' no': 0.1 }), token(']]')],
    ],
    ['joined to the closing', [token('[['), token('A]]', 0.6, { 'A]]': 0.6, 'B]]': 0.2, 'C]]': 0.1 })]],
    ['joined to a full stop', [token('[['), token('A]].', 0.6, { 'A]].': 0.6, 'B]]': 0.2, 'C]': 0.1 })]],
    ['a whole marker', [token('[[A]]', 0.6, { '[[A]]': 0.6, '[[B]]': 0.2, '[[C]]': 0.1 })]],
    [
      'a marker after a blank',
      [token('so'), token(' [[A]]', 0.6, { ' [[A]]': 0.6, ' [[B]]': 0.2, ' [[C]]': 0.1 })],
    ],
    [
      'split within the opening',
      [token('['), token('[A', 0.6, { '[A': 0.6, '[B': 0.2, '[C': 0.1 }), token(']]')],
    ],
    ['not among its own alternatives', [token('[['), token('A', 0.6, { B: 0.2, C: 0.1 }), token(']]')]],
    [
      'written in two ways',
      [token('[['), token('A', 0.4, { A: 0.4, 'A]': 0.2, B: 0.15, 'B]]': 0.05, C: 0.1 }), token(']]')],
    ],
  ];
  for (const [how, tokens] of splits) {
    it(`is read where the letter is ${how}`, () => {
      const found = verdictProbability(tokens);
      near(found?.probabilityOfA, 0.75);
      near(found?.coveredMass, 0.9);
    });
  }

  it('is that of the last marker', () => {
    const first = [token('[['), token('A', 0.9, { A: 0.9, B: 0.1 }), token(']] no, ')];
    const last = [token('[['), token('B', 0.8, { B: 0.8, A: 0.2 }), token(']]')];
    near(verdictProbability([...first, ...last])?.probabilityOfA, 0.2);
  });

  it('tells how a judge that called a tie leans', () => {
    const found = verdictProbability([token('[['), token('C', 0.5, { C: 0.5, A: 0.3, B: 0.1 }), token(']]')]);
    near(found?.probabilityOfA, 0.75);
    near(found?.coveredMass, 0.9);
  });

  it('counts no alternative that only starts like a letter', () => {
    const found = verdictProbability([
      token('[['),
      token('A', 0.5, { A: 0.5, B: 0.25, Assistant: 0.125, Both: 0.125, ' A': 0.1, '': 0.1 }),
      token(']]'),
    ]);
    near(found?.probabilityOfA, 0.5 / 0.75);
    near(found?.coveredMass, 0.75);
  });

  it('takes a token that cannot occur for one of probability 0', () => {
    const tokens = [
      token('[['),
      { text: 'A', logprob: 0, alternatives: [{ text: 'B', logprob: -9999 }] },
      token(']]'),
    ];
    assert.deepEqual(verdictProbability(tokens), { probabilityOfA: 1, coveredMass: 1 });
  });

  const unknown: [string, TokenLogprobs[] | undefined][] = [
    ['there are no log-probabilities', undefined],
    ['there are no tokens', []],
    ['there is no marker', [token('A', 0.6, { A: 0.6, B: 0.4 })]],
    ['the marker is not whole', [token('[['), token('A', 0.6, { A: 0.6, B: 0.4 })]],
    ['the other letter is not listed', [token('[['), token('A', 0.9, { A: 0.9, C: 0.1 }), token(']]')]],
    ['alternatives were not kept', [token('[['), token('A', 0.9), token(']]')]],
    [
      'neither letter can occur',
      [
        token('[['),
        {
          text: 'C',
          logprob: 0,
          alternatives: [
            { text: 'A', logprob: -9999 },
            { text: 'B', logprob: -9999 },
          ],
        },
        token(']]'),
      ],
    ],
  ];
  for (const [why, tokens] of unknown) {
    it(`is unknown where ${why}`, () => {
      assert.equal(verdictProbability(tokens), null);
    });
  }
});

// The loss of group-relative policy optimisation: advantages and terms by hand, slopes by finite differences.
import assert from 'node:assert/strict';
import { groupAdvantages, tokenTerm } from '../../lib/src/micro/reinforcement-loss.js';

const near = (found: number, expected: number, within = 1e-12): void => {
  assert.ok(Math.abs(found - expected) < within, `${found}, expected ${expected}`);
};

describe('advantages of a group', () => {
  it('are rewards less their mean, in standard deviations of the group', () => {
    // Mean 1/4, variance 3/16: (1 - 1/4) / (sqrt(3) / 4) = sqrt(3), and -1 / sqrt(3) for each of the others.
    const found = groupAdvantages([0, 1, 0, 0]);
    for (const [i, expected] of [-1 / Math.sqrt(3), Math.sqrt(3), -1 / Math.sqrt(3)].entries())
      near(found[i]!, expected);
    assert.deepEqual(groupAdvantages([3, 1]), [1, -1]);
  });

  it('are 0 where all rewards are the same, whatever they are', () => {
    assert.deepEqual(groupAdvantages([1, 1, 1]), [0, 0, 0]);
    assert.deepEqual(groupAdvantages([0.1, 0.1, 0.1]), [0, 0, 0]);
  });
});

describe('the term of a token', () => {
  const objective = { clip: 0.2, klScale: 0 };
  const termAt = (ratio: number, advantage: number) =>
    tokenTerm({ loss: 1 - Math.log(ratio), oldLoss: 1, referenceLoss: 1 }, advantage, objective);

  it('is minus ratio x advantage, held where the ratio has gone far enough in the direction of the reward', () => {
    for (const [ratio, advantage, value, isClipped] of [
      [1, 2, -2, false],
      [1.1, 2, -2.2, false],
      [1.5, 2, -2.4, true],
      [0.5, 2, -1, false],
      [1.5, -2, 3, false],
      [0.5, -2, 1.6, true],
    ] as const) {
      const term = termAt(ratio, advantage);
      near(term.value, value);
      assert.equal(term.isClipped, isClipped);
      near(term.slope, isClipped ? 0 : ratio * advantage);
    }
  });

  it('estimates the divergence as e^d - d - 1, which is 0 where the models agree', () => {
    const { kl } = tokenTerm({ loss: 2, oldLoss: 2, referenceLoss: 1 }, 1, objective);
    // d = ln p(reference) - ln p = 1.
    near(kl, Math.E - 2);
    assert.equal(tokenTerm({ loss: 2, oldLoss: 1, referenceLoss: 2 }, 1, objective).kl, 0);
  });

  it('has the slope of finite differences, with and without the divergence', () => {
    const h = 1e-5;
    for (const klScale of [0, 0.3])
      for (const advantage of [1.5, -0.5, 0])
        for (const loss of [0.7, 1, 1.1, 1.6]) {
          const at = (moved: number) =>
            tokenTerm({ loss: moved, oldLoss: 1, referenceLoss: 1.3 }, advantage, { clip: 0.2, klScale });
          near(at(loss).slope, (at(loss + h).value - at(loss - h).value) / (2 * h), 1e-8);
        }
  });
});

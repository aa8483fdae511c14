// The loss of direct preference optimisation: its values by hand, its slopes by finite differences.
import assert from 'node:assert/strict';
import {
  pairSlopes,
  pairWeights,
  preferenceLoss,
  rewardMargin,
  type PairLosses,
} from '../../lib/src/micro/preference-loss.js';

const near = (found: number, expected: number): void => {
  assert.ok(Math.abs(found - expected) < 1e-9, `${found}, expected ${expected}`);
};

describe('preference loss', () => {
  const pairs: PairLosses[] = [
    { chosen: 2, rejected: 5, referenceMargin: 1 },
    { chosen: 4, rejected: 1, referenceMargin: -1 },
  ];

  it('follows from how the log-likelihood ratio has changed against the reference', () => {
    // Ratios ln p(chosen) - ln p(rejected) are 3 and -3, so they have changed by 2 and -2.
    assert.deepEqual(
      pairs.map((pair) => rewardMargin(pair, 0.5)),
      [1, -1],
    );
    const { loss, preference } = preferenceLoss(pairs, { beta: 0.5, nllScale: 0, nChosenTokens: 12 });
    // -ln sigmoid(1) = ln(1 + 1/e) = 0.313261687518 and -ln sigmoid(-1) = 1 more.
    near(loss, 0.313261687518 + 0.5);
    assert.deepEqual(preference, { accuracy: 0.5, margin: 0 });
  });

  it('adds the mean loss of the chosen tokens, scaled', () => {
    const lossOf = (nllScale: number): number =>
      preferenceLoss(pairs, { beta: 0.5, nllScale, nChosenTokens: 12 }).loss;
    // The chosen completions have 2 + 4 nats over 12 tokens.
    near(lossOf(1.5) - lossOf(0), 1.5 * 0.5);
  });

  it('is ln 2, and counts no pair as ranked, where the model is its reference', () => {
    const same = [{ chosen: 2, rejected: 5, referenceMargin: 3 }];
    assert.deepEqual(preferenceLoss(same, { beta: 0.1, nllScale: 0, nChosenTokens: 1 }), {
      loss: Math.LN2,
      preference: { accuracy: 0, margin: 0 },
    });
  });

  it('has the slopes of finite differences', () => {
    const objective = { beta: 0.7, nllScale: 1.5, nChosenTokens: 9 };
    const h = 1e-5;
    for (const [i, pair] of pairs.entries()) {
      const slopes = pairSlopes(pair, pairWeights(objective, { nPairs: 2, nChosenTokens: 9 }));
      for (const which of ['chosen', 'rejected'] as const) {
        const lossAt = (distance: number): number =>
          preferenceLoss(pairs.with(i, { ...pair, [which]: pair[which] + distance }), objective).loss;
        near(slopes[which], (lossAt(h) - lossAt(-h)) / (2 * h));
      }
    }
  });

  it('stays finite however far a pair is off', () => {
    for (const chosen of [0, 1e6]) {
      const pair = { chosen, rejected: 5e5, referenceMargin: 0 };
      const { loss } = preferenceLoss([pair], { beta: 1, nllScale: 0, nChosenTokens: 1 });
      assert.equal(loss, chosen === 0 ? 0 : 5e5);
      const slopes = pairSlopes(pair, { beta: 1, perPair: 1, perChosenToken: 0 });
      assert.deepEqual(slopes, chosen === 0 ? { chosen: 0, rejected: -0 } : { chosen: 1, rejected: -1 });
    }
  });
});

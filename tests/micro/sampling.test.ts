// Choosing tokens from hand-made logits.
import assert from 'node:assert/strict';
import { deriveRandom, Random } from '../../lib/src/core/random.js';
import { drawToken, greedyToken, tokenLogprob } from '../../lib/src/micro/sampling.js';

/** A stream whose next number is this one. */
function fixed(share: number): Random {
  return Object.assign(new Random([1, 2, 3]), { next: () => share });
}

describe('sampling', () => {
  it('takes the likeliest token greedily, the lowest id of equals', () => {
    assert.equal(greedyToken(Float32Array.of(0, 3, 1, 3)), 1);
    assert.equal(greedyToken(Float32Array.of(-5, -5)), 0);
  });

  it('draws in proportion to the masses', () => {
    const masses = Float32Array.of(1, 0, 2, 1);
    // Cumulative shares: token 0 up to 1/4, token 2 up to 3/4, token 3 to the end; token 1 never.
    const drawn = [0, 0.249, 0.25, 0.749, 0.75, 0.999].map((share) => drawToken(masses, 1, fixed(share)));
    assert.deepEqual(drawn, [0, 0, 2, 2, 3, 3]);
  });

  it('draws only from the nucleus', () => {
    const masses = Float32Array.of(1, 4, 3, 2);
    const drawn = (topP: number): number[] =>
      [0, 0.5, 0.56, 0.58, 0.999].map((share) => drawToken(masses, topP, fixed(share)));
    // 0.4 is reached by token 1 alone; 0.41 to 0.7 by 1 and 2, whose shares are 4/7 = 0.571 and 3/7.
    assert.deepEqual(drawn(0.4), [1, 1, 1, 1, 1]);
    assert.deepEqual(drawn(0.41), [1, 1, 1, 2, 2]);
    assert.deepEqual(drawn(0.7), [1, 1, 1, 2, 2]);
    assert.deepEqual(new Set(drawn(0.71)), new Set([1, 2, 3]));
    assert.deepEqual(drawToken(Float32Array.of(2, 2, 2), 0.5, fixed(0.999)), 1, 'of equals, the lower ids');
  });

  it('takes one random number for a token, with and without a nucleus', () => {
    for (const topP of [1, 0.5]) {
      const random = deriveRandom('one');
      drawToken(Float32Array.of(1, 2, 3), topP, random);
      const other = deriveRandom('one');
      other.next();
      assert.equal(random.next(), other.next());
    }
  });

  it('reports log-probabilities at temperature 1 with the likeliest alternatives', () => {
    // softmax(ln 1, ln 2, ln 5) = 1/8, 2/8, 5/8
    const { token, logprob, top } = tokenLogprob(
      Float32Array.of(Math.log(1), Math.log(2), Math.log(5)),
      1,
      2,
    );
    assert.equal(token, 1);
    assert.ok(Math.abs(logprob - Math.log(2 / 8)) < 1e-6);
    assert.deepEqual(
      top.map((entry) => entry.token),
      [2, 1],
    );
    assert.ok(Math.abs(top[0]!.logprob - Math.log(5 / 8)) < 1e-6);
    assert.deepEqual(tokenLogprob(Float32Array.of(1, 2), 0, 0).top, []);
  });
});

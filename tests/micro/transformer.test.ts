// The transformer's gradient, against finite differences of its loss.
import assert from 'node:assert/strict';
import { assertSlope } from './finite-differences.js';
import { oneThread, tinySequences } from './tiny-model.js';

describe('transformer', () => {
  const model = oneThread();
  const sequences = tinySequences(7);
  const rows = model.rowsOf(sequences, 1 / 20);
  const lossWithGradient = model.transformer.loss(rows, model.places.gradients[0]!);
  const gradient = model.gradient.slice();

  it('computes the same loss with and without the gradient', () => {
    assert.equal(model.transformer.loss(rows, null), lossWithGradient);
  });

  for (const parameter of model.places.layout.all) {
    it(`has the gradient of finite differences for ${parameter.name}`, () => {
      assertSlope(model, parameter, {
        gradient,
        loss: () => model.transformer.loss(rows, null),
        step: 4e-3,
        within: [2e-3, 2e-4],
      });
    });
  }

  it('does not let a token see the tokens after it', () => {
    const changed = sequences.map(({ tokens, lossFrom }) => ({
      tokens: [...tokens.slice(0, -2), 3, 4],
      lossFrom,
    }));
    const logitsOf = (batch: typeof sequences): Float32Array => {
      const block = model.rowsOf(batch, 1);
      const at = model.transformer.forward(block);
      return new Float32Array(model.memory.buffer, at, block.nRows * 24).slice();
    };
    const longest = sequences.reduce((a, b) => (b.tokens.length > a.tokens.length ? b : a));
    // The longest sequence stands first; its last row but one sees a changed token.
    const nSame = (longest.tokens.length - 2) * 24;
    const before = logitsOf(sequences);
    const after = logitsOf(changed);
    assert.deepEqual(after.slice(0, nSame), before.slice(0, nSame));
    assert.notDeepEqual(after.slice(nSame, nSame + 24), before.slice(nSame, nSame + 24));
  });
});

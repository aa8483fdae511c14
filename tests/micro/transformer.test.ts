// The transformer's gradient, against finite differences of its loss.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
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

  for (const { name, rows: nRows, columns, offset } of model.places.layout.all) {
    it(`has the gradient of finite differences for ${name}`, () => {
      const random = deriveRandom('direction', name);
      const count = nRows * columns;
      const direction = Float32Array.from({ length: count }, () => random.normal());
      const kept = model.weights.slice(offset, offset + count);
      const analytic = direction.reduce((sum, d, i) => sum + d * gradient[offset + i]!, 0);
      const lossAt = (distance: number): number => {
        for (let i = 0; i < count; i++) model.weights[offset + i] = kept[i]! + distance * direction[i]!;
        const loss = model.transformer.loss(rows, null);
        model.weights.set(kept, offset);
        return loss;
      };
      // Five-point formula: its error is of fourth order, so the step may be large against f32 rounding.
      const h = 4e-3;
      const numeric = (8 * (lossAt(h) - lossAt(-h)) - (lossAt(2 * h) - lossAt(-2 * h))) / (12 * h);
      assert.ok(Math.abs(analytic) > 1e-3, `the direction should matter, its slope is ${analytic}`);
      assert.ok(
        Math.abs(numeric - analytic) < 2e-3 * Math.abs(analytic) + 2e-4,
        `analytic ${analytic}, numeric ${numeric}`,
      );
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

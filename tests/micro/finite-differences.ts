// Whether a gradient is the slope of a loss: along a random direction of each parameter, by a five-point formula.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import type { OneThread } from './tiny-model.js';

/**
 * Holds the gradient of one parameter against finite differences. The formula's error is of fourth order, so the step may be large against
 * f32 rounding.
 * @param of.loss of the model's weights as they stand
 * @param of.step in units of the direction
 * @param of.within how far the slopes may differ: a share of the slope, and an amount beside it
 */
export function assertSlope(
  { weights }: OneThread,
  { name, rows, columns, offset }: { name: string; rows: number; columns: number; offset: number },
  of: {
    gradient: Float32Array;
    loss: () => number;
    step: number;
    within: readonly [share: number, amount: number];
  },
): void {
  const random = deriveRandom('direction', name);
  const count = rows * columns;
  const direction = Float32Array.from({ length: count }, () => random.normal());
  const kept = weights.slice(offset, offset + count);
  const analytic = direction.reduce((sum, d, i) => sum + d * of.gradient[offset + i]!, 0);
  const lossAt = (distance: number): number => {
    for (let i = 0; i < count; i++) weights[offset + i] = kept[i]! + distance * direction[i]!;
    const loss = of.loss();
    weights.set(kept, offset);
    return loss;
  };
  const h = of.step;
  const numeric = (8 * (lossAt(h) - lossAt(-h)) - (lossAt(2 * h) - lossAt(-2 * h))) / (12 * h);
  assert.ok(Math.abs(analytic) > 1e-3, `the direction should matter, its slope is ${analytic}`);
  const [share, amount] = of.within;
  assert.ok(
    Math.abs(numeric - analytic) < share * Math.abs(analytic) + amount,
    `analytic ${analytic}, numeric ${numeric}`,
  );
}

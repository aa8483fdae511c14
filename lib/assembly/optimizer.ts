// Elementwise parts of the optimizers: Adam, Muon's momentum, and sums of squares. Counts are multiples of 4.
import { sumOfLanes } from './simd';

/** Sum of squares, added up in f64 over runs of 1024 elements. */
export function sumOfSquares(at: usize, count: i32): f64 {
  let total: f64 = 0;
  for (let i = 0; i < count; i += 1024) {
    const n = min(1024, count - i);
    let sum = f32x4.splat(0);
    for (let j = 0; j < n; j += 4) {
      const v = v128.load(at);
      sum = f32x4.add(sum, f32x4.mul(v, v));
      at += 16;
    }
    total += <f64>sumOfLanes(sum);
  }
  return total;
}

/**
 * Adam (Kingma & Ba 2015) on `count` weights; the gradient is multiplied by `gradientScale` first.
 * `correction1` and `correction2` are 1 - beta^step.
 */
export function adam(
  weights: usize, gradient: usize, mean: usize, square: usize, count: i32,
  learningRate: f32, beta1: f32, beta2: f32, correction1: f32, correction2: f32, epsilon: f32, gradientScale: f32,
): void {
  const b1 = f32x4.splat(beta1), b2 = f32x4.splat(beta2), n1 = f32x4.splat(1 - beta1), n2 = f32x4.splat(1 - beta2);
  const i1 = f32x4.splat(1 / correction1), i2 = f32x4.splat(1 / correction2);
  const e = f32x4.splat(epsilon), rate = f32x4.splat(learningRate), scale = f32x4.splat(gradientScale);
  for (let i = 0; i < count; i += 4) {
    const g = f32x4.mul(v128.load(gradient), scale);
    const m = f32x4.add(f32x4.mul(b1, v128.load(mean)), f32x4.mul(n1, g));
    const v = f32x4.add(f32x4.mul(b2, v128.load(square)), f32x4.mul(n2, f32x4.mul(g, g)));
    v128.store(mean, m);
    v128.store(square, v);
    const update = f32x4.div(f32x4.mul(m, i1), f32x4.add(f32x4.sqrt(f32x4.mul(v, i2)), e));
    v128.store(weights, f32x4.sub(v128.load(weights), f32x4.mul(rate, update)));
    weights += 16;
    gradient += 16;
    mean += 16;
    square += 16;
  }
}

/** out = alpha a + beta b + gamma I for square matrices of `size` rows; the polynomial of a Newton-Schulz step. */
export function polynomial(out: usize, a: usize, b: usize, alpha: f32, beta: f32, gamma: f32, size: i32): void {
  const x = f32x4.splat(alpha), y = f32x4.splat(beta), count = size * size;
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    v128.store(out + i, f32x4.add(f32x4.mul(x, v128.load(a + i)), f32x4.mul(y, v128.load(b + i))));
  }
  for (let i: usize = 0; i < <usize>size; i++) {
    const at = out + ((i * (<usize>size + 1)) << 2);
    store<f32>(at, load<f32>(at) + gamma);
  }
}

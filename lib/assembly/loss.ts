// Softmax over the vocabulary: the cross-entropy loss with its gradient, and the probabilities for sampling.
import { MINUS_INFINITY, exponential, maximumOfLanes, sumOfLanes } from './simd';

// @ts-ignore: decorator
@inline
function maximumOf(x: usize, bytes: usize): f32 {
  let m = f32x4.splat(MINUS_INFINITY);
  for (let j: usize = 0; j < bytes; j += 16) m = f32x4.max(m, v128.load(x + j));
  return maximumOfLanes(m);
}

/** out = e^(scale (x - max x)); returns the sum. */
// @ts-ignore: decorator
@inline
function exponentials(out: usize, x: usize, bytes: usize, scale: f32): f32 {
  const top = f32x4.splat(maximumOf(x, bytes)), s = f32x4.splat(scale);
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < bytes; j += 16) {
    const e = exponential(f32x4.mul(s, f32x4.sub(v128.load(x + j), top)));
    sum = f32x4.add(sum, e);
    v128.store(out + j, e);
  }
  return sumOfLanes(sum);
}

/**
 * Returns sum of weight_i (-ln softmax(logits_i)[target_i]) and turns logits[nRows, vocabularySize] into its gradient,
 * weight_i (softmax - one-hot). Rows of weight 0 get a gradient of 0. `vocabularySize` is a multiple of 4.
 */
export function crossEntropy(logits: usize, targets: usize, weights: usize, nRows: i32, vocabularySize: i32): f64 {
  const bytes = <usize>vocabularySize << 2;
  let loss: f64 = 0;
  for (let i = 0; i < nRows; i++) {
    const weight = load<f32>(weights + (<usize>i << 2));
    if (weight == 0) {
      memory.fill(logits, 0, bytes);
    } else {
      const at = logits + (<usize>load<i32>(targets + (<usize>i << 2)) << 2);
      const wanted: f64 = <f64>load<f32>(at) - <f64>maximumOf(logits, bytes);
      const sum = exponentials(logits, logits, bytes, 1);
      loss += <f64>weight * (Math.log(<f64>sum) - wanted);
      const scale = f32x4.splat(weight / sum);
      for (let j: usize = 0; j < bytes; j += 16) v128.store(logits + j, f32x4.mul(v128.load(logits + j), scale));
      store<f32>(at, load<f32>(at) - weight);
    }
    logits += bytes;
  }
  return loss;
}

/** out = e^(inverseTemperature (logits - max logits)) for one row: probabilities up to their sum. */
export function unnormalizedProbabilities(out: usize, logits: usize, vocabularySize: i32, inverseTemperature: f32): void {
  exponentials(out, logits, <usize>vocabularySize << 2, inverseTemperature);
}

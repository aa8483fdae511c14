// RMSNorm without gain (Zhang & Sennrich 2019): y = x / sqrt(mean(x^2) + 1e-6), row by row, and its gradient.
import { sumOfLanes } from './simd';

/** Writes y[nRows, width] and the factor of each row. `width` is a multiple of 4. */
export function normalize(y: usize, x: usize, factors: usize, nRows: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < nRows; i++) {
    let squares = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) {
      const v = v128.load(x + j);
      squares = f32x4.add(squares, f32x4.mul(v, v));
    }
    const factor: f32 = <f32>1.0 / sqrt<f32>(sumOfLanes(squares) / <f32>width + <f32>1e-6);
    store<f32>(factors + (<usize>i << 2), factor);
    const scale = f32x4.splat(factor);
    for (let j: usize = 0; j < bytes; j += 16) v128.store(y + j, f32x4.mul(v128.load(x + j), scale));
    x += bytes;
    y += bytes;
  }
}

/** dx += factor (dy - y mean(dy y)) */
export function normalizeBackward(dx: usize, dy: usize, y: usize, factors: usize, nRows: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < nRows; i++) {
    let products = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) {
      products = f32x4.add(products, f32x4.mul(v128.load(dy + j), v128.load(y + j)));
    }
    const mean = f32x4.splat(sumOfLanes(products) / <f32>width);
    const factor = f32x4.splat(load<f32>(factors + (<usize>i << 2)));
    for (let j: usize = 0; j < bytes; j += 16) {
      const g = f32x4.mul(factor, f32x4.sub(v128.load(dy + j), f32x4.mul(v128.load(y + j), mean)));
      v128.store(dx + j, f32x4.add(v128.load(dx + j), g));
    }
    dx += bytes;
    dy += bytes;
    y += bytes;
  }
}

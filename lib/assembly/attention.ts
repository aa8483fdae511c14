// Causal self-attention over whole sequences, for training: sequences stand one after the other without padding.
import { PANEL, TILE_ROWS, packColumns, tileOfRows, tileOfStridedColumns, tileOfStridedRows } from './gemm';
import { MINUS_INFINITY, exponential, maximumOfLanes, sumOfLanes } from './simd';

// @ts-ignore: decorator
@inline
function roundUp(n: i32): i32 {
  return (n + PANEL - 1) & ~(PANEL - 1);
}

/** Row of scores -> probabilities of its first `n` columns, in place; columns n to `width` become 0. */
// @ts-ignore: decorator
@inline
function causalSoftmax(row: usize, n: i32, width: i32, scale: f32): void {
  for (let j = n; j < width; j++) store<f32>(row + (<usize>j << 2), MINUS_INFINITY);
  const bytes = <usize>width << 2;
  let m = f32x4.splat(MINUS_INFINITY);
  for (let j: usize = 0; j < bytes; j += 16) m = f32x4.max(m, v128.load(row + j));
  const top = f32x4.splat(maximumOfLanes(m)), s = f32x4.splat(scale);
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < bytes; j += 16) {
    const x = f32x4.sub(v128.load(row + j), top);
    // The exponential clamps its argument, so masked columns are set to an exact 0.
    const e = v128.andnot(exponential(f32x4.mul(x, s)), f32x4.eq(x, f32x4.splat(MINUS_INFINITY)));
    sum = f32x4.add(sum, e);
    v128.store(row + j, e);
  }
  const inverse = f32x4.splat(<f32>1.0 / sumOfLanes(sum));
  for (let j: usize = 0; j < bytes; j += 16) v128.store(row + j, f32x4.mul(v128.load(row + j), inverse));
}

/**
 * out[rows, width] = attention of qkv[rows, 3 width], sequence by sequence and head by head. `lengths` (i32) are the sequences'
 * numbers of rows. `probabilities` receives, for each sequence of length T and each head, T rows of T rounded up to 8 columns.
 * `scratch` holds headSize x (longest T rounded up to 8) elements. `headSize` is a multiple of 8.
 */
export function attend(
  qkv: usize, out: usize, probabilities: usize, lengths: usize, nSequences: i32, width: i32, headSize: i32, scratch: usize,
): void {
  const row = <usize>width << 2, stride = row * 3, headBytes = <usize>headSize << 2;
  const scale: f32 = <f32>1.0 / sqrt<f32>(<f32>headSize);
  for (let s = 0; s < nSequences; s++) {
    const length = load<i32>(lengths + (<usize>s << 2));
    const ld = roundUp(length), pStride = <usize>ld << 2;
    for (let head: usize = 0; head < row; head += headBytes) {
      const q = qkv + head, k = q + row, v = k + row;
      packColumns(k, 3 * width, headSize, length, scratch);
      for (let i = 0; i < length; i += TILE_ROWS) {
        const nRows = min(TILE_ROWS, length - i), p = probabilities + <usize>i * pStride;
        let panel = scratch;
        for (let j = 0; j < i + TILE_ROWS; j += PANEL) {
          tileOfRows(q + <usize>i * stride, stride, panel, p + (<usize>j << 2), pStride, nRows, PANEL, headSize, false);
          panel += <usize>headSize << 5;
        }
        const columns = roundUp(i + TILE_ROWS);
        for (let r = 0; r < nRows; r++) causalSoftmax(p + <usize>r * pStride, i + r + 1, columns, scale);
        const depth = min(i + TILE_ROWS, length);
        for (let j: usize = 0; j < headBytes; j += 32) {
          tileOfStridedRows(p, pStride, v + j, stride, out + <usize>i * row + head + j, row, nRows, depth);
        }
      }
      probabilities += <usize>length * pStride;
    }
    qkv += <usize>length * stride;
    out += <usize>length * row;
  }
}

/** dScore = scale P (dP - sum(dP P)), in place on dP. */
// @ts-ignore: decorator
@inline
function softmaxBackward(dp: usize, p: usize, width: i32, scale: f32): void {
  const bytes = <usize>width << 2;
  let products = f32x4.splat(0);
  for (let j: usize = 0; j < bytes; j += 16) {
    products = f32x4.add(products, f32x4.mul(v128.load(dp + j), v128.load(p + j)));
  }
  const mean = f32x4.splat(sumOfLanes(products)), s = f32x4.splat(scale);
  for (let j: usize = 0; j < bytes; j += 16) {
    const d = f32x4.mul(v128.load(p + j), f32x4.sub(v128.load(dp + j), mean));
    v128.store(dp + j, f32x4.mul(s, d));
  }
}

/**
 * dqkv from dOut, with the probabilities that {@link attend} stored.
 * `scratch` holds (headSize + T) x (T rounded up to 8) elements for the longest T.
 */
export function attendBackward(
  dOut: usize, qkv: usize, probabilities: usize, dqkv: usize,
  lengths: usize, nSequences: i32, width: i32, headSize: i32, scratch: usize,
): void {
  const row = <usize>width << 2, stride = row * 3, headBytes = <usize>headSize << 2;
  const scale: f32 = <f32>1.0 / sqrt<f32>(<f32>headSize);
  for (let s = 0; s < nSequences; s++) {
    const length = load<i32>(lengths + (<usize>s << 2));
    const ld = roundUp(length), pStride = <usize>ld << 2;
    const scores = scratch + <usize>ld * headBytes;
    for (let head: usize = 0; head < row; head += headBytes) {
      const q = qkv + head, k = q + row, v = k + row, go = dOut + head;
      const dq = dqkv + head, dk = dq + row, dv = dk + row;
      packColumns(v, 3 * width, headSize, length, scratch);
      for (let i = 0; i < length; i += TILE_ROWS) {
        const nRows = min(TILE_ROWS, length - i), ds = scores + <usize>i * pStride;
        let panel = scratch;
        for (let j = 0; j < i + TILE_ROWS; j += PANEL) {
          tileOfRows(go + <usize>i * row, row, panel, ds + (<usize>j << 2), pStride, nRows, PANEL, headSize, false);
          panel += <usize>headSize << 5;
        }
        const columns = roundUp(i + TILE_ROWS);
        for (let r = 0; r < nRows; r++) {
          const at = <usize>r * pStride;
          softmaxBackward(ds + at, probabilities + <usize>i * pStride + at, columns, scale);
        }
        const depth = min(i + TILE_ROWS, length);
        for (let j: usize = 0; j < headBytes; j += 32) {
          tileOfStridedRows(ds, pStride, k + j, stride, dq + <usize>i * stride + j, stride, nRows, depth);
        }
      }
      // Key j is seen by the queries from j on; the entries above the diagonal inside a tile are exact zeros.
      for (let j = 0; j < length; j += TILE_ROWS) {
        const nRows = min(TILE_ROWS, length - j), depth = length - j;
        const corner = <usize>j * pStride + (<usize>j << 2), at = <usize>j * stride;
        for (let h: usize = 0; h < headBytes; h += 32) {
          tileOfStridedColumns(scores + corner, pStride, q + at + h, stride, dk + at + h, stride, nRows, depth);
          const g = go + <usize>j * row + h;
          tileOfStridedColumns(probabilities + corner, pStride, g, row, dv + at + h, stride, nRows, depth);
        }
      }
      probabilities += <usize>length * pStride;
    }
    qkv += <usize>length * stride;
    dqkv += <usize>length * stride;
    dOut += <usize>length * row;
  }
}

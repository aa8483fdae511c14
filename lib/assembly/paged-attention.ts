// Attention of single tokens against cached keys and values, for decoding. The cache is cut into pages of 8 positions, so that
// completions of one prompt share its pages and no memory is held for positions that are not there yet.
//
// A page holds keys[width][8 positions], so that eight scores come from one pass over a head, then values[8 positions][width].
// Sequence s finds positions 8p to 8p + 7 in page table[s * tableWidth + p].
import { MINUS_INFINITY, exponential, maximumOfLanes, sumOfLanes } from './simd';

// @ts-ignore: decorator
@inline
function pageOf(pool: usize, table: usize, page: i32, pageBytes: usize): usize {
  return pool + <usize>load<i32>(table + (<usize>page << 2)) * pageBytes;
}

/** Writes the keys and values of nRows tokens, found in qkv[nRows, 3 width], into their sequences' pages. */
export function appendToPages(
  qkv: usize, sequences: usize, positions: usize, nRows: i32, width: i32, pool: usize, table: usize, tableWidth: i32,
): void {
  const row = <usize>width << 2, pageBytes = row << 4;
  for (let i: usize = 0; i < <usize>nRows; i++) {
    const position = load<i32>(positions + (i << 2));
    const pages = table + ((<usize>load<i32>(sequences + (i << 2)) * tableWidth) << 2);
    const page = pageOf(pool, pages, position >> 3, pageBytes), place = <usize>(position & 7);
    const key = qkv + row;
    for (let j: usize = 0; j < row; j += 4) store<f32>(page + (j << 3) + (place << 2), load<f32>(key + j));
    memory.copy(page + (row << 3) + place * row, key + row, row);
    qkv += row * 3;
  }
}

/** Scores of one head's query against all positions of its pages, to `scores`; returns their maxima, lane by lane. */
// @ts-ignore: decorator
@inline
function scoresOfHead(
  q: usize, headBytes: usize, head: usize, pool: usize, pages: usize, pageBytes: usize, position: i32, scores: usize,
): v128 {
  const lastPage = position >> 3, place = i32x4.splat(position & 7), none = f32x4.splat(MINUS_INFINITY);
  let top = none, low = none, high = none, x: v128, p = 0;
  while (true) {
    let key = pageOf(pool, pages, p, pageBytes) + (head << 3);
    low = f32x4.splat(0);
    high = low;
    for (let j: usize = 0; j < headBytes; j += 16) {
      x = v128.load32_splat(q + j);
      low = f32x4.add(low, f32x4.mul(x, v128.load(key)));
      high = f32x4.add(high, f32x4.mul(x, v128.load(key, 16)));
      x = v128.load32_splat(q + j, 4);
      low = f32x4.add(low, f32x4.mul(x, v128.load(key, 32)));
      high = f32x4.add(high, f32x4.mul(x, v128.load(key, 48)));
      x = v128.load32_splat(q + j, 8);
      low = f32x4.add(low, f32x4.mul(x, v128.load(key, 64)));
      high = f32x4.add(high, f32x4.mul(x, v128.load(key, 80)));
      x = v128.load32_splat(q + j, 12);
      low = f32x4.add(low, f32x4.mul(x, v128.load(key, 96)));
      high = f32x4.add(high, f32x4.mul(x, v128.load(key, 112)));
      key += 128;
    }
    if (p == lastPage) break;
    top = f32x4.max(top, f32x4.max(low, high));
    v128.store(scores, low);
    v128.store(scores, high, 16);
    scores += 32;
    p++;
  }
  // The last page's places behind this position may hold anything.
  low = v128.bitselect(none, low, i32x4.gt_s(i32x4(0, 1, 2, 3), place));
  high = v128.bitselect(none, high, i32x4.gt_s(i32x4(4, 5, 6, 7), place));
  v128.store(scores, low);
  v128.store(scores, high, 16);
  return f32x4.max(top, f32x4.max(low, high));
}

/** o[16] = weighted sum of 16 columns of the values of positions 0 to `position`, times `inverse`; the weights stand at `at`. */
// @ts-ignore: decorator
@inline
function gatherSixteen(
  o: usize, offset: usize, row: usize, pool: usize, pages: usize, pageBytes: usize, position: i32, at: usize, inverse: v128,
): void {
  // Even and odd positions are summed apart, so that one sum need not wait for the other.
  let o0 = f32x4.splat(0), o1 = o0, o2 = o0, o3 = o0, r0 = o0, r1 = o0, r2 = o0, r3 = o0, w: v128;
  for (let t = 0; t <= position; t += 8) {
    let value = pageOf(pool, pages, t >> 3, pageBytes) + (row << 3) + offset;
    let n = min(8, position + 1 - t);
    for (; n >= 2; n -= 2) {
      w = v128.load32_splat(at);
      o0 = f32x4.add(o0, f32x4.mul(w, v128.load(value)));
      o1 = f32x4.add(o1, f32x4.mul(w, v128.load(value, 16)));
      o2 = f32x4.add(o2, f32x4.mul(w, v128.load(value, 32)));
      o3 = f32x4.add(o3, f32x4.mul(w, v128.load(value, 48)));
      w = v128.load32_splat(at, 4);
      r0 = f32x4.add(r0, f32x4.mul(w, v128.load(value + row)));
      r1 = f32x4.add(r1, f32x4.mul(w, v128.load(value + row, 16)));
      r2 = f32x4.add(r2, f32x4.mul(w, v128.load(value + row, 32)));
      r3 = f32x4.add(r3, f32x4.mul(w, v128.load(value + row, 48)));
      value += row << 1;
      at += 8;
    }
    if (n > 0) {
      w = v128.load32_splat(at);
      o0 = f32x4.add(o0, f32x4.mul(w, v128.load(value)));
      o1 = f32x4.add(o1, f32x4.mul(w, v128.load(value, 16)));
      o2 = f32x4.add(o2, f32x4.mul(w, v128.load(value, 32)));
      o3 = f32x4.add(o3, f32x4.mul(w, v128.load(value, 48)));
    }
  }
  v128.store(o, f32x4.mul(f32x4.add(o0, r0), inverse));
  v128.store(o, f32x4.mul(f32x4.add(o1, r1), inverse), 16);
  v128.store(o, f32x4.mul(f32x4.add(o2, r2), inverse), 32);
  v128.store(o, f32x4.mul(f32x4.add(o3, r3), inverse), 48);
}

// @ts-ignore: decorator
@inline
function gatherFour(
  o: usize, offset: usize, row: usize, pool: usize, pages: usize, pageBytes: usize, position: i32, at: usize, inverse: v128,
): void {
  let sum = f32x4.splat(0);
  for (let t = 0; t <= position; t++) {
    const value = pageOf(pool, pages, t >> 3, pageBytes) + (row << 3) + <usize>(t & 7) * row + offset;
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(at + (<usize>t << 2)), v128.load(value)));
  }
  v128.store(o, f32x4.mul(sum, inverse));
}

/**
 * out[nRows, width] = attention of each row's query over positions 0 to its own.
 * `scratch`: (tableWidth + 1) x 8 elements for each head. All heads pass through one stage before the next begins, so that the
 * processor can work on several at once where one would have to wait.
 */
export function attendToPages(
  out: usize, qkv: usize, sequences: usize, positions: usize, nRows: i32, width: i32, headSize: i32,
  pool: usize, table: usize, tableWidth: i32, scratch: usize,
): void {
  const row = <usize>width << 2, pageBytes = row << 4, headBytes = <usize>headSize << 2;
  const scale = f32x4.splat(<f32>1.0 / sqrt<f32>(<f32>headSize)), stride = <usize>(tableWidth + 1) << 5;
  for (let i: usize = 0; i < <usize>nRows; i++) {
    const position = load<i32>(positions + (i << 2));
    const pages = table + ((<usize>load<i32>(sequences + (i << 2)) * tableWidth) << 2);
    const bytes = <usize>((position >> 3) + 1) << 5;
    let scores = scratch;
    for (let head: usize = 0; head < row; head += headBytes) {
      const top = scoresOfHead(qkv + head, headBytes, head, pool, pages, pageBytes, position, scores + 32);
      v128.store(scores, top);
      scores += stride;
    }
    scores = scratch;
    for (let head: usize = 0; head < row; head += headBytes) {
      const top = f32x4.splat(maximumOfLanes(v128.load(scores)));
      let sum = f32x4.splat(0);
      for (let at = scores + 32; at < scores + 32 + bytes; at += 16) {
        const e = exponential(f32x4.mul(f32x4.sub(v128.load(at), top), scale));
        sum = f32x4.add(sum, e);
        v128.store(at, e);
      }
      store<f32>(scores, <f32>1.0 / sumOfLanes(sum));
      scores += stride;
    }
    scores = scratch;
    for (let head: usize = 0; head < row; head += headBytes) {
      const inverse = v128.load32_splat(scores);
      let h: usize = 0;
      for (; h + 64 <= headBytes; h += 64) {
        gatherSixteen(out + head + h, head + h, row, pool, pages, pageBytes, position, scores + 32, inverse);
      }
      for (; h < headBytes; h += 16) {
        gatherFour(out + head + h, head + h, row, pool, pages, pageBytes, position, scores + 32, inverse);
      }
      scores += stride;
    }
    qkv += row * 3;
    out += row;
  }
}

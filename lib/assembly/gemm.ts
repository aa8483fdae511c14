// Matrix products in f32: tiles of 4 rows x 8 columns held in registers, B packed into panels of 8 columns.
//
// Every element of a product is the sum over k = 0, 1, 2, ... in that order, whatever its row's place in the matrix and however
// many rows there are. So a row's result never depends on the rows it is computed with.
// Pointers are byte addresses; matrices are row-major; `ld` is the number of elements from one row to the next.

// @ts-ignore: decorator
@inline
export const TILE_ROWS: i32 = 4;
// @ts-ignore: decorator
@inline
export const PANEL: i32 = 8;

/** Rows of A that pass through all panels of B before the next rows: they stay in the first-level cache. */
// @ts-ignore: decorator
@inline
const ROW_BLOCK: i32 = 32;

// @ts-ignore: decorator
@inline
function storePart(c: usize, low: v128, high: v128, nColumns: i32, accumulate: bool): void {
  for (let j = 0; j < nColumns; j++) {
    const lane = j & 3;
    const four = j < 4 ? low : high;
    let value: f32;
    if (lane == 0) value = f32x4.extract_lane(four, 0);
    else if (lane == 1) value = f32x4.extract_lane(four, 1);
    else if (lane == 2) value = f32x4.extract_lane(four, 2);
    else value = f32x4.extract_lane(four, 3);
    const at = c + (<usize>j << 2);
    store<f32>(at, accumulate ? load<f32>(at) + value : value);
  }
}

// @ts-ignore: decorator
@inline
function storeEight(c: usize, low: v128, high: v128, accumulate: bool): void {
  if (accumulate) {
    v128.store(c, f32x4.add(v128.load(c), low));
    v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
  } else {
    v128.store(c, low);
    v128.store(c, high, 16);
  }
}

// @ts-ignore: decorator
@inline
function storeTile(
  c: usize, cStride: usize, nRows: i32, nColumns: i32, accumulate: bool,
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128,
): void {
  if (nColumns == PANEL) {
    storeEight(c, c00, c01, accumulate);
    if (nRows > 1) storeEight(c + cStride, c10, c11, accumulate);
    if (nRows > 2) storeEight(c + 2 * cStride, c20, c21, accumulate);
    if (nRows > 3) storeEight(c + 3 * cStride, c30, c31, accumulate);
  } else {
    storePart(c, c00, c01, nColumns, accumulate);
    if (nRows > 1) storePart(c + cStride, c10, c11, nColumns, accumulate);
    if (nRows > 2) storePart(c + 2 * cStride, c20, c21, nColumns, accumulate);
    if (nRows > 3) storePart(c + 3 * cStride, c30, c31, nColumns, accumulate);
  }
}

/**
 * One tile, A read by rows: C[nRows, nColumns] (+)= A[nRows, depth] B[depth, 8]; B's rows stand 8 apart (a packed panel).
 * Where fewer than 4 rows are left, the last is computed again in place of the missing ones and not stored.
 */
export function tileOfRows(
  a: usize, aStride: usize, b: usize, c: usize, cStride: usize, nRows: i32, nColumns: i32, depth: i32, accumulate: bool,
): void {
  let a0 = a;
  let a1 = nRows > 1 ? a0 + aStride : a0;
  let a2 = nRows > 2 ? a1 + aStride : a1;
  let a3 = nRows > 3 ? a2 + aStride : a2;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let b0: v128, b1: v128, s: v128;
  let k = depth;
  for (; k >= 2; k -= 2) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load32_splat(a0);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    s = v128.load32_splat(a0, 4);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a1, 4);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a2, 4);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a3, 4);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b += 64;
    a0 += 8; a1 += 8; a2 += 8; a3 += 8;
  }
  for (; k > 0; k--) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load32_splat(a0);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b += 32;
    a0 += 4; a1 += 4; a2 += 4; a3 += 4;
  }
  storeTile(c, cStride, nRows, nColumns, accumulate, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** One tile, A packed into panels of 4 rows: C[nRows, nColumns] (+)= A B, both with k running fastest between panels. */
function tileOfPanels(
  a: usize, b: usize, c: usize, cStride: usize, nRows: i32, nColumns: i32, depth: i32, accumulate: bool,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let b0: v128, b1: v128, s: v128;
  let k = depth;
  for (; k >= 2; k -= 2) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    s = v128.load32_splat(a, 16);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 20);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 24);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 28);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b += 64;
    a += 32;
  }
  for (; k > 0; k--) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b += 32;
    a += 16;
  }
  storeTile(c, cStride, nRows, nColumns, accumulate, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** One tile, A read by rows, B's rows `bStride` bytes apart (not packed). */
export function tileOfStridedRows(
  a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, nRows: i32, depth: i32,
): void {
  const nColumns = PANEL, accumulate = false;
  let a0 = a;
  let a1 = nRows > 1 ? a0 + aStride : a0;
  let a2 = nRows > 2 ? a1 + aStride : a1;
  let a3 = nRows > 3 ? a2 + aStride : a2;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let b0: v128, b1: v128, s: v128;
  for (let k = 0; k < depth; k++) {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    s = v128.load32_splat(a0, 0);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a1, 0);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a2, 0);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a3, 0);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b += bStride;
    a0 += 4; a1 += 4; a2 += 4; a3 += 4;
  }
  storeTile(c, cStride, nRows, nColumns, accumulate, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** One tile of A^T B: row i of the tile is column i of A. A's and B's rows stand `aStride` and `bStride` bytes apart. */
export function tileOfStridedColumns(
  a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, nRows: i32, depth: i32,
): void {
  const nColumns = PANEL, accumulate = false;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let b0: v128, b1: v128, s: v128;
  for (let k = 0; k < depth; k++) {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    s = v128.load32_splat(a, 0);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    b += bStride;
    a += aStride;
  }
  storeTile(c, cStride, nRows, nColumns, accumulate, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** Packs B[depth, nColumns] into panels of 8 columns, each `depth` x 8, the last one filled up with zeros. */
export function packRows(b: usize, ld: i32, depth: i32, nColumns: i32, packed: usize): void {
  const stride = <usize>ld << 2;
  for (let j = 0; j < nColumns; j += PANEL) {
    let from = b + (<usize>j << 2);
    if (nColumns - j >= PANEL) {
      for (let k = 0; k < depth; k++) {
        v128.store(packed, v128.load(from));
        v128.store(packed, v128.load(from, 16), 16);
        packed += 32;
        from += stride;
      }
    } else {
      const bytes = <usize>(nColumns - j) << 2;
      for (let k = 0; k < depth; k++) {
        memory.fill(packed, 0, 32);
        memory.copy(packed, from, bytes);
        packed += 32;
        from += stride;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function transposeFour(from: usize, stride: usize, to: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + stride), r2 = v128.load(from + 2 * stride), r3 = v128.load(from + 3 * stride);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 96);
}

/** Packs the transpose of B[nColumns, depth] as {@link packRows} packs B. */
export function packColumns(b: usize, ld: i32, depth: i32, nColumns: i32, packed: usize): void {
  const stride = <usize>ld << 2;
  for (let j = 0; j < nColumns; j += PANEL) {
    const from = b + <usize>j * stride;
    const n = min(PANEL, nColumns - j);
    let k = 0;
    if (n == PANEL) {
      for (; k + 4 <= depth; k += 4) {
        const at = from + (<usize>k << 2);
        transposeFour(at, stride, packed);
        transposeFour(at + 4 * stride, stride, packed + 16);
        packed += 128;
      }
    }
    for (; k < depth; k++) {
      for (let i = 0; i < PANEL; i++) {
        store<f32>(packed, i < n ? load<f32>(from + <usize>i * stride + (<usize>k << 2)) : 0);
        packed += 4;
      }
    }
  }
}

/** Packs the transpose of A[depth, nRows] into panels of 4 of its columns, each `depth` x 4, filled up with zeros. */
export function packLeft(a: usize, ld: i32, depth: i32, nRows: i32, packed: usize): void {
  const stride = <usize>ld << 2;
  for (let i = 0; i < nRows; i += TILE_ROWS) {
    let from = a + (<usize>i << 2);
    if (nRows - i >= TILE_ROWS) {
      for (let k = 0; k < depth; k++) {
        v128.store(packed, v128.load(from));
        packed += 16;
        from += stride;
      }
    } else {
      const bytes = <usize>(nRows - i) << 2;
      for (let k = 0; k < depth; k++) {
        memory.fill(packed, 0, 16);
        memory.copy(packed, from, bytes);
        packed += 16;
        from += stride;
      }
    }
  }
}

/** C[nRows, nColumns] (+)= A[nRows, depth] B, with B packed by {@link packRows} or {@link packColumns}. */
export function multiply(
  a: usize, lda: i32, packedB: usize, c: usize, ldc: i32, nRows: i32, nColumns: i32, depth: i32, accumulate: i32,
): void {
  const aStride = <usize>lda << 2, cStride = <usize>ldc << 2, panelBytes = <usize>depth << 5;
  for (let block = 0; block < nRows; block += ROW_BLOCK) {
    const end = min(block + ROW_BLOCK, nRows);
    let panel = packedB;
    for (let j = 0; j < nColumns; j += PANEL) {
      const columns = min(PANEL, nColumns - j);
      for (let i = block; i < end; i += TILE_ROWS) {
        const at = c + <usize>i * cStride + (<usize>j << 2);
        tileOfRows(a + <usize>i * aStride, aStride, panel, at, cStride, min(TILE_ROWS, end - i), columns, depth, accumulate != 0);
      }
      panel += panelBytes;
    }
  }
}

/** C[nRows, nColumns] (+)= A B, with A packed by {@link packLeft} and B by {@link packRows}. */
export function multiplyPacked(
  packedA: usize, packedB: usize, c: usize, ldc: i32, nRows: i32, nColumns: i32, depth: i32, accumulate: i32,
): void {
  const cStride = <usize>ldc << 2, aBytes = <usize>depth << 4, bBytes = <usize>depth << 5;
  for (let j = 0; j < nColumns; j += PANEL) {
    const columns = min(PANEL, nColumns - j);
    let a = packedA;
    for (let i = 0; i < nRows; i += TILE_ROWS) {
      const at = c + <usize>i * cStride + (<usize>j << 2);
      tileOfPanels(a, packedB, at, cStride, min(TILE_ROWS, nRows - i), columns, depth, accumulate != 0);
      a += aBytes;
    }
    packedB += bBytes;
  }
}

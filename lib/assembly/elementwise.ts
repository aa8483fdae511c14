// Elementwise passes: copying, adding, embeddings, squared ReLU and rotary positions. Counts are multiples of 4.

export function zero(at: usize, count: i32): void {
  memory.fill(at, 0, <usize>count << 2);
}

export function copy(to: usize, from: usize, count: i32): void {
  memory.copy(to, from, <usize>count << 2);
}

/** to += from */
export function add(to: usize, from: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    to += 16;
    from += 16;
  }
}

/** out = alpha x + beta y */
export function combine(out: usize, x: usize, y: usize, alpha: f32, beta: f32, count: i32): void {
  const a = f32x4.splat(alpha), b = f32x4.splat(beta);
  for (let i = 0; i < count; i += 4) {
    v128.store(out, f32x4.add(f32x4.mul(a, v128.load(x)), f32x4.mul(b, v128.load(y))));
    out += 16;
    x += 16;
    y += 16;
  }
}

/** out[i] = table[token i] + previousTable[previous token i], each row `width` elements. */
export function embed(
  out: usize, tokens: usize, previous: usize, table: usize, previousTable: usize, nRows: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < nRows; i++) {
    const x = table + <usize>load<i32>(tokens + (<usize>i << 2)) * bytes;
    const y = previousTable + <usize>load<i32>(previous + (<usize>i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) v128.store(out + j, f32x4.add(v128.load(x + j), v128.load(y + j)));
    out += bytes;
  }
}

/** Adds each row of dx to the gradient of its token's embedding. */
export function embedBackward(dTable: usize, tokens: usize, dx: usize, nRows: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < nRows; i++) {
    add(dTable + <usize>load<i32>(tokens + (<usize>i << 2)) * bytes, dx, width);
    dx += bytes;
  }
}

/** x = max(x, 0) in place; out = x^2. `out` may be `x`. */
export function squaredRelu(out: usize, x: usize, count: i32): void {
  const none = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const r = f32x4.max(v128.load(x), none);
    v128.store(x, r);
    v128.store(out, f32x4.mul(r, r));
    x += 16;
    out += 16;
  }
}

/** From the rectified x and the gradient dy of its square: dy becomes the gradient of x, and `square` the square again. */
export function squaredReluBackward(dy: usize, x: usize, square: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const r = v128.load(x);
    v128.store(square, f32x4.mul(r, r));
    v128.store(dy, f32x4.mul(v128.load(dy), f32x4.add(r, r)));
    x += 16;
    dy += 16;
    square += 16;
  }
}

/**
 * Rotary position embedding (Su et al. 2021) on the queries and keys inside qkv[nRows, 3 width], in place. In each head, element j
 * turns with element j + headSize/2 by the angle whose cosine and sine stand in tables[position, headSize/2].
 * `direction` is 1, or -1 for the inverse rotation, which is also the gradient's.
 */
export function rotate(
  qkv: usize, positions: usize, cosines: usize, sines: usize, nRows: i32, width: i32, headSize: i32, direction: f32,
): void {
  const half = <usize>(headSize >> 1) << 2, head = <usize>headSize << 2, both = <usize>width << 3;
  const sign = f32x4.splat(direction);
  for (let i = 0; i < nRows; i++) {
    const row = <usize>load<i32>(positions + (<usize>i << 2)) * half;
    for (let j: usize = 0; j < half; j += 16) {
      const c = v128.load(cosines + row + j), s = f32x4.mul(sign, v128.load(sines + row + j));
      for (let at = qkv + j; at < qkv + both; at += head) {
        const x = v128.load(at), y = v128.load(at + half);
        v128.store(at, f32x4.sub(f32x4.mul(x, c), f32x4.mul(y, s)));
        v128.store(at + half, f32x4.add(f32x4.mul(x, s), f32x4.mul(y, c)));
      }
    }
    qkv += <usize>width * 12;
  }
}

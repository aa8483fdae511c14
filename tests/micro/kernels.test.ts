// The matrix product kernels, against the naive product over odd shapes.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { compileKernels, createMemory, instantiateKernels } from '../../lib/src/micro/kernels.js';
import { Arena } from '../../lib/src/micro/arena.js';

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 31, 33, 64];

describe('matrix product kernels', () => {
  const arena = new Arena();
  const [a, b, c, packedA, packedB] = [0, 0, 0, 0, 0].map(() => arena.words(80 * 80)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const memory = createMemory(arena.end);
  const kernels = instantiateKernels(compileKernels(), memory);
  const f32 = (at: number, count: number): Float32Array => new Float32Array(memory.buffer, at, count);

  /** Fills A[m, k], B[k, n] and C[m, n + 1] (whose last column must stay) with random numbers; returns copies. */
  function fill(m: number, n: number, k: number): [Float32Array, Float32Array, Float32Array] {
    const random = deriveRandom('product', m, n, k);
    return [f32(a, m * k), f32(b, k * n), f32(c, m * (n + 1))].map((matrix) => {
      for (let i = 0; i < matrix.length; i++) matrix[i] = random.normal();
      return matrix.slice();
    }) as [Float32Array, Float32Array, Float32Array];
  }

  function assertClose(
    actual: Float32Array,
    expected: (i: number, j: number) => number,
    [m, n]: [number, number],
  ): void {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j <= n; j++) {
        const [x, y] = [actual[i * (n + 1) + j]!, expected(i, j)];
        assert.ok(Math.abs(x - y) < 1e-4, `${m} x ${n}, element ${i}, ${j}: ${x}, naive ${y}`);
      }
    }
  }

  function naive(
    left: (i: number, k: number) => number,
    right: (k: number, j: number) => number,
    depth: number,
  ) {
    return (i: number, j: number): number => {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += left(i, k) * right(k, j);
      return sum;
    };
  }

  it('multiply any shape, B packed from rows or from columns, and leave what stands beside C alone', () => {
    for (const m of sizes) {
      for (const n of sizes) {
        for (const k of [1, 3, 4, 6, 17, 32]) {
          const [left, right, before] = fill(m, n, k);
          for (const byColumns of [false, true]) {
            const rightAt = (q: number, j: number): number =>
              byColumns ? right[j * k + q]! : right[q * n + j]!;
            const product = naive((i, q) => left[i * k + q]!, rightAt, k);
            if (byColumns) kernels.packColumns(b, k, k, n, packedB);
            else kernels.packRows(b, n, k, n, packedB);
            for (const accumulate of [0, 1]) {
              f32(c, before.length).set(before);
              kernels.multiply(a, k, packedB, c, n + 1, m, n, k, accumulate);
              const expected = (i: number, j: number): number => {
                const old = before[i * (n + 1) + j]!;
                if (j === n) return old;
                return product(i, j) + (accumulate === 1 ? old : 0);
              };
              assertClose(f32(c, before.length), expected, [m, n]);
            }
          }
        }
      }
    }
  });

  it('multiply a transposed left matrix of any shape', () => {
    for (const m of sizes) {
      for (const n of sizes) {
        for (const k of [1, 5, 32]) {
          // A is read as [k, m] here.
          const [left, right, before] = fill(m, n, k);
          const product = naive(
            (i, q) => left[q * m + i]!,
            (q, j) => right[q * n + j]!,
            k,
          );
          kernels.packLeft(a, m, k, m, packedA);
          kernels.packRows(b, n, k, n, packedB);
          kernels.multiplyPacked(packedA, packedB, c, n + 1, m, n, k, 1);
          const expected = (i: number, j: number): number =>
            before[i * (n + 1) + j]! + (j === n ? 0 : product(i, j));
          assertClose(f32(c, before.length), expected, [m, n]);
        }
      }
    }
  });

  it('compute a row to the same bits wherever it stands', () => {
    const [m, n, k] = [13, 24, 32];
    fill(m, n, k);
    kernels.packRows(b, n, k, n, packedB);
    kernels.multiply(a, k, packedB, c, n, m, n, k, 0);
    const together = f32(c, m * n).slice();
    for (let i = 0; i < m; i++) {
      kernels.multiply(a + 4 * i * k, k, packedB, c, n, 1, n, k, 0);
      assert.deepEqual(f32(c, n).slice(), together.slice(i * n, (i + 1) * n));
    }
  });
});

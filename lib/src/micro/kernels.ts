// Loads the WebAssembly kernels (lib/assembly) onto a shared memory, and gives them types.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DataError } from '../core/errors.js';

/** Byte address in the kernels' memory. */
export type Address = number;

/**
 * What the WebAssembly module offers; lib/assembly says what each kernel computes. Addresses are multiples of 16, counts and
 * leading dimensions are in elements, flags are 0 or 1.
 */
export interface Kernels {
  packRows(b: Address, ld: number, depth: number, nColumns: number, packed: Address): void;
  packColumns(b: Address, ld: number, depth: number, nColumns: number, packed: Address): void;
  packLeft(a: Address, ld: number, depth: number, nRows: number, packed: Address): void;
  multiply(
    ...args: [
      a: Address,
      lda: number,
      packedB: Address,
      c: Address,
      ldc: number,
      nRows: number,
      nColumns: number,
      depth: number,
      accumulate: number,
    ]
  ): void;
  multiplyPacked(
    ...args: [
      packedA: Address,
      packedB: Address,
      c: Address,
      ldc: number,
      nRows: number,
      nColumns: number,
      depth: number,
      accumulate: number,
    ]
  ): void;
  zero(at: Address, count: number): void;
  copy(to: Address, from: Address, count: number): void;
  add(to: Address, from: Address, count: number): void;
  combine(out: Address, x: Address, y: Address, alpha: number, beta: number, count: number): void;
  embed(
    ...args: [
      out: Address,
      tokens: Address,
      previous: Address,
      table: Address,
      previousTable: Address,
      nRows: number,
      width: number,
    ]
  ): void;
  embedBackward(dTable: Address, tokens: Address, dx: Address, nRows: number, width: number): void;
  squaredRelu(out: Address, x: Address, count: number): void;
  squaredReluBackward(dy: Address, x: Address, square: Address, count: number): void;
  rotate(
    ...args: [
      qkv: Address,
      positions: Address,
      cosines: Address,
      sines: Address,
      nRows: number,
      width: number,
      headSize: number,
      direction: number,
    ]
  ): void;
  normalize(y: Address, x: Address, factors: Address, nRows: number, width: number): void;
  normalizeBackward(
    dx: Address,
    dy: Address,
    y: Address,
    factors: Address,
    nRows: number,
    width: number,
  ): void;
  crossEntropy(
    logits: Address,
    targets: Address,
    weights: Address,
    nRows: number,
    vocabularySize: number,
  ): number;
  unnormalizedProbabilities(
    out: Address,
    logits: Address,
    vocabularySize: number,
    inverseTemperature: number,
  ): void;
  attend(
    ...args: [
      qkv: Address,
      out: Address,
      probabilities: Address,
      lengths: Address,
      nSequences: number,
      width: number,
      headSize: number,
      scratch: Address,
    ]
  ): void;
  attendBackward(
    ...args: [
      dOut: Address,
      qkv: Address,
      probabilities: Address,
      dqkv: Address,
      lengths: Address,
      nSequences: number,
      width: number,
      headSize: number,
      scratch: Address,
    ]
  ): void;
  appendToPages(
    ...args: [
      qkv: Address,
      sequences: Address,
      positions: Address,
      nRows: number,
      width: number,
      pool: Address,
      table: Address,
      tableWidth: number,
    ]
  ): void;
  attendToPages(
    ...args: [
      out: Address,
      qkv: Address,
      sequences: Address,
      positions: Address,
      nRows: number,
      width: number,
      headSize: number,
      pool: Address,
      table: Address,
      tableWidth: number,
      scratch: Address,
    ]
  ): void;
  adam(
    ...args: [
      weights: Address,
      gradient: Address,
      mean: Address,
      square: Address,
      count: number,
      learningRate: number,
      beta1: number,
      beta2: number,
      correction1: number,
      correction2: number,
      epsilon: number,
      gradientScale: number,
    ]
  ): void;
  polynomial(
    ...args: [out: Address, a: Address, b: Address, alpha: number, beta: number, gamma: number, size: number]
  ): void;
  sumOfSquares(at: Address, count: number): number;
}

const pageBytes = 65536;

/** Addresses below this one belong to the module's own constants. */
export const firstFreeAddress: Address = pageBytes;

/** A memory of at least `bytes` bytes that worker threads can share; it never grows. */
export function createMemory(bytes: number): WebAssembly.Memory {
  const nPages = Math.max(2, Math.ceil(bytes / pageBytes));
  return new WebAssembly.Memory({ initial: nPages, maximum: nPages, shared: true });
}

/**
 * Compiles the kernels. The module can be handed to worker threads.
 * @throws DataError when they have not been built.
 */
export function compileKernels(): WebAssembly.Module {
  // The first place is the one beside the compiled code, the second where the sources find it.
  const places = ['./kernels.wasm', '../../dist/micro/kernels.wasm'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const path = places.find((place) => existsSync(place));
  if (path === undefined) {
    throw new DataError({
      subject: 'kernels of the embedded model',
      expected: `a file ${places.join(' or ')}`,
      received: 'none',
      remedy: 'Build them with: npm run build',
    });
  }
  return new WebAssembly.Module(readFileSync(path));
}

/** The kernels of a compiled module, working on `memory`. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const abort = (): never => {
    throw new Error('kernels: aborted');
  };
  return new WebAssembly.Instance(module, { env: { memory, abort } }).exports as Kernels;
}

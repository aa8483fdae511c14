// Tables of the rotary position embedding (Su et al. 2021, https://arxiv.org/abs/2104.09864), base 1000.
import type { Arena } from './arena.js';
import type { Address } from './kernels.js';
import type { ModelShape } from './types.js';

/** Short contexts need no slow rotations: the slowest turns once in about 2 pi x 1000 positions. */
const base = 1000;

/** Addresses of cos and sin of position x base^(-j / (headSize / 2)), each [contextLength, headSize / 2]. */
export interface RotaryTables {
  cosines: Address;
  sines: Address;
}

/** Room for the tables of this shape. */
export function planRotaryTables(arena: Arena, shape: ModelShape): RotaryTables {
  const count = (shape.contextLength * shape.width) / shape.heads / 2;
  return { cosines: arena.words(count), sines: arena.words(count) };
}

/** Computes the tables. */
export function fillRotaryTables(tables: RotaryTables, memory: WebAssembly.Memory, shape: ModelShape): void {
  const half = shape.width / shape.heads / 2;
  const count = shape.contextLength * half;
  const cosines = new Float32Array(memory.buffer, tables.cosines, count);
  const sines = new Float32Array(memory.buffer, tables.sines, count);
  for (let i = 0; i < count; i++) {
    const angle = Math.floor(i / half) * Math.pow(base, -(i % half) / half);
    cosines[i] = Math.cos(angle);
    sines[i] = Math.sin(angle);
  }
}

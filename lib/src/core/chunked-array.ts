// Numbers in typed arrays of a fixed size, so that growing copies nothing and wastes at most one chunk.

const CHUNK_BITS = 16;
const CHUNK_LENGTH = 2 ** CHUNK_BITS;

/** A growing array of numbers; elements that were not set are 0. */
export class ChunkedArray {
  readonly #chunks: (Uint32Array | Float64Array)[] = [];
  readonly #Chunk: Uint32ArrayConstructor | Float64ArrayConstructor;

  /** @param Chunk `Uint32Array` for 4 bytes a number, `Float64Array` for 8 */
  constructor(Chunk: Uint32ArrayConstructor | Float64ArrayConstructor) {
    this.#Chunk = Chunk;
  }

  /** The number at an index, from 0. */
  get(at: number): number {
    return this.#chunks[at >>> CHUNK_BITS]?.[at & (CHUNK_LENGTH - 1)] ?? 0;
  }

  /** Sets the number at an index, from 0; at most one chunk beyond the existing ones. */
  set(at: number, value: number): void {
    const chunk = (this.#chunks[at >>> CHUNK_BITS] ??= new this.#Chunk(CHUNK_LENGTH));
    chunk[at & (CHUNK_LENGTH - 1)] = value;
  }
}

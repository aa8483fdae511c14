// Sketches of sets: their smallest hashes (Cohen and Kaplan 2007, "bottom-k"), from which the similarity of two sets is estimated.
import { ChunkedArray } from '../../core/chunked-array.js';

/** Hashes of a sketch. A smaller set is kept whole, so that short texts are compared exactly. */
export const SKETCH_SIZE = 64;

const CHUNK_LENGTH = 1 << 18;

/** Sketches in typed arrays: 4 bytes a hash, and 8 a sketch. */
export class Sketches {
  readonly #chunks: Uint32Array[] = [];
  /** Offset of each sketch: its length, followed by its hashes. */
  readonly #places = new ChunkedArray(Uint32Array);
  #nSketches = 0;
  #end = 0;

  get nSketches(): number {
    return this.#nSketches;
  }

  /** Keeps a copy of a sketch, at most {@link SKETCH_SIZE} ascending hashes, under the next number from 0 on. */
  add(sketch: Uint32Array): void {
    const nLeft = CHUNK_LENGTH - (this.#end % CHUNK_LENGTH);
    if (nLeft <= sketch.length) this.#end += nLeft;
    const chunk = (this.#chunks[Math.floor(this.#end / CHUNK_LENGTH)] ??= new Uint32Array(CHUNK_LENGTH));
    const at = this.#end % CHUNK_LENGTH;
    chunk[at] = sketch.length;
    chunk.set(sketch, at + 1);
    this.#places.set(this.#nSketches++, this.#end);
    this.#end += sketch.length + 1;
  }

  /**
   * The Jaccard similarity of a kept sketch's set and another's, 0 to 1: exact where both sets are kept whole, else the share among the
   * smallest {@link SKETCH_SIZE} hashes of their union that both have, whose standard error is at most 0.063.
   */
  similarity(number: number, other: Uint32Array): number {
    const place = this.#places.get(number);
    const chunk = this.#chunks[Math.floor(place / CHUNK_LENGTH)];
    if (chunk === undefined) return 0;
    const start = (place % CHUNK_LENGTH) + 1;
    const length = chunk[start - 1] ?? 0;
    const areWhole = length < SKETCH_SIZE && other.length < SKETCH_SIZE;
    const most = areWhole ? 2 * SKETCH_SIZE : SKETCH_SIZE;
    let nUnion = 0;
    let nShared = 0;
    let i = 0;
    let j = 0;
    while (nUnion < most && (i < length || j < other.length)) {
      // Past the end, a value larger than any hash.
      const own = i < length ? (chunk[start + i] ?? 0) : Infinity;
      const its = j < other.length ? (other[j] ?? 0) : Infinity;
      if (own === its) nShared++;
      if (own <= its) i++;
      if (its <= own) j++;
      nUnion++;
    }
    return nUnion === 0 ? 0 : nShared / nUnion;
  }
}

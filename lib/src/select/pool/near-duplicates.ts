// Near duplicates: texts that share most of their word sequences, found by MinHash (Broder 1997) and banding, and then compared.
import { deriveRandom } from '../../core/random.js';
import { BandTables } from './band-tables.js';
import { SKETCH_SIZE, Sketches } from './sketches.js';
import { shingleSet } from './shingle-set.js';

/** MinHash values of a text, which are divided into bands. */
const MOST_VALUES = 64;
/** The least probability that two texts exactly at the threshold share a band. */
const LEAST_CHANCE = 0.99;
/** Most texts that one is compared with: of thousands of candidates only the newest are compared. */
const MOST_COMPARISONS = 256;

/** When two texts are near duplicates. */
export interface NearDuplicateOptions {
  /** The least Jaccard similarity of the sets of shingles of near duplicates, above 0 and up to 1. */
  threshold: number;
  /** Words of a shingle, 1 or more. */
  shingleWords: number;
  /** Names the hash functions. */
  seed: number;
}

/** The earlier text of a near duplicate. */
export interface NearDuplicate {
  /** Its number: texts that were kept count from 0 on. */
  entry: number;
  /** See {@link Sketches.similarity}. */
  similarity: number;
}

/**
 * Remembers texts in 100 to 400 bytes each, and detects near duplicates of them. A text exactly at the threshold is found in 99 of 100
 * cases, a more similar one more often. Candidates are compared, so a hash collision alone never makes a near duplicate.
 */
export class NearDuplicates {
  readonly #threshold: number;
  readonly #shingleWords: number;
  readonly #sketches = new Sketches();
  readonly #bands: BandTables;
  readonly #rows: number;
  readonly #keys: Uint32Array;
  readonly #factors: Int32Array;
  readonly #offsets: Int32Array;
  readonly #values: Int32Array;

  constructor({ threshold, shingleWords, seed }: NearDuplicateOptions) {
    const { nBands, rows } = bandsFor(threshold);
    this.#threshold = threshold;
    this.#shingleWords = shingleWords;
    this.#bands = new BandTables(nBands);
    this.#rows = rows;
    this.#keys = new Uint32Array(nBands);
    const random = deriveRandom(seed, 'near-duplicates');
    // x -> a x + b modulo 2^32 with an odd a is a permutation of the hashes.
    this.#factors = Int32Array.from({ length: nBands * rows }, () => random.uint32() | 1);
    this.#offsets = Int32Array.from({ length: nBands * rows }, () => random.uint32());
    this.#values = new Int32Array(nBands * rows);
  }

  /** The earlier text of which this is a near duplicate; null where there is none, and then this text is remembered. */
  findOrAdd(text: string): NearDuplicate | null {
    const sketch = shingleSet(text, this.#shingleWords).subarray(0, SKETCH_SIZE);
    this.#takeKeys(sketch);
    const compared = new Set<number>();
    const found: { earlier: NearDuplicate | null } = { earlier: null };
    this.#bands.visitSharing(this.#keys, (entry) => {
      if (compared.has(entry)) return true;
      compared.add(entry);
      const similarity = this.#sketches.similarity(entry, sketch);
      if (similarity >= this.#threshold) found.earlier = { entry, similarity };
      return found.earlier === null && compared.size < MOST_COMPARISONS;
    });
    if (found.earlier !== null) return found.earlier;
    this.#sketches.add(sketch);
    this.#bands.add(this.#keys);
    return null;
  }

  #takeKeys(sketch: Uint32Array): void {
    const values = this.#values;
    const nHashes = sketch.length;
    // Signed numbers, which the engine multiplies and compares fast.
    const hashes = new Int32Array(sketch.buffer, sketch.byteOffset, nHashes);
    for (let i = 0; i < values.length; i++) {
      const factor = this.#factors[i] ?? 0;
      const offset = this.#offsets[i] ?? 0;
      let least = 0x7fffffff;
      for (let s = 0; s < nHashes; s++) {
        const value = (Math.imul(factor, hashes[s] as number) + offset) | 0;
        if (value < least) least = value;
      }
      values[i] = least;
    }
    for (let band = 0; band < this.#keys.length; band++) {
      let key = 0;
      for (let row = 0; row < this.#rows; row++) {
        key = Math.imul(key ^ (values[band * this.#rows + row] ?? 0), 0x9e3779b1);
        key ^= key >>> 15;
      }
      this.#keys[band] = key;
    }
  }
}

/**
 * The largest number of values per band at which texts at the threshold still share a band with the required probability, 1 - (1 -
 * t^rows)^bands. Larger bands give fewer false candidates.
 */
function bandsFor(threshold: number): { nBands: number; rows: number } {
  let rows = 1;
  for (let more = 2; more <= MOST_VALUES; more++) {
    const chance = 1 - (1 - threshold ** more) ** Math.floor(MOST_VALUES / more);
    if (chance >= LEAST_CHANCE) rows = more;
  }
  return { nBands: Math.floor(MOST_VALUES / rows), rows };
}

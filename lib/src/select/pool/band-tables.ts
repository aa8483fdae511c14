// Locality-sensitive hashing by bands (Indyk and Motwani 1998): finds the sets that share at least one of several keys with a given one.
import { ChunkedArray } from '../../core/chunked-array.js';

const LEAST_BUCKETS = 1024;

/** A hash table for each band: 8 bytes for each band of an entry, and 8 to 16 of buckets. */
export class BandTables {
  readonly #nBands: number;
  /** Entry + 1, or 0, for each band and bucket. */
  #heads: Uint32Array;
  #nBuckets = LEAST_BUCKETS;
  /** For each entry and band the key, followed by the next entry + 1 of the same bucket, since both are read together. */
  readonly #links = new ChunkedArray(Uint32Array);
  #nEntries = 0;

  constructor(nBands: number) {
    this.#nBands = nBands;
    this.#heads = new Uint32Array(nBands * LEAST_BUCKETS);
  }

  /** Adds the next entry, from 0 on, under a key for each band. */
  add(keys: Uint32Array): void {
    const entry = this.#nEntries++;
    for (let band = 0; band < this.#nBands; band++)
      this.#links.set(2 * (entry * this.#nBands + band), keys[band] ?? 0);
    if (2 * this.#nEntries > this.#nBuckets) this.#grow();
    else this.#link(entry);
  }

  /**
   * Visits the entries that share the key of a band, the newest first, once per shared key.
   * @param visit returns whether to continue
   */
  visitSharing(keys: Uint32Array, visit: (entry: number) => boolean): void {
    for (let band = 0; band < this.#nBands; band++) {
      const key = keys[band] ?? 0;
      let entry = (this.#heads[band * this.#nBuckets + (key & (this.#nBuckets - 1))] ?? 0) - 1;
      while (entry >= 0) {
        const place = 2 * (entry * this.#nBands + band);
        if (this.#links.get(place) === key && !visit(entry)) return;
        entry = this.#links.get(place + 1) - 1;
      }
    }
  }

  #link(entry: number): void {
    for (let band = 0; band < this.#nBands; band++) {
      const place = 2 * (entry * this.#nBands + band);
      const bucket = band * this.#nBuckets + (this.#links.get(place) & (this.#nBuckets - 1));
      this.#links.set(place + 1, this.#heads[bucket] ?? 0);
      this.#heads[bucket] = entry + 1;
    }
  }

  #grow(): void {
    this.#nBuckets *= 2;
    this.#heads = new Uint32Array(this.#nBands * this.#nBuckets);
    for (let entry = 0; entry < this.#nEntries; entry++) this.#link(entry);
  }
}

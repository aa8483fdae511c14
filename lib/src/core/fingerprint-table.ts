// A set of 64-bit fingerprints that numbers its members: 25 to 50 bytes each, one or two memory accesses a look-up.

const EMPTY = -1;

/** Numbers fingerprints in the order in which they are added. */
export class FingerprintTable {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #ids = new Int32Array(1024).fill(EMPTY);
  /** Four bits for each place, one set by each fingerprint: small enough for the processor's cache, it answers most look-ups. */
  #bits = new Uint32Array(1024 / 8);
  #size = 0;

  /** Number of fingerprints. */
  get size(): number {
    return this.#size;
  }

  /** The number of a fingerprint, from 0; -1 if it is absent. */
  find(low: number, high: number): number {
    const bit = high & (4 * this.#ids.length - 1);
    if (((this.#bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return EMPTY;
    return this.#ids[this.#placeOf(low, high)] ?? EMPTY;
  }

  /** The number of a fingerprint, which is added if it is absent. */
  add(low: number, high: number): number {
    const place = this.#placeOf(low, high);
    const known = this.#ids[place] ?? EMPTY;
    if (known !== EMPTY) return known;
    this.#put(place, { low, high, id: this.#size });
    this.#size++;
    if (2 * this.#size > this.#ids.length) this.#grow();
    return this.#size - 1;
  }

  /** Its slot, or the free slot where it belongs. */
  #placeOf(low: number, high: number): number {
    const mask = this.#ids.length - 1;
    let place = low & mask;
    while (this.#ids[place] !== EMPTY && (this.#low[place] !== low || this.#high[place] !== high))
      place = (place + 1) & mask;
    return place;
  }

  #put(place: number, { low, high, id }: { low: number; high: number; id: number }): void {
    this.#low[place] = low;
    this.#high[place] = high;
    this.#ids[place] = id;
    const bit = high & (4 * this.#ids.length - 1);
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  #grow(): void {
    const [lows, highs, ids] = [this.#low, this.#high, this.#ids];
    this.#low = new Uint32Array(2 * ids.length);
    this.#high = new Uint32Array(2 * ids.length);
    this.#ids = new Int32Array(2 * ids.length).fill(EMPTY);
    this.#bits = new Uint32Array((2 * ids.length) / 8);
    ids.forEach((id, i) => {
      const [low = 0, high = 0] = [lows[i], highs[i]];
      if (id !== EMPTY) this.#put(this.#placeOf(low, high), { low, high, id });
    });
  }
}

// A set of 64-bit fingerprints that numbers its members: 16 to 32 bytes each, and one look-up touches one place.

const EMPTY = -1;

/** Numbers fingerprints in the order in which they come. */
export class FingerprintTable {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #ids = new Int32Array(1024).fill(EMPTY);
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** The number of a fingerprint, from 0; -1 where it is not there. */
  find(low: number, high: number): number {
    return this.#ids[this.#placeOf(low, high)] ?? EMPTY;
  }

  /** The number of a fingerprint, which is put in where it was not there. */
  add(low: number, high: number): number {
    const place = this.#placeOf(low, high);
    const known = this.#ids[place] ?? EMPTY;
    if (known !== EMPTY) return known;
    this.#put(place, { low, high, id: this.#size });
    this.#size++;
    if (2 * this.#size > this.#ids.length) this.#grow();
    return this.#size - 1;
  }

  /** Where it stands, or the free place where it would. */
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
  }

  #grow(): void {
    const [lows, highs, ids] = [this.#low, this.#high, this.#ids];
    this.#low = new Uint32Array(2 * ids.length);
    this.#high = new Uint32Array(2 * ids.length);
    this.#ids = new Int32Array(2 * ids.length).fill(EMPTY);
    ids.forEach((id, i) => {
      const [low = 0, high = 0] = [lows[i], highs[i]];
      if (id !== EMPTY) this.#put(this.#placeOf(low, high), { low, high, id });
    });
  }
}

// From keys to lines: a hash table in typed arrays, 20 bytes a key and 4 to 11 bytes a slot; no key is held as text.
import { sha256 } from './hash.js';
import { ChunkedArray } from './chunked-array.js';

/** 32-bit words of a fingerprint. */
export const FINGERPRINT_WORDS = 4;
/** Slots that may be taken before the table doubles. */
const MOST_FILLED = 0.7;
const LEAST_SLOTS = 1024;
/** Length of a 256-bit key in hexadecimal. */
const HASH_DIGITS = 64;
const WORD_DIGITS = 8;
const NO_DIGIT = 16;
/** The value of each character that is a digit of a hash. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return digit < 0 ? NO_DIGIT : digit;
});

/**
 * Finds the line of each key by 128 bits of the key. Two keys with the same fingerprint count as one here, so the reader of the line must
 * compare the whole key: a collision (probability 10^-26 among a million keys) is then a key that is not found, never a wrong answer.
 */
export class KeyIndex {
  /** Entry number + 1, or 0 for a free slot; open addressing with linear probing. */
  #slots = new Uint32Array(LEAST_SLOTS);
  readonly #words = new ChunkedArray(Uint32Array);
  readonly #lines = new ChunkedArray(Uint32Array);
  #nEntries = 0;
  readonly #fingerprint = new Uint32Array(FINGERPRINT_WORDS);

  /** Number of fingerprints. */
  get nEntries(): number {
    return this.#nEntries;
  }

  /** The line of a key, or -1. */
  find(key: string): number {
    this.#takeFingerprint(key);
    return this.findFingerprint(this.#fingerprint, 0);
  }

  /** As {@link find}, for a fingerprint of four words in `words` from `from` on. */
  findFingerprint(words: Uint32Array, from: number): number {
    const entry = (this.#slots[this.#slotOf(words, from)] ?? 0) - 1;
    return entry < 0 ? -1 : this.#lines.get(entry);
  }

  /** Sets the line of a key; a later line replaces an earlier one. */
  set(key: string, line: number): void {
    this.#takeFingerprint(key);
    this.setFingerprint(this.#fingerprint, 0, line);
  }

  /** As {@link set}, for a fingerprint of four words in `words` from `from` on. */
  setFingerprint(words: Uint32Array, from: number, line: number): void {
    const slot = this.#slotOf(words, from);
    const known = this.#slots[slot] ?? 0;
    if (known > 0) {
      this.#lines.set(known - 1, line);
      return;
    }
    const entry = this.#nEntries++;
    this.#slots[slot] = entry + 1;
    for (let i = 0; i < FINGERPRINT_WORDS; i++)
      this.#words.set(entry * FINGERPRINT_WORDS + i, words[from + i] ?? 0);
    this.#lines.set(entry, line);
    if (this.#nEntries > MOST_FILLED * this.#slots.length) this.#resize(2 * this.#slots.length);
  }

  /** Reserves space for `n` more keys. */
  reserve(nMore: number): void {
    let nSlots = this.#slots.length;
    while (this.#nEntries + nMore > MOST_FILLED * nSlots) nSlots *= 2;
    if (nSlots > this.#slots.length) this.#resize(nSlots);
  }

  /** The line of an entry, from 0 to {@link nEntries} - 1. */
  lineOfEntry(entry: number): number {
    return this.#lines.get(entry);
  }

  /** Copies the fingerprint of an entry to `into`, from `at` on. */
  copyFingerprint(entry: number, into: Uint32Array, at: number): void {
    for (let i = 0; i < FINGERPRINT_WORDS; i++) into[at + i] = this.#words.get(entry * FINGERPRINT_WORDS + i);
  }

  /** Combines both halves of the 256 bits, so that keys that differ only at one end have different fingerprints. */
  #takeFingerprint(key: string): void {
    const isHash = key.length === HASH_DIGITS && this.#foldHash(key);
    if (!isHash) this.#foldHash(sha256(key));
  }

  /** Digit by digit, since `Buffer` also accepts capital letters, which make another key. Returns false for a text that is not a hash. */
  #foldHash(hash: string): boolean {
    let wrong = 0;
    for (let word = 0; word < FINGERPRINT_WORDS; word++) {
      const at = word * WORD_DIGITS;
      let folded = 0;
      for (let i = at; i < at + WORD_DIGITS; i++) {
        const near = DIGITS[hash.charCodeAt(i)] ?? NO_DIGIT;
        const far = DIGITS[hash.charCodeAt(i + HASH_DIGITS / 2)] ?? NO_DIGIT;
        wrong |= near | far;
        folded = (folded << 4) | (near ^ far);
      }
      this.#fingerprint[word] = folded;
    }
    return wrong < NO_DIGIT;
  }

  /** The slot that holds this fingerprint, or the free one where it belongs. */
  #slotOf(words: Uint32Array, from: number): number {
    const [a, b, c, d] = [words[from] ?? 0, words[from + 1] ?? 0, words[from + 2] ?? 0, words[from + 3] ?? 0];
    const mask = this.#slots.length - 1;
    for (let slot = mixed(words, from) & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) return slot;
      const at = entry * FINGERPRINT_WORDS;
      const isSame =
        this.#words.get(at) === a &&
        this.#words.get(at + 1) === b &&
        this.#words.get(at + 2) === c &&
        this.#words.get(at + 3) === d;
      if (isSame) return slot;
    }
  }

  #resize(nSlots: number): void {
    this.#slots = new Uint32Array(nSlots);
    const words = new Uint32Array(FINGERPRINT_WORDS);
    for (let entry = 0; entry < this.#nEntries; entry++) {
      this.copyFingerprint(entry, words, 0);
      this.#slots[this.#slotOf(words, 0)] = entry + 1;
    }
  }
}

/** Spreads fingerprints over the slots, even if they differ in few bits. */
function mixed(words: Uint32Array, from: number): number {
  let mix = 0;
  for (let i = 0; i < FINGERPRINT_WORDS; i++) {
    mix = Math.imul(mix ^ (words[from + i] ?? 0), 0x9e3779b1);
    mix ^= mix >>> 15;
  }
  return mix;
}

// A text as the set of its word sequences ("shingles", Broder 1997), each as a 32-bit hash.

/** What a UTF-16 code unit is: the end of a word, a part of one, or a word by itself. */
const SEPARATOR = 0;
const LETTER = 1;
const WORD_ALONE = 2;

/** Scripts that write without blanks: each of their signs counts as a word. */
const SIGN_BY_SIGN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const PART_OF_WORD = /[\p{L}\p{N}\p{M}]/u;

let kinds: Uint8Array | undefined;

/** Made when first needed: 65,536 looks at Unicode. Halves of surrogate pairs, mostly emoji and rare signs, are words by themselves. */
function kindsOfCodeUnits(): Uint8Array {
  return Uint8Array.from({ length: 0x10000 }, (_, unit) => {
    if (unit >= 0xd800 && unit <= 0xdfff) return WORD_ALONE;
    const character = String.fromCharCode(unit);
    if (SIGN_BY_SIGN.test(character)) return WORD_ALONE;
    return PART_OF_WORD.test(character) ? LETTER : SEPARATOR;
  });
}

/** Makes sets of shingles. */
export class WordShingles {
  readonly #nWords: number;
  readonly #recent: Int32Array;
  #hashes = new Uint32Array(1024);

  /** @param nWords words of a shingle, 1 or more; a text of fewer words is one shingle */
  constructor(nWords: number) {
    this.#nWords = nWords;
    this.#recent = new Int32Array(nWords);
  }

  /**
   * The distinct shingles of a text, in ascending order; case and punctuation do not count. A text without any word is one shingle of
   * its characters.
   * @returns a view that the next call overwrites
   */
  of(text: string): Uint32Array {
    kinds ??= kindsOfCodeUnits();
    const lower = text.toLowerCase();
    let nWords = 0;
    let word = 0;
    let isInWord = false;
    for (let i = 0; i < lower.length; i++) {
      const unit = lower.charCodeAt(i);
      const kind = kinds[unit] ?? SEPARATOR;
      if (kind === LETTER) {
        word = Math.imul((isInWord ? word : 0x811c9dc5) ^ unit, 0x01000193);
        isInWord = true;
        continue;
      }
      if (isInWord) this.#take(word, nWords++);
      isInWord = false;
      if (kind === WORD_ALONE) this.#take(Math.imul(0x811c9dc5 ^ unit, 0x01000193), nWords++);
    }
    if (isInWord) this.#take(word, nWords++);
    if (nWords === 0) return this.#single(lower);
    if (nWords < this.#nWords) return this.#distinct(1);
    return this.#distinct(nWords - this.#nWords + 1);
  }

  /** Takes word number `at`: from the nth on, each ends a shingle; before, the shingle of all words so far stands in its place. */
  #take(word: number, at: number): void {
    const n = this.#nWords;
    this.#recent[at % n] = word;
    const nJoined = Math.min(at + 1, n);
    let hash = 0;
    for (let i = nJoined - 1; i >= 0; i--) {
      hash = Math.imul(hash ^ (this.#recent[(at - i) % n] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const place = Math.max(0, at - n + 1);
    if (place >= this.#hashes.length) {
      const longer = new Uint32Array(2 * this.#hashes.length);
      longer.set(this.#hashes);
      this.#hashes = longer;
    }
    this.#hashes[place] = mixed(hash);
  }

  #single(text: string): Uint32Array {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#hashes[0] = mixed(hash);
    return this.#distinct(1);
  }

  #distinct(nHashes: number): Uint32Array {
    const sorted = this.#hashes.subarray(0, nHashes).sort();
    let nDistinct = 0;
    for (let i = 0; i < nHashes; i++) {
      const hash = sorted[i] ?? 0;
      if (nDistinct === 0 || hash !== sorted[nDistinct - 1]) sorted[nDistinct++] = hash;
    }
    return sorted.subarray(0, nDistinct);
  }
}

/** Spreads a hash over all bits (the finalizer of MurmurHash3, Austin Appleby, public domain). */
function mixed(hash: number): number {
  let mix = hash ^ (hash >>> 16);
  mix = Math.imul(mix, 0x85ebca6b);
  mix ^= mix >>> 13;
  mix = Math.imul(mix, 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}

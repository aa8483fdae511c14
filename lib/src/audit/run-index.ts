// An index from runs of words to the texts that contain them: the small side of an audit, with which the texts of the large side are
// compared one by one.
import { hashShingles, type HashSequence } from '../core/shingles.js';
import { FingerprintTable } from '../core/fingerprint-table.js';

const NONE = -1;

/** Texts by their runs of `nWords` words. */
export class RunIndex {
  readonly nWords: number;
  readonly #table = new FingerprintTable();
  /** A linked list of the texts that contain a run: the first entry by run, then the next by entry. */
  readonly #first: number[] = [];
  readonly #next: number[] = [];
  readonly #text: number[] = [];
  /** By run, the number of texts that contain it. */
  readonly #nTexts: number[] = [];

  constructor(nWords: number) {
    this.nWords = nWords;
  }

  /** Number of distinct runs. */
  get size(): number {
    return this.#table.size;
  }

  /** Adds a text of the given number. @returns the numbers of its runs, each once */
  add(text: number, words: HashSequence): number[] {
    const { length, low, high } = hashShingles(words, this.nWords);
    const runs: number[] = [];
    for (let i = 0; i < length; i++) {
      const run = this.#table.add(low[i] ?? 0, high[i] ?? 0);
      const first = this.#first[run] ?? NONE;
      if (first !== NONE && this.#text[first] === text) continue;
      runs.push(run);
      this.#first[run] = this.#text.length;
      this.#text.push(text);
      this.#next.push(first);
      this.#nTexts[run] = (this.#nTexts[run] ?? 0) + 1;
    }
    return runs;
  }

  /** The number of a run, or -1. */
  find(low: number, high: number): number {
    return this.#table.find(low, high);
  }

  /** The number of texts that contain a run. */
  nTextsWith(run: number): number {
    return this.#nTexts[run] ?? 0;
  }

  /** Calls the visitor for every text that contains a run. */
  forEachText(run: number, visit: (text: number) => void): void {
    for (let entry = this.#first[run] ?? NONE; entry !== NONE; entry = this.#next[entry] ?? NONE)
      visit(this.#text[entry] ?? NONE);
  }
}

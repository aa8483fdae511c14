// Which texts hold which runs of words: the small side of an audit, to which texts of the large side are held one by one.
import { hashShingles, type HashSequence } from '../core/shingles.js';
import { FingerprintTable } from './fingerprint-table.js';

const NONE = -1;

/** Texts by their runs of `nWords` words. */
export class RunIndex {
  readonly nWords: number;
  readonly #table = new FingerprintTable();
  /** A linked list of the texts that hold a run: its first entry by run, then from entry to entry. */
  readonly #first: number[] = [];
  readonly #next: number[] = [];
  readonly #text: number[] = [];
  /** By run, how many texts hold it. */
  readonly #nTexts: number[] = [];

  constructor(nWords: number) {
    this.nWords = nWords;
  }

  /** How many different runs there are. */
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

  /** How many texts hold a run. */
  nTextsWith(run: number): number {
    return this.#nTexts[run] ?? 0;
  }

  /** Calls for every text that holds a run. */
  forEachText(run: number, visit: (text: number) => void): void {
    for (let entry = this.#first[run] ?? NONE; entry !== NONE; entry = this.#next[entry] ?? NONE)
      visit(this.#text[entry] ?? NONE);
  }
}

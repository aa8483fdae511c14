// An index of benchmark texts: each training text is compared with all of them in one pass over its words.
import { foldCase, hashOfAll, hashShingles, hashWords, type HashSequence } from '../core/shingles.js';
import { overlapKindSchema, type AuditedText, type OverlapKind, type TextField } from '../schema/overlap.js';
import type { OverlapOptions } from './overlap-config.js';
import { RunIndex } from './run-index.js';

/** The settings that decide whether texts overlap. */
export type OverlapMeasure = Pick<
  OverlapOptions,
  'runWords' | 'shingleWords' | 'share' | 'minWords' | 'boilerplateItems'
>;

/** A benchmark text that overlaps with the text that was looked up. */
export interface TextMatch {
  /** The benchmark text's number, in the order in which they were given. */
  text: number;
  kind: OverlapKind;
  benchmarkShare: number | null;
  trainingShare: number | null;
}

/** Whether an overlap is a stronger one than another: by its kind, then by the larger of its shares. */
export function isStronger(a: Omit<TextMatch, 'text'>, b: Omit<TextMatch, 'text'>): boolean {
  const byKind = overlapKindSchema.options.indexOf(b.kind) - overlapKindSchema.options.indexOf(a.kind);
  return byKind !== 0 ? byKind > 0 : largestShare(a) > largestShare(b);
}

function largestShare({ benchmarkShare, trainingShare }: Omit<TextMatch, 'text'>): number {
  return Math.max(benchmarkShare ?? 0, trainingShare ?? 0);
}

interface IndexedText {
  field: TextField;
  nWords: number;
  /** Shorter runs, each once. */
  nShingles: number;
  /** Long runs, each once. */
  runs: number[];
  /** Distinguishes texts with the same words. */
  whole: string;
}

/** An index of benchmark texts. Memory depends on the benchmark only. */
export class BenchmarkIndex {
  readonly #measure: OverlapMeasure;
  readonly #texts: IndexedText[] = [];
  readonly #byWhole = new Map<string, number[]>();
  readonly #shingles: RunIndex;
  readonly #runs: RunIndex;
  /** By shingle, the last look-up that found it. */
  readonly #metIn: Int32Array;
  /** By long run, whether any look-up found it. */
  readonly #wasMet: Uint8Array;
  /** By text, in the current look-up: shingles of the text that were found, and positions of the other text that match them. */
  readonly #nMet: Int32Array;
  readonly #nPlaces: Int32Array;
  #lookUp = 0;

  constructor(texts: Iterable<Pick<AuditedText, 'text' | 'field'>>, measure: OverlapMeasure) {
    this.#measure = measure;
    this.#shingles = new RunIndex(measure.shingleWords);
    this.#runs = new RunIndex(measure.runWords);
    for (const text of texts) this.#add(text);
    this.#metIn = new Int32Array(this.#shingles.size);
    this.#wasMet = new Uint8Array(this.#runs.size);
    this.#nMet = new Int32Array(this.#texts.length);
    this.#nPlaces = new Int32Array(this.#texts.length);
  }

  #add({ text, field }: Pick<AuditedText, 'text' | 'field'>): void {
    const words = hashWords(text);
    const number = this.#texts.length;
    const name = nameOf(words);
    const others = this.#byWhole.get(name);
    if (others) others.push(number);
    else this.#byWhole.set(name, [number]);
    this.#texts.push({
      field,
      nWords: words.length,
      nShingles: this.#shingles.add(number, words).length,
      runs: this.#runs.add(number, words),
      whole: wholeOf(text),
    });
  }

  /** The benchmark texts that a text overlaps with, in no particular order. */
  matchesOf({ text, field }: Pick<AuditedText, 'text' | 'field'>): TextMatch[] {
    const words = hashWords(text);
    const same = this.#sameAs(text, { field, words });
    const { touched, nPlaces, sharing } = this.#meet(words);
    const matches: TextMatch[] = [];
    // A text that shares a long run also shares the shorter runs in it.
    for (const number of touched) {
      const { nWords, nShingles } = this.#textAt(number);
      const benchmarkShare = (this.#nMet[number] ?? 0) / nShingles;
      const trainingShare = (this.#nPlaces[number] ?? 0) / nPlaces;
      this.#nMet[number] = 0;
      this.#nPlaces[number] = 0;
      if (same.has(number)) continue;
      const { share, minWords } = this.#measure;
      const isNear =
        (benchmarkShare >= share && nWords >= minWords) ||
        (trainingShare >= share && words.length >= minWords);
      if (isNear || sharing.has(number))
        matches.push({
          text: number,
          kind: isNear ? 'near-duplicate' : 'shared-run',
          benchmarkShare,
          trainingShare,
        });
    }
    const share = nPlaces > 0 ? 1 : null;
    for (const number of same)
      matches.push({ text: number, kind: 'same-text', benchmarkShare: share, trainingShare: share });
    return matches;
  }

  /** The share of a text's long runs that any look-up so far has found; null for a text shorter than one run. */
  runShareOf(text: number): number | null {
    const { runs } = this.#textAt(text);
    if (runs.length === 0) return null;
    return runs.reduce((n, run) => n + (this.#wasMet[run] ?? 0), 0) / runs.length;
  }

  #sameAs(text: string, { field, words }: { field: TextField; words: HashSequence }): Set<number> {
    const candidates = this.#byWhole.get(nameOf(words));
    if (!candidates) return new Set();
    const whole = wholeOf(text);
    return new Set(
      candidates.filter((number) => {
        const other = this.#textAt(number);
        // A short response ("yes", "42") is no evidence of an overlap.
        const isTelling =
          (field === 'instruction' && other.field === 'instruction') ||
          words.length >= this.#measure.minWords;
        return isTelling && other.whole === whole;
      }),
    );
  }

  /** Looks up the shorter runs of a text, and the long ones only where enough shorter runs in a row were found. */
  #meet(words: HashSequence): { touched: number[]; nPlaces: number; sharing: ReadonlySet<number> } {
    const { shingleWords, runWords, boilerplateItems = Infinity } = this.#measure;
    const { length: nPlaces, low, high } = hashShingles(words, shingleWords);
    const touched: number[] = [];
    const sharing = new Set<number>();
    const nInRun = runWords - shingleWords + 1;
    let runs: HashSequence | undefined;
    let nInRow = 0;
    this.#lookUp++;
    for (let place = 0; place < nPlaces; place++) {
      const shingle = this.#shingles.find(low[place] ?? 0, high[place] ?? 0);
      nInRow = shingle < 0 ? 0 : nInRow + 1;
      if (shingle < 0) continue;
      const isFirst = this.#metIn[shingle] !== this.#lookUp;
      this.#metIn[shingle] = this.#lookUp;
      this.#shingles.forEachText(shingle, (text) => {
        if (this.#nPlaces[text] === 0) touched.push(text);
        this.#nPlaces[text] = (this.#nPlaces[text] ?? 0) + 1;
        if (isFirst) this.#nMet[text] = (this.#nMet[text] ?? 0) + 1;
      });
      if (nInRow < nInRun) continue;
      runs ??= hashShingles(words, runWords);
      const start = place - nInRun + 1;
      const run = this.#runs.find(runs.low[start] ?? 0, runs.high[start] ?? 0);
      if (run < 0) continue;
      this.#wasMet[run] = 1;
      if (this.#runs.nTextsWith(run) <= boilerplateItems)
        this.#runs.forEachText(run, (text) => sharing.add(text));
    }
    return { touched, nPlaces, sharing };
  }

  #textAt(number: number): IndexedText {
    const text = this.#texts[number];
    if (!text) throw new RangeError(`expected a text below ${this.#texts.length}, received ${number}`);
    return text;
  }
}

function nameOf(words: HashSequence): string {
  const { low, high } = hashOfAll(words);
  return `${low}-${high}`;
}

/** The form in which equal texts are the same: without case, white space and punctuation at the end. */
function wholeOf(text: string): string {
  return foldCase(text)
    .replace(/\s+/g, ' ')
    .replace(/[\s.!?…]+$/, '')
    .trimStart();
}

// Filters the instructions of a pool: bounds, flags, personal details and duplicates.
import { sha256 } from '../../core/hash.js';
import { ChunkedArray } from '../../core/chunked-array.js';
import { KeyIndex } from '../../core/key-index.js';
import { normalisedText } from '../normalised-text.js';
import { languageOf } from './language-name.js';
import { NearDuplicates } from './near-duplicates.js';
import { screenPersonalDetails, type PersonalDetail } from './personal-details.js';
import type { PoolFilters } from './pool-config.js';
import type { PoolRow, RowProblem } from './pool-row.js';

/** Where an instruction was read. */
export interface PoolPlace {
  file: string;
  line: number;
}

/** The text of an accepted instruction, and the kinds of personal details that were masked in it. */
export interface LetThrough {
  text: string;
  masked: PersonalDetail[];
}

/** Filters instructions one by one and remembers those accepted: 60 bytes each, and up to 400 more for near duplicates. */
export class InstructionFilter {
  readonly #filters: PoolFilters;
  readonly #languages: ReadonlySet<string> | null;
  readonly #texts: KeyIndex | null;
  readonly #near: NearDuplicates | null;
  /** The source of each accepted instruction: the index of its file, and its line. */
  readonly #files: string[] = [];
  readonly #fileOf = new ChunkedArray(Uint32Array);
  readonly #lineOf = new ChunkedArray(Uint32Array);
  #nKept = 0;

  /** @param seed names the hash functions that find near duplicates */
  constructor(filters: PoolFilters, seed: number) {
    this.#filters = filters;
    this.#languages = filters.languages ? new Set(filters.languages.map((name) => languageOf(name))) : null;
    this.#texts = filters.duplicates === 'drop' ? new KeyIndex() : null;
    this.#near = filters.nearDuplicates ? new NearDuplicates({ ...filters.nearDuplicates, seed }) : null;
  }

  /** Accepts an instruction, or returns why not. */
  take(row: PoolRow, place: PoolPlace): LetThrough | RowProblem {
    const { toxic, redacted, personalDetails } = this.#filters;
    if (row.isToxic && toxic === 'drop') return { reason: 'toxic' };
    if (row.isRedacted && redacted === 'drop') return { reason: 'redacted' };
    const outside = this.#languageProblem(row.language) ?? this.#sizeProblem(row.text);
    if (outside !== null) return outside;
    let text = row.text;
    let masked: PersonalDetail[] = [];
    if (personalDetails) {
      const screened = screenPersonalDetails(text, personalDetails.kinds);
      const [first] = screened.found;
      if (first !== undefined && personalDetails.mode === 'drop')
        return { reason: `personal-${first}`, detail: screened.found.join(', ') };
      text = screened.masked;
      masked = screened.found;
    }
    return this.#repetition(text, place) ?? { text, masked };
  }

  #languageProblem(language: string | null): RowProblem | null {
    if (this.#languages === null) return null;
    if (language === null) return { reason: 'language-unknown' };
    const isKept =
      this.#languages.has(languageOf(language)) || this.#languages.has(languageOf(language, 'base'));
    return isKept ? null : { reason: 'language', detail: language };
  }

  #sizeProblem(text: string): RowProblem | null {
    const { characters, words } = this.#filters;
    const sizes = [
      [characters, 'characters', () => text.length],
      [words, 'words', () => text.trim().split(/\s+/).length],
    ] as const;
    for (const [bound, unit, measure] of sizes) {
      if (bound === undefined) continue;
      const size = measure();
      if (size < bound.min) return { reason: 'too-short', detail: `${size} ${unit}` };
      if (bound.max !== undefined && size > bound.max)
        return { reason: 'too-long', detail: `${size} ${unit}` };
    }
    return null;
  }

  /** The earlier instruction that this one repeats; one that repeats none is remembered. */
  #repetition(text: string, place: PoolPlace): RowProblem | null {
    const key = this.#texts === null ? '' : sha256(normalisedText(text));
    const same = this.#texts?.find(key) ?? -1;
    if (same >= 0) return { reason: 'duplicate', detail: this.#nameOf(same) };
    const near = this.#near?.findOrAdd(text) ?? null;
    if (near !== null) {
      const detail = `${this.#nameOf(near.entry)}, similarity ${near.similarity.toFixed(2)}`;
      return { reason: 'near-duplicate', detail };
    }
    const number = this.#nKept++;
    this.#texts?.set(key, number);
    if (this.#files.at(-1) !== place.file) this.#files.push(place.file);
    this.#fileOf.set(number, this.#files.length - 1);
    this.#lineOf.set(number, place.line);
    return null;
  }

  #nameOf(number: number): string {
    return `${this.#files[this.#fileOf.get(number)] ?? ''}:${this.#lineOf.get(number)}`;
  }
}

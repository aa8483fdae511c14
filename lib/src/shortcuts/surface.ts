// Surface features of a response: its length, its format and its words. None of them says whether it is good.
import { FingerprintTable } from '../core/fingerprint-table.js';
import { foldCase, hashWords } from '../core/shingles.js';

/** The features of a response, each as what it has more or less of. */
export const SURFACE_FEATURES = {
  /** In UTF-16 code units. */
  characters: 'characters',
  /** As {@link hashWords} counts them in any script. */
  nWords: 'words',
  listItems: 'list items',
  headings: 'headings',
  codeBlocks: 'code blocks',
  /** Passages between two pairs of asterisks. */
  bold: 'bold passages',
  /** Share of the instruction's distinct words that stand in the response, 0 to 1. */
  instructionCovered: 'of the instruction’s words',
  /** Share of the response's distinct words that stand in the instruction, 0 to 1. */
  onInstruction: 'of their own words in the instruction',
  /** Words such as I, my and we; of English alone, as the next. */
  firstPerson: 'words of the first person',
  refusalWords: 'words of refusal',
} as const;

/** Name of a feature. */
export type SurfaceFeature = keyof typeof SURFACE_FEATURES;
/** The value of every feature of a response. */
export type Surface = Record<SurfaceFeature, number>;

const FIRST_PERSON = 'I me my mine myself we us our ours ourselves';
const REFUSAL =
  'sorry apologize apologise apologies cannot unable unfortunately refuse decline inappropriate';

/** A line that begins a list item, a heading or a code block's fence. Each is read once from the start of its line. */
const LIST_ITEM = /^[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+\S/gm;
const HEADING = /^ {0,3}#{1,6}[ \t]+\S/gm;
const FENCE = /^[ \t]*(?:```|~~~)/gm;
const BOLD = /\*\*[^\s*][^*\n]*\*\*/g;

/** A response with its features and its distinct words. */
export interface ReadResponse {
  surface: Surface;
  words: Int32Array;
}

/** Reads responses; numbers each distinct word, the same in all texts. Time grows with the length of the texts, memory with their words. */
export class SurfaceReader {
  readonly #numbers = new FingerprintTable();
  /** By word, the last text that held it. */
  #metIn = new Uint32Array(1024);
  #text = 0;
  #nFirstPerson = 0;
  #nKnown = 0;

  constructor() {
    this.#nFirstPerson = this.#words(FIRST_PERSON).words.length;
    this.#nKnown = this.#nFirstPerson + this.#words(REFUSAL).words.length;
  }

  /** Numbers of words are below it. */
  get nNumbers(): number {
    return this.#numbers.size;
  }

  /** The responses to an instruction. */
  read(instruction: string, responses: readonly string[]): ReadResponse[] {
    const asked = this.#words(instruction).words;
    return responses.map((text) => {
      const { words, ...counts } = this.#words(text);
      // The marks are those of the response.
      const nShared = asked.reduce((n, word) => n + Number(this.#metIn[word] === this.#text), 0);
      return {
        words,
        surface: {
          characters: text.length,
          ...counts,
          listItems: matchesIn(text, LIST_ITEM),
          headings: matchesIn(text, HEADING),
          codeBlocks: Math.ceil(matchesIn(text, FENCE) / 2),
          bold: matchesIn(text, BOLD),
          instructionCovered: asked.length === 0 ? 0 : nShared / asked.length,
          onInstruction: words.length === 0 ? 0 : nShared / words.length,
        },
      };
    });
  }

  /** The words that are not among others. */
  without(words: Int32Array, others: Int32Array): Int32Array {
    this.#text++;
    for (const word of others) this.#metIn[word] = this.#text;
    return words.filter((word) => this.#metIn[word] !== this.#text);
  }

  /** Calls the visitor with the words of a text that are among these numbers, as they are compared: in lower case, in compatible form. */
  spell(text: string, numbers: ReadonlySet<number>, visit: (word: number, spelling: string) => void): void {
    for (const run of foldCase(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) {
      const inRun = hashWords(run).length === 1 ? [run] : (run.match(/./gsu) ?? []);
      for (const spelling of inRun) {
        const { low, high } = hashWords(spelling);
        const word = this.#numbers.find(low[0] ?? 0, high[0] ?? 0);
        if (numbers.has(word)) visit(word, spelling);
      }
    }
  }

  /** Numbers and counts the words of a text, and marks them as met in it. */
  #words(text: string): { words: Int32Array } & Pick<Surface, 'nWords' | 'firstPerson' | 'refusalWords'> {
    const { length, low, high } = hashWords(text);
    const words = new Int32Array(length);
    const counts = { nWords: length, firstPerson: 0, refusalWords: 0 };
    let nDistinct = 0;
    this.#text++;
    for (let i = 0; i < length; i++) {
      const word = this.#numbers.add(low[i] ?? 0, high[i] ?? 0);
      if (word < this.#nFirstPerson) counts.firstPerson++;
      else if (word < this.#nKnown) counts.refusalWords++;
      if (word >= this.#metIn.length) this.#grow();
      if (this.#metIn[word] === this.#text) continue;
      this.#metIn[word] = this.#text;
      words[nDistinct++] = word;
    }
    return { ...counts, words: words.slice(0, nDistinct) };
  }

  #grow(): void {
    const metIn = new Uint32Array(2 * this.#metIn.length);
    metIn.set(this.#metIn);
    this.#metIn = metIn;
  }
}

function matchesIn(text: string, pattern: RegExp): number {
  let n = 0;
  pattern.lastIndex = 0;
  while (pattern.test(text)) n++;
  return n;
}

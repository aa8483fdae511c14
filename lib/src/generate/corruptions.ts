// Fixed rules that damage a good answer: a loser that costs nothing, and whose fault is known.
import { deriveRandom, type Random } from '../core/random.js';

/** What a rule damages. */
export interface CorruptionInput {
  /** The good answer. */
  text: string;
  /** What it answers. */
  instruction: string;
}

/** A rule. */
export interface Corruption {
  /** What it does, in one sentence. */
  description: string;
  /** The damaged text; null where the rule finds nothing to damage. It may be the same text by chance. */
  apply: (input: CorruptionInput, random: Random) => string | null;
}

/**
 * All rules by name. They work on plain text of any kind; `negate` knows English alone. `change-digit`, `swap-words` and `borrow-word`
 * use nothing that is not in the text or the instruction, but digits: an answer of a small vocabulary stays in it.
 */
export const CORRUPTIONS = {
  'drop-sentence': {
    description: 'One of two or more sentences is left out.',
    apply: ({ text }, random) => {
      const { parts, sentences } = sentencesOf(text);
      if (sentences.length < 2) return null;
      const dropped = random.pick(sentences);
      return parts.filter((_, i) => i !== dropped).join('');
    },
  },
  'swap-sentences': {
    description: 'Two sentences change places.',
    apply: ({ text }, random) => {
      const { parts, sentences } = sentencesOf(text);
      if (sentences.length < 2) return null;
      const [first = 0, second = 0] = random.shuffled(sentences);
      return swapped(parts, first, second);
    },
  },
  truncate: {
    description: 'The text ends after 30 to 80% of its words; it has four or more.',
    apply: ({ text }, random) => {
      const ends = [...text.matchAll(/\S+/g)].map((match) => match.index + match[0].length);
      if (ends.length < 4) return null;
      const nLeft = Math.max(1, Math.floor(ends.length * (0.3 + 0.5 * random.next())));
      return text.slice(0, ends[nLeft - 1]);
    },
  },
  'change-number': {
    description: 'A number becomes another one near it, written with as many decimals.',
    apply: ({ text }, random) =>
      replaceOne(text, { pattern: /\d+(?:\.\d+)?/g, random }, (number) => otherNumber(number, random)),
  },
  'change-digit': {
    description: 'A digit becomes another digit.',
    apply: ({ text }, random) =>
      replaceOne(text, { pattern: /\d/g, random }, (digit) =>
        String((Number(digit) + 1 + random.below(9)) % 10),
      ),
  },
  negate: {
    description:
      'An English statement is turned into its opposite: "not" comes or goes, or a word such as true, always, more.',
    apply: ({ text }, random) => replaceOne(text, { pattern: NEGATABLE, random }, (words) => opposite(words)),
  },
  'swap-words': {
    description: 'Two different words change places.',
    apply: ({ text }, random) => {
      const parts = text.split(/(\s+)/);
      const words = parts.flatMap((part, i) => (/[\p{L}\p{N}]/u.test(part) ? [i] : []));
      if (new Set(words.map((i) => parts[i])).size < 2) return null;
      const first = random.pick(words);
      const second = random.pick(words.filter((i) => parts[i] !== parts[first]));
      return swapped(parts, first, second);
    },
  },
  'borrow-word': {
    description: 'A word becomes another one of the instruction, as long as it and of letters like it.',
    apply: ({ text, instruction }, random) => {
      const offered = instruction.match(LETTERS) ?? [];
      const substitutesOf = (word: string): string[] =>
        offered.filter((other) => other.length === word.length && other !== word);
      const replaceable = [...text.matchAll(LETTERS)].filter(([word]) => substitutesOf(word).length > 0);
      if (replaceable.length === 0) return null;
      const match = random.pick(replaceable);
      return replacedAt(text, match, random.pick(substitutesOf(match[0])));
    },
  },
} as const satisfies Readonly<Record<string, Corruption>>;
/** A rule's name. */
export type CorruptionName = keyof typeof CORRUPTIONS;

/**
 * Damages a text by the first of the rules, in an order drawn by `seed` and texts, that changes it into another one.
 * @param options.sampleIndex another index, another draw
 * @returns null where no rule can
 */
export function corrupt(
  input: CorruptionInput,
  options: { rules: readonly CorruptionName[]; seed: number; sampleIndex: number },
): { text: string; corruption: CorruptionName } | null {
  const { rules, seed, sampleIndex } = options;
  const random = deriveRandom(seed, 'corruption', input.instruction, input.text, sampleIndex);
  for (const corruption of random.shuffled(rules)) {
    const text = CORRUPTIONS[corruption].apply(input, random)?.trim() ?? '';
    if (text !== '' && text !== input.text.trim()) return { text, corruption };
  }
  return null;
}

const LETTERS = /\p{L}+/gu;

/** A text in parts of which some are sentences, and the places of those. */
function sentencesOf(text: string): { parts: string[]; sentences: number[] } {
  const parts = [...SENTENCES.segment(text)].map(({ segment }) => segment);
  return { parts, sentences: parts.flatMap((part, i) => (/[\p{L}\p{N}]/u.test(part) ? [i] : [])) };
}
const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The parts in a row, two of them with each other's content; the white space after each stays where it was. */
function swapped(parts: readonly string[], first: number, second: number): string {
  const contentOf = (place: number): string => (parts[place] ?? '').trimEnd();
  return parts
    .map((part, i) => {
      if (i !== first && i !== second) return part;
      return contentOf(i === first ? second : first) + part.slice(part.trimEnd().length);
    })
    .join('');
}

/** The text with one match, drawn at random, replaced; null where there is none. */
function replaceOne(
  text: string,
  { pattern, random }: { pattern: RegExp; random: Random },
  replacement: (found: string) => string,
): string | null {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return null;
  const match = random.pick(matches);
  return replacedAt(text, match, replacement(match[0]));
}

function replacedAt(text: string, match: RegExpExecArray, replacement: string): string {
  return text.slice(0, match.index) + replacement + text.slice(match.index + match[0].length);
}

/** A whole number below 2^53 moves by up to a tenth, at least by 1; of any other the last digit changes. */
function otherNumber(written: string, random: Random): string {
  const value = Number(written);
  if (/^(?:0|[1-9]\d*)$/.test(written) && Number.isSafeInteger(value)) {
    const step = 1 + random.below(Math.max(1, Math.min(Math.floor(value / 10), 1_000_000)));
    return String(random.below(2) === 0 && value >= step ? value - step : value + step);
  }
  const last = Number(written.at(-1));
  return written.slice(0, -1) + String((last + 1 + random.below(9)) % 10);
}

/** Words that stand for each other's opposite. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['true', 'false'],
  // Of an answer, as they stand before a comma or a stop; "no" is also a word inside sentences.
  ['yes', 'no'],
  ['always', 'never'],
  ['more', 'less'],
  ['before', 'after'],
  ['increase', 'decrease'],
  ['increases', 'decreases'],
  ['higher', 'lower'],
  ['greater', 'smaller'],
  ['correct', 'incorrect'],
  ['possible', 'impossible'],
  ['with', 'without'],
];
const oppositeOf: ReadonlyMap<string, string> = new Map(
  OPPOSITES.flatMap(([a, b]): [string, string][] => [
    [a, b],
    [b, a],
  ]),
);
const AUXILIARIES = 'is|are|was|were|will|would|should|does|do|did|has|have|had|may|might|must|could|can';
const NEGATABLE = new RegExp(
  `\\b(?:(?:${AUXILIARIES})\\b(?: not\\b)?(?!['’])|cannot\\b|(?:yes|no)\\b(?=[,.!])|` +
    `(?!(?:yes|no)\\b)(?:${[...oppositeOf.keys()].join('|')})\\b)`,
  'gi',
);

/** The opposite of what {@link NEGATABLE} finds. */
function opposite(words: string): string {
  const lower = words.toLowerCase();
  if (lower === 'cannot') return words.slice(0, 3);
  if (lower.endsWith(' not')) return words.slice(0, -' not'.length);
  const other = oppositeOf.get(lower);
  if (other === undefined) return `${words} not`;
  const isCapitalised = !words.startsWith(lower.charAt(0));
  return isCapitalised ? other.charAt(0).toUpperCase() + other.slice(1) : other;
}

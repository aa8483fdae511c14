// Fixed rules that damage a good answer: losers that cost no request and have a known fault.
import { deriveRandom, type Random } from '../core/random.js';

/** What a rule damages. */
export interface CorruptionInput {
  /** The good answer. */
  text: string;
  /** The instruction. */
  instruction: string;
}

/** One corruption rule. */
export interface Corruption {
  /** What it does, in one sentence. */
  description: string;
  /** The damaged text, which may be unchanged by chance; null where the rule does not apply. */
  apply: (input: CorruptionInput, random: Random) => string | null;
}

/**
 * All rules by name. They work on any plain text; `negate` is for English only. `change-digit`, `swap-words` and `borrow-word` add only
 * digits and words of the text or the instruction, so that answers keep to a small vocabulary.
 */
export const CORRUPTIONS = {
  'drop-sentence': {
    description: 'Remove one of two or more sentences.',
    apply: ({ text }, random) => {
      const { parts, sentences } = sentencesOf(text);
      if (sentences.length < 2) return null;
      const dropped = random.pick(sentences);
      return parts.filter((_, i) => i !== dropped).join('');
    },
  },
  'swap-sentences': {
    description: 'Swap two sentences.',
    apply: ({ text }, random) => {
      const { parts, sentences } = sentencesOf(text);
      if (sentences.length < 2) return null;
      const [first = 0, second = 0] = random.shuffled(sentences);
      return swapped(parts, first, second);
    },
  },
  truncate: {
    description: 'Cut the text after 30 to 80% of its words; needs four or more words.',
    apply: ({ text }, random) => {
      const ends = [...text.matchAll(/\S+/g)].map((match) => match.index + match[0].length);
      if (ends.length < 4) return null;
      const nLeft = Math.max(1, Math.floor(ends.length * (0.3 + 0.5 * random.next())));
      return text.slice(0, ends[nLeft - 1]);
    },
  },
  'change-number': {
    description: 'Replace a number with another one near it, with the same number of decimals.',
    apply: ({ text }, random) =>
      replaceOne(text, { pattern: /\d+(?:\.\d+)?/g, random }, (number) => otherNumber(number, random)),
  },
  'change-digit': {
    description: 'Replace a digit with another digit.',
    apply: ({ text }, random) =>
      replaceOne(text, { pattern: /\d/g, random }, (digit) =>
        String((Number(digit) + 1 + random.below(9)) % 10),
      ),
  },
  negate: {
    description:
      'Negate an English statement: add or remove "not", or invert a word such as true, always, more.',
    apply: ({ text }, random) => replaceOne(text, { pattern: NEGATABLE, random }, (words) => opposite(words)),
  },
  'swap-words': {
    description: 'Swap two different words.',
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
    description: 'Replace a word with one of the instruction of the same length and kind of characters.',
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
 * Damages a text by the first rule that changes it; the order of the rules is drawn from `seed` and the texts.
 * @param options.sampleIndex selects another draw
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

/** The parts of a text, and the indices of the parts that are sentences. */
function sentencesOf(text: string): { parts: string[]; sentences: number[] } {
  const parts = [...SENTENCES.segment(text)].map(({ segment }) => segment);
  return { parts, sentences: parts.flatMap((part, i) => (/[\p{L}\p{N}]/u.test(part) ? [i] : [])) };
}
const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The parts joined, with two of them swapped; the white space after each keeps its place. */
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

/** Changes a whole number below 2^53 by 1 to a tenth of it, and the last digit of any other number. */
function otherNumber(written: string, random: Random): string {
  const value = Number(written);
  if (/^(?:0|[1-9]\d*)$/.test(written) && Number.isSafeInteger(value)) {
    const step = 1 + random.below(Math.max(1, Math.min(Math.floor(value / 10), 1_000_000)));
    return String(random.below(2) === 0 && value >= step ? value - step : value + step);
  }
  const last = Number(written.at(-1));
  return written.slice(0, -1) + String((last + 1 + random.below(9)) % 10);
}

/** Pairs of opposite words. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['true', 'false'],
  // Only before a comma or a full stop, since "no" also occurs inside sentences.
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

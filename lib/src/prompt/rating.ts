// Named rules that read a rating, a number on a scale, from a judgment of a single response.
import { z } from 'zod';
import type { Completion } from '../schema/chat.js';
import { stripLikePython } from './python-text.js';
import { withoutThinking } from './thinking.js';

export const parsedRatingSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.number() }),
  z.strictObject({ ok: z.literal(false), reason: z.enum(['no-rating', 'out-of-range', 'truncated']) }),
]);
/** The rating that a rule found, or why it found none: no number, outside the scale, or cut before it came. */
export type ParsedRating = z.infer<typeof parsedRatingSchema>;

/** A rule that reads a rating. */
export interface RatingRuleDefinition {
  /** What counts as a rating, in one sentence. */
  description: string;
  /** Where the rule comes from. */
  source: string;
  /** The number, infinite when it is too large for one, or null where there is none. Never throws; linear time. */
  find: (text: string) => number | null;
  /** Lowest and highest rating of its scale; absent where the source has no scale. */
  range?: { lowest: number; highest: number };
}

/** The registry: a new rule is one entry here. */
const rules = {
  'mt-bench': {
    description:
      'The first number in double brackets, [[7]] or [[7.5]], otherwise the first in single ones; from 1 to 10.',
    source: 'lm-sys/FastChat, fastchat/llm_judge/common.py, run_judge_single; its prompts name the scale',
    find: (text: string) => firstNumber(text, DOUBLE_BRACKETS) ?? firstNumber(text, SINGLE_BRACKETS),
    range: { lowest: 1, highest: 10 },
  },
  'last-rating': {
    description:
      'The last number in double brackets, from 1 to 10, for chains of thought that mention others before they decide.',
    source: 'this project',
    find: (text: string) => lastNumber(text),
    range: { lowest: 1, highest: 10 },
  },
  'whole-number': {
    description:
      "The whole text is one integer as Python's int() reads it: white space around it, a sign, and single underscores between digits are allowed.",
    source: 'princeton-nlp/LLMBar at caa7bee, LLMEvaluator/evaluate.py, the Rating strategies',
    find: wholeNumber,
  },
} satisfies Record<string, RatingRuleDefinition>;

/** The name of a rule. */
export type RatingRule = keyof typeof rules;
/** All rules by name. */
export const RATING_RULES: Readonly<Record<RatingRule, RatingRuleDefinition>> = rules;
export const ratingRuleSchema = z.enum(Object.keys(rules) as [RatingRule, ...RatingRule[]]);

/** Reads a rating from a completion by the named rule. Never throws, whatever the text. Thinking that does not end is `truncated`. */
export function parseRating(rule: RatingRule, { text, finishReason }: Completion): ParsedRating {
  const { find, range } = RATING_RULES[rule];
  const answer = withoutThinking(text);
  const value = answer === null ? null : find(answer);
  if (value === null) {
    const isCut = answer === null || finishReason === 'length';
    return { ok: false, reason: isCut ? 'truncated' : 'no-rating' };
  }
  const isInRange = range ? value >= range.lowest && value <= range.highest : Number.isSafeInteger(value);
  return isInRange ? { ok: true, value } : { ok: false, reason: 'out-of-range' };
}

/** A number is short; the bound keeps a pattern's memory small on a text that is all digits. */
const NUMBER = '(\\d{1,100}(?:\\.\\d{0,100})?)';
const DOUBLE_BRACKETS = new RegExp(`\\[\\[${NUMBER}\\]\\]`);
const SINGLE_BRACKETS = new RegExp(`\\[${NUMBER}\\]`);

function firstNumber(text: string, pattern: RegExp): number | null {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

function lastNumber(text: string): number | null {
  const digits = [...text.matchAll(new RegExp(DOUBLE_BRACKETS, 'g'))].at(-1)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Python refuses longer numbers too (sys.set_int_max_str_digits), so that reading one stays cheap. */
const MOST_DIGITS = 4300;

const INFORMATION_SEPARATORS = ['\u001c', '\u001d', '\u001e', '\u001f'];

/** DEVIATION: Python's int() takes the digits of other scripts as well; here only 0 to 9 count. */
function wholeNumber(text: string): number | null {
  // White space to str.strip(), but not to int().
  if (INFORMATION_SEPARATORS.some((separator) => text.includes(separator))) return null;
  const stripped = stripLikePython(text);
  // A sign and an underscore before every digit but the first.
  if (stripped.length > 2 * MOST_DIGITS || !/^[+-]?\d+(?:_\d+)*$/.test(stripped)) return null;
  const digits = stripped.replaceAll('_', '');
  if (digits.replace(/^[+-]/, '').length > MOST_DIGITS) return null;
  // `+ 0` makes a zero of minus zero.
  return Number(digits) + 0;
}

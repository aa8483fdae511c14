// Reads the labels of an instruction from a completion, however a model has dressed them.
import type { Completion } from '../schema/chat.js';
import { lastObject } from './last-object.js';
import type { Parsed } from './text-rules.js';
import { withoutThinking } from './thinking.js';

/** The labels by which instructions are selected (paper, section 3.1). */
export interface SelectionLabels {
  /** As the model wrote it; {@link categoryNamed} finds the category that it means. */
  category: string;
  /** 1 (simple) to 10. */
  complexity: number;
  /** Expected length of a good answer, as the prompt's own scale names it. */
  expectedLength: string;
}

type Field = keyof SelectionLabels;

/** What a model may call a field. */
const NAMES: Readonly<Record<Field, string>> = {
  category: 'category',
  complexity: 'complexity',
  expectedLength: String.raw`(?:expected[\s_-]*)?(?:answer[\s_-]*|response[\s_-]*)?length`,
};

/** Marks around a name or value: Markdown, list marks, quotes and brackets. */
const DRESS = String.raw`[ \t*_#>|"'\x60\[\](){}+•–-]`;

/**
 * Reads category, complexity and length: lines such as `category: …` in any order and case, also numbered, as a list, bold, or as a
 * JSON object. Of several the last counts, since reasoning comes first. A completion that was cut at its length limit, or in its thinking, is
 * never used.
 */
export function parseSelection({ text, finishReason }: Completion): Parsed<SelectionLabels> {
  const answer = withoutThinking(text);
  if (answer === null || finishReason === 'length') return { ok: false, reason: 'truncated' };
  const object = lastObject(answer);
  const read = (field: Field): string | null => fromObject(object, field) ?? fromLines(answer, field);
  const category = read('category');
  const complexity = read('complexity');
  const expectedLength = read('expectedLength');
  if (category === null || complexity === null || expectedLength === null)
    return { ok: false, reason: 'label-missing' };
  const degree = degreeOf(complexity);
  if (degree === null) return { ok: false, reason: 'complexity-out-of-range' };
  return { ok: true, value: { category, complexity: degree, expectedLength } };
}

/**
 * The category of a list that a text means: the one that it is, else the only one that it names among other words; null where it names
 * none or several. Case, punctuation, `and` and a leading `category` do not count.
 */
export function categoryNamed(written: string, categories: readonly string[]): string | null {
  const words = plain(written).replace(/^category /, '');
  const same = categories.find((category) => plain(category) === words);
  if (same !== undefined) return same;
  const named = categories.filter((category) => ` ${words} `.includes(` ${plain(category)} `));
  // "Closed Question Answering" may also hold the name of a shorter one; the one that holds the others is meant.
  const widest = named.filter(
    (category) => !named.some((other) => other !== category && plain(other).includes(plain(category))),
  );
  return widest.length === 1 ? (widest[0] ?? null) : null;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/\band\b|[^\p{L}\p{N}]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}

function fromLines(text: string, field: Field): string | null {
  const pattern = new RegExp(
    `^${DRESS}{0,20}(?:\\d+[.)])?${DRESS}{0,20}${NAMES[field]}${DRESS}{0,20}[:=](.*)$`,
    'gim',
  );
  const values = [...text.matchAll(pattern)].map(([, value]) => undressed(value ?? ''));
  return values.filter((value) => value !== '').at(-1) ?? null;
}

function undressed(value: string): string {
  const dress = new RegExp(`^(?:${DRESS})+|(?:${DRESS}|[,.;])+$`, 'g');
  return value.trim().replace(dress, '');
}

/** A whole number from 1 to 10, also as `7/10`, `7 of 10`, `7 - hard`; null for any other. */
function degreeOf(text: string): number | null {
  const found =
    /^\D{0,20}?(\d+(?:\.\d+)?)(?!\d|\.\d)(?:\s*(?:\/|out of|of)\s*(\d+))?(?!\s*(?:-|–|to)\s*\d)/i.exec(text);
  const degree = Number(found?.[1]);
  const isOfTen = found?.[2] === undefined || Number(found[2]) === 10;
  return isOfTen && Number.isInteger(degree) && degree >= 1 && degree <= 10 ? degree : null;
}

function fromObject(object: Record<string, unknown> | null, field: Field): string | null {
  const name = new RegExp(`^${NAMES[field]}$`, 'i');
  for (const [key, value] of Object.entries(object ?? {})) {
    if (!name.test(key)) continue;
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return null;
}

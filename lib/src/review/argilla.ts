// Items as records of Argilla 2, the settings of their data set, and the answers of records that were exported as JSON. The form of a
// record is that of `Record.to_dict`, which `dataset.records.to_json` writes, and that of the flat rows of `to_list(flatten=True)`:
// github.com/argilla-io/argilla, argilla/src/argilla/records/_resource.py and _io/_generic.py. That of settings is what
// `Settings.to_json` writes (settings/_resource.py).
import { z } from 'zod';
import { visibleText } from '../core/text.js';
import type { ReviewItem } from '../schema/review.js';
import { questionOf, shownTexts, type GivenAnswer } from './sheet-fields.js';

/** Records without suggestions, so that nothing is proposed to reviewers, in the order in which items were drawn. */
export function toArgilla(items: readonly ReviewItem[]): string {
  const records = items.map((item) => ({
    id: item.itemId,
    fields: Object.fromEntries(shownTexts(item).map(([name, text]) => [name, visibleText(text)])),
    metadata: {},
    suggestions: {},
    responses: {},
    vectors: {},
  }));
  return `${JSON.stringify(records, null, 1)}\n`;
}

/**
 * The settings of a data set for these records: plain text, a choice and a note.
 * @param items of one stage, at least one
 */
export function argillaSettings([item]: readonly [ReviewItem, ...ReviewItem[]]): string {
  const { question, answers } = questionOf(item);
  const plain = { type: 'text', use_markdown: false };
  const options = answers.map((word) => ({ value: word, text: word }));
  const settings = {
    guidelines: question,
    fields: shownTexts(item).map(([name]) => ({ name, title: name, required: true, settings: plain })),
    questions: [
      { name: 'answer', title: question, required: true, settings: { type: 'label_selection', options } },
      { name: 'note', title: 'note', required: false, settings: plain },
    ],
    vectors: [],
    metadata: [],
    allow_extra_metadata: false,
  };
  return `${JSON.stringify(settings, null, 1)}\n`;
}

const responsesSchema = z.array(
  z.looseObject({ value: z.unknown(), user_id: z.string().nullish(), status: z.string().nullish() }),
);
const nestedSchema = z.looseObject({ id: z.string(), responses: z.record(z.string(), responsesSchema) });
const listSchema = z.array(z.unknown()).nullish();
const flatSchema = z.looseObject({ id: z.string(), 'answer.responses': z.array(z.unknown()).nullable() });

type Responses = z.infer<typeof responsesSchema>;

/**
 * The responses to a record, each an answer; null for a row that is no record of Argilla. A response that was discarded is a skip, and a
 * draft is no answer; only flat rows say which are.
 */
export function answersOfRecord(row: Readonly<Record<string, unknown>>): GivenAnswer[] | null {
  const nested = nestedSchema.safeParse(row);
  const flat = flatSchema.safeParse(row);
  if (!nested.success && !flat.success) return null;
  const responsesTo = (question: string): Responses =>
    nested.success ? (nested.data.responses[question] ?? []) : flatResponses(row, question);
  const notes = responsesTo('note');
  const itemId = String(row.id);
  const given = responsesTo('answer').map(({ value, user_id, status }): GivenAnswer => {
    const note = notes.find((other) => other.user_id === user_id)?.value;
    return {
      itemId,
      word:
        status === 'discarded' ? 'skip' : status === 'draft' ? '' : typeof value === 'string' ? value : '',
      reviewer: user_id ?? undefined,
      note: typeof note === 'string' ? note : undefined,
    };
  });
  return given.length === 0 ? [{ itemId, word: '' }] : given;
}

function flatResponses(row: Readonly<Record<string, unknown>>, question: string): Responses {
  const list = (end: string): unknown[] =>
    listSchema.catch(null).parse(row[`${question}.responses${end}`]) ?? [];
  const [users, states] = [list('.users'), list('.status')];
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return list('').map((value, i) => ({ value, user_id: text(users[i]), status: text(states[i]) }));
}

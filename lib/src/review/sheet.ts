// Items as a sheet that people fill in elsewhere, and the answers read back from it: CSV, and tasks of Label Studio.
import { z } from 'zod';
import { own } from '../core/own.js';
import { visibleText } from '../core/text.js';
import { reviewWordSchema, type ReviewAnswer, type ReviewItem } from '../schema/review.js';
import { ANSWERS, QUESTIONS } from './answers.js';

/** Columns of a sheet; `reviewer`, `answer` and `note` are filled in. */
const COLUMNS = [
  'item_id',
  'question',
  'answers',
  'instruction',
  'response_a',
  'response_b',
  'reasoning',
  'reviewer',
  'answer',
  'note',
] as const;

/** A row for each item, with nothing that is hidden from reviewers. */
export function toCsv(items: readonly ReviewItem[]): string {
  const rows = items.map((item) => {
    const cells = { ...fieldsOf(item), reviewer: '', answer: '', note: '' };
    return COLUMNS.map((column) => csvCell(cells[column])).join(',');
  });
  return [COLUMNS.join(','), ...rows, ''].join('\r\n');
}

/** Tasks of Label Studio (https://labelstud.io/guide/tasks): the fields of each item under `data`. */
export function toLabelStudio(items: readonly ReviewItem[]): string {
  return `${JSON.stringify(
    items.map((item) => ({ data: fieldsOf(item) })),
    null,
    1,
  )}\n`;
}

/**
 * The labelling interface for these tasks. The texts of items stand in the tasks alone.
 * @param items of one stage, at least one
 */
export function labelStudioInterface([{ stage, responses, reasoning }]: readonly [
  ReviewItem,
  ...ReviewItem[],
]): string {
  const text = (name: string): string =>
    `  <Header value="${name}"/>\n  <Text name="${name}" value="$${name}"/>`;
  const shown = [
    'instruction',
    ...(responses ? ['response_a', 'response_b'] : []),
    ...(reasoning === undefined ? [] : ['reasoning']),
  ];
  const choices = [...ANSWERS[stage], 'skip'].map((word) => `    <Choice value="${word}"/>`);
  return [
    '<View>',
    ...shown.map(text),
    `  <Header value="${QUESTIONS[stage]}"/>`,
    '  <Choices name="answer" toName="instruction" choice="single" required="true">',
    ...choices,
    '  </Choices>',
    '  <TextArea name="note" toName="instruction"/>',
    '</View>',
    '',
  ].join('\n');
}

function fieldsOf({ itemId, stage, instruction, responses, reasoning }: ReviewItem) {
  const [first, second] = responses ?? ['', ''];
  return {
    item_id: itemId,
    question: QUESTIONS[stage],
    answers: [...ANSWERS[stage], 'skip'].join(' '),
    instruction,
    response_a: first,
    response_b: second,
    reasoning: reasoning ?? '',
  };
}

/** Spreadsheets take a cell that begins so for a formula, and run it; a text of a model may be one. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

function csvCell(text: string): string {
  const shown = visibleText(text);
  const plain = FORMULA.test(text) ? `'${shown}` : shown;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Why a row of a filled-in sheet gives no answer. */
export type SheetDrop =
  | 'no-answer' // nothing was filled in
  | 'unknown-item' // its item is none of the run's
  | 'unknown-answer' // the word is none of those that answer its question
  | 'no-reviewer' // neither the row nor the caller names one
  | 'unreadable'; // the row is no row of a sheet

/** An answer of a row, or why there is none. */
export type SheetRow = { answer: ReviewAnswer } | { drop: SheetDrop };

const taskSchema = z.looseObject({
  data: z.looseObject({ item_id: z.string() }),
  annotations: z.array(
    z.looseObject({
      completed_by: z.union([z.int(), z.string(), z.looseObject({ email: z.string() })]).nullish(),
      created_at: z.iso.datetime({ offset: true }).nullish(),
      was_cancelled: z.boolean().nullish(),
      result: z.array(
        z.looseObject({
          from_name: z.string(),
          value: z.looseObject({
            choices: z.array(z.string()).optional(),
            text: z.union([z.string(), z.array(z.string())]).optional(),
          }),
        }),
      ),
    }),
  ),
});

/**
 * The answers of one row: of a sheet as {@link toCsv} writes it, of a task that Label Studio exported as JSON, or of a file of answers.
 * @param items of the run, by id
 * @param reviewer whose answers these are, where a row does not say
 */
export function answersOfRow(
  row: Readonly<Record<string, unknown>>,
  { items, reviewer }: { items: ReadonlyMap<string, ReviewItem>; reviewer?: string | undefined },
): SheetRow[] {
  const task = taskSchema.safeParse(row);
  if (task.success) {
    const { data, annotations } = task.data;
    if (annotations.length === 0) return [{ drop: 'no-answer' }];
    return annotations.map(({ completed_by, created_at, was_cancelled, result }) => {
      const valueOf = (name: string) => result.find(({ from_name }) => from_name === name)?.value;
      const who = typeof completed_by === 'object' ? completed_by?.email : completed_by;
      const note = valueOf('note')?.text;
      return answerOf(
        {
          itemId: data.item_id,
          word: was_cancelled === true ? 'skip' : (valueOf('answer')?.choices?.[0] ?? ''),
          reviewer: who === undefined ? reviewer : String(who),
          note: Array.isArray(note) ? note.join('\n') : note,
          at: typeof created_at === 'string' ? new Date(created_at).toISOString() : undefined,
        },
        items,
      );
    });
  }
  const cell = (...names: string[]): string | undefined => {
    const value = names.map((name) => own(row, name)).find((found) => found !== undefined && found !== null);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const itemId = cell('item_id', 'itemId');
  if (itemId === undefined) return [{ drop: 'unreadable' }];
  const at = z.iso.datetime().safeParse(cell('at'));
  return [
    answerOf(
      {
        itemId,
        word: cell('answer') ?? '',
        reviewer: cell('reviewer') ?? reviewer,
        note: cell('note'),
        at: at.success ? at.data : undefined,
      },
      items,
    ),
  ];
}

function answerOf(
  {
    itemId,
    word,
    reviewer,
    note,
    at,
  }: {
    itemId: string;
    word: string;
    reviewer: string | undefined;
    note: string | undefined;
    at: string | undefined;
  },
  items: ReadonlyMap<string, ReviewItem>,
): SheetRow {
  if (word === '') return { drop: 'no-answer' };
  const item = items.get(itemId);
  if (!item) return { drop: 'unknown-item' };
  const known = reviewWordSchema.safeParse(/^[ab]$/i.test(word) ? word.toUpperCase() : word.toLowerCase());
  if (!known.success || !(known.data === 'skip' || ANSWERS[item.stage].includes(known.data)))
    return { drop: 'unknown-answer' };
  if (reviewer === undefined) return { drop: 'no-reviewer' };
  return {
    answer: {
      itemId,
      reviewer,
      answer: known.data,
      ...(note === undefined ? {} : { note }),
      ...(at === undefined ? {} : { at }),
    },
  };
}

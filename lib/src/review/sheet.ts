// Items as a CSV sheet that people fill in elsewhere, and the answers read back from it or from a labelling tool.
import { z } from 'zod';
import { csvCell } from '../core/csv-cell.js';
import { own } from '../core/own.js';
import { printable } from '../core/text.js';
import { reviewWordSchema, type ReviewAnswer, type ReviewItem, type ReviewWord } from '../schema/review.js';
import { ANSWERS } from './answers.js';
import { answersOfRecord } from './argilla.js';
import { answersOfTask } from './label-studio.js';
import { questionOf, shownTexts, type GivenAnswer } from './sheet-fields.js';

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
];

/**
 * A row for each item, with nothing that is hidden from reviewers. With other signs than those of ASCII it begins with a byte order mark,
 * without which Excel takes them for others.
 */
export function toCsv(items: readonly ReviewItem[]): string {
  const rows = items.map((item) => {
    const { question, answers } = questionOf(item);
    const about = { item_id: item.itemId, question, answers: answers.join(' ') };
    const cells = new Map([...Object.entries(about), ...shownTexts(item)]);
    return COLUMNS.map((column) => csvCell(cells.get(column) ?? '')).join(',');
  });
  const sheet = [COLUMNS.join(','), ...rows, ''].join('\r\n');
  return /\P{ASCII}/u.test(sheet) ? `\uFEFF${sheet}` : sheet;
}

/** Why a row of a filled-in sheet gives no answer. */
export type SheetDrop =
  | 'no-answer' // nothing was filled in
  | 'unknown-item' // its item is none of the run's
  | 'unknown-answer' // the word is none of those that answer its question
  | 'no-reviewer' // neither the row nor the caller names one
  | 'unreadable'; // the row is no row of a sheet

/** An answer of a row, or why there is none, with the value that is to blame. */
export type SheetRow = { answer: ReviewAnswer } | { drop: SheetDrop; detail: string };

/**
 * The answers of one row: of a sheet as {@link toCsv} writes it, of a task that Label Studio exported as JSON, of a record of Argilla, or of
 * a file of answers.
 * @param items of the run, by id
 * @param reviewer whose answers these are, where a row does not say
 */
export function answersOfRow(
  row: Readonly<Record<string, unknown>>,
  { items, reviewer }: { items: ReadonlyMap<string, ReviewItem>; reviewer?: string | undefined },
): SheetRow[] {
  const given = answersOfTask(row) ?? answersOfRecord(row) ?? answersOfCells(row);
  if (given) {
    const named = (name = ''): string | undefined => (name.trim() === '' ? reviewer : name.trim());
    return given.map((each) => answerOf({ ...each, reviewer: named(each.reviewer) }, items));
  }
  const found = Object.keys(row).map((name) => printable(name, 40));
  return [
    { drop: 'unreadable', detail: `expected the columns item_id and answer, received ${found.join(', ')}` },
  ];
}

function answersOfCells(row: Readonly<Record<string, unknown>>): GivenAnswer[] | null {
  const cell = (...names: string[]): string | undefined => {
    const value = names.map((name) => own(row, name)).find((found) => found !== undefined && found !== null);
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
  };
  const itemId = cell('item_id', 'itemId');
  if (itemId === undefined || !Object.hasOwn(row, 'answer')) return null;
  const at = z.iso.datetime().safeParse(cell('at'));
  return [
    {
      itemId,
      word: cell('answer') ?? '',
      reviewer: cell('reviewer'),
      note: cell('note'),
      at: at.success ? at.data : undefined,
    },
  ];
}

function answerOf(
  { itemId, word, reviewer, note, at }: GivenAnswer,
  items: ReadonlyMap<string, ReviewItem>,
): SheetRow {
  const shownId = printable(itemId, 80);
  if (word === '') return { drop: 'no-answer', detail: shownId };
  const item = items.get(itemId);
  if (!item) return { drop: 'unknown-item', detail: shownId };
  const known = reviewWordSchema.safeParse(/^[ab]$/i.test(word) ? word.toUpperCase() : word.toLowerCase());
  // Files of answers hold what was taken back.
  const words: readonly ReviewWord[] = [...ANSWERS[item.stage], 'skip', 'undo'];
  if (!known.success || !words.includes(known.data)) {
    const expected = questionOf(item).answers.join(', ');
    return { drop: 'unknown-answer', detail: `expected ${expected}, received ${printable(word, 80)}` };
  }
  if (reviewer === undefined) return { drop: 'no-reviewer', detail: shownId };
  return {
    answer: {
      itemId,
      reviewer,
      answer: known.data,
      ...(note === undefined || note === '' ? {} : { note }),
      ...(at === undefined ? {} : { at }),
    },
  };
}

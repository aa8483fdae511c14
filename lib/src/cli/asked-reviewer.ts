// Asks one reviewer in the terminal, item by item. Nothing that is hidden of an item is shown.
import { addAbortSignal, type Readable } from 'node:stream';
import { linesOfChunks } from '../core/lines.js';
import { visibleText } from '../core/text.js';
import { ANSWERS, QUESTIONS, standingAnswers } from '../review/index.js';
import { reviewWordSchema, type ReviewAnswer, type ReviewItem, type ReviewWord } from '../schema/review.js';

/** Who is asked, and where the answers go. */
export interface AskedReviewer {
  reviewer: string;
  /** All answers so far; items that this reviewer has answered are not asked again. */
  answers: readonly ReviewAnswer[];
  /** Keeps an answer before the next item is shown. */
  add: (answer: ReviewAnswer) => Promise<void>;
  signal: AbortSignal;
  /** Default: standard input and output. */
  input?: Readable;
  show?: (text: string) => void;
  /** Default: the clock. */
  now?: () => Date;
}

/** A line begins with one of these words, or with its first letter alone; more letters might be the beginning of a remark. */
const WORDS = [...reviewWordSchema.options, 'quit'] as const;

/**
 * Asks until all items are answered, or the reviewer quits or ends the input. A line is a key, or its word, and perhaps a note after it.
 * @throws the signal's reason when it aborts, what `add` throws
 */
export async function askReviewer(
  items: readonly ReviewItem[],
  {
    reviewer,
    answers,
    add,
    signal,
    input = process.stdin,
    show = (text) => process.stdout.write(text),
    now = () => new Date(),
  }: AskedReviewer,
): Promise<void> {
  const earlier = standingAnswers(answers).get(reviewer);
  const given = items.map(({ itemId }) => itemId).filter((itemId) => earlier?.has(itemId));
  const done = new Set(given);
  const next = (): ReviewItem | undefined => items.find(({ itemId }) => !done.has(itemId));
  const keep = (itemId: string, answer: ReviewWord, note = ''): Promise<void> =>
    add({ itemId, reviewer, answer, ...(note === '' ? {} : { note }), at: now().toISOString() });
  const ask = (item: ReviewItem): void =>
    show(`\n${asked(item)}\n[${done.size + 1} of ${items.length}] ${keysOf(item)}\n> `);

  let item = next();
  if (!item) return;
  ask(item);
  for await (const line of linesOfChunks(addAbortSignal(signal, input) as AsyncIterable<Uint8Array>)) {
    const [, word = '', note = ''] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
    const typed = word.toLowerCase();
    const key = WORDS.find((each) => [each, each.slice(0, 1)].some((name) => name.toLowerCase() === typed));
    if (key === 'quit') break;
    if (key === 'undo') {
      const last = given.pop();
      if (last !== undefined) {
        await keep(last, 'undo');
        done.delete(last);
        item = items.find(({ itemId }) => itemId === last) ?? item;
      }
    } else if (key === 'skip' || (key !== undefined && ANSWERS[item.stage].includes(key))) {
      await keep(item.itemId, key, note);
      done.add(item.itemId);
      given.push(item.itemId);
      item = next();
      if (!item) break;
    } else {
      show(`Answer with ${keysOf(item)}\n> `);
      continue;
    }
    ask(item);
  }
  show('\n');
}

function asked({ stage, instruction, responses, reasoning }: ReviewItem): string {
  // Texts are set in, so that none can pass for the title of the next.
  const part = (title: string, text: string): string =>
    `── ${title} ──\n${visibleText(text).replaceAll(/^/gm, '  ')}\n`;
  return [
    part('instruction', instruction),
    ...(responses ? [part('response A', responses[0]), part('response B', responses[1])] : []),
    ...(reasoning === undefined ? [] : [part('reasoning', reasoning)]),
    QUESTIONS[stage],
  ].join('\n');
}

function keysOf({ stage }: ReviewItem): string {
  return [...ANSWERS[stage], 'skip', 'undo', 'quit']
    .map((word) => `${word.slice(0, 1).toLowerCase()} ${word}`)
    .join(', ');
}

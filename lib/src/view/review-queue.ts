// The queue of one reviewer in the browser: what is asked, blind, and the answers, each on the disk before it counts.
import { z } from 'zod';
import { ConfigError } from '../core/errors.js';
import { openAnswers, readRunAnswers, reviewItems } from '../experiment/index.js';
import { ANSWERS, QUESTIONS, standingAnswers } from '../review/index.js';
import { reviewStageSchema, reviewWordSchema, type ReviewItem } from '../schema/review.js';
import type { AskedItem, ReviewQueue } from './view-records.js';

export const queueQuerySchema = z.strictObject({
  run: z.string().min(1),
  stage: reviewStageSchema,
  iteration: z.int().min(0).optional(),
  nItems: z.int().min(1).max(10_000).default(50),
  reviewer: z.string().trim().min(1).max(100),
});
/** Who asks for which items. */
export type QueueQuery = z.output<typeof queueQuerySchema>;

export const givenAnswerSchema = queueQuerySchema.extend({
  itemId: z.string().min(1),
  answer: reviewWordSchema,
  note: z.string().trim().max(10_000).optional(),
});
/** An answer to an item of a queue. */
export type GivenAnswer = z.output<typeof givenAnswerSchema>;

/** The items of a queue with the answers that this reviewer has given. @throws as {@link reviewItems} does */
export async function readQueue(path: string, query: QueueQuery): Promise<ReviewQueue> {
  const { stage, reviewer } = query;
  const items = await itemsOf(path, query);
  const { answers } = await readRunAnswers(path);
  const standing = standingAnswers(answers);
  const own = standing.get(reviewer);
  const asked = new Set(items.map(({ itemId }) => itemId));
  const among = (given: ReadonlyMap<string, unknown> = new Map()) =>
    [...given.keys()].filter((itemId) => asked.has(itemId));
  const counts = [...standing].map(([name, given]) => [name, among(given).length] as const);
  return {
    question: QUESTIONS[stage],
    words: [...ANSWERS[stage]],
    items: items.map((item) => shown(item, own?.get(item.itemId))),
    given: among(own),
    reviewers: Object.fromEntries(counts.filter(([, n]) => n > 0)),
  };
}

/** Keeps an answer; it is on the disk when this resolves. @throws ConfigError for an item or a word that is not asked */
export async function keepAnswer(
  path: string,
  { itemId, reviewer, answer, note, ...query }: GivenAnswer,
): Promise<void> {
  const items = await itemsOf(path, query);
  const isWord = answer === 'skip' || answer === 'undo' || ANSWERS[query.stage].includes(answer);
  if (!isWord || !items.some((item) => item.itemId === itemId)) {
    throw new ConfigError({
      subject: 'answer',
      expected: `one of ${[...ANSWERS[query.stage], 'skip', 'undo'].join(', ')} to an item of this queue`,
      received: `${answer} to ${itemId.slice(0, 100)}`,
      remedy: 'Load the page again.',
    });
  }
  const log = await openAnswers(path);
  try {
    const remark = note === undefined || note === '' ? {} : { note };
    await log.add({ itemId, reviewer, answer, ...remark, at: new Date().toISOString() });
  } finally {
    await log.close();
  }
}

function itemsOf(
  runFolder: string,
  { stage, iteration, nItems }: Pick<QueueQuery, 'stage' | 'iteration' | 'nItems'>,
): Promise<ReviewItem[]> {
  return reviewItems({ runFolder, stage, iteration, nItems });
}

/** An item without what is hidden. */
function shown(
  { itemId, instruction, responses, reasoning }: ReviewItem,
  given: { answer: string; note?: string | undefined } | undefined,
): AskedItem {
  return {
    itemId,
    instruction,
    responses: responses ?? null,
    reasoning: reasoning ?? null,
    answer: given?.answer ?? null,
    note: given?.note ?? null,
  };
}

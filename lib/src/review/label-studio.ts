// Items as tasks of Label Studio, their labelling interface, and the answers of its export as JSON.
import { z } from 'zod';
import { visibleText } from '../core/text.js';
import type { ReviewItem } from '../schema/review.js';
import { questionOf, shownTexts, type GivenAnswer } from './sheet-fields.js';

/** Tasks of Label Studio (https://labelstud.io/guide/tasks): the fields of each item under `data`. */
export function toLabelStudio(items: readonly ReviewItem[]): string {
  const tasks = items.map((item) => {
    const { question, answers } = questionOf(item);
    const texts = shownTexts(item).map(([name, text]) => [name, visibleText(text)]);
    const about = { item_id: item.itemId, question, answers: answers.join(' ') };
    return { data: { ...about, ...Object.fromEntries(texts) } as Record<string, string> };
  });
  return `${JSON.stringify(tasks, null, 1)}\n`;
}

/**
 * The labelling interface for these tasks. The texts of items stand in the tasks alone.
 * @param items of one stage, at least one
 */
export function labelStudioInterface([item]: readonly [ReviewItem, ...ReviewItem[]]): string {
  const { question, answers } = questionOf(item);
  return [
    '<View>',
    ...shownTexts(item).map(
      ([name]) => `  <Header value="${name}"/>\n  <Text name="${name}" value="$${name}"/>`,
    ),
    `  <Header value="${question}"/>`,
    '  <Choices name="answer" toName="instruction" choice="single" required="true">',
    ...answers.map((word) => `    <Choice value="${word}"/>`),
    '  </Choices>',
    '  <TextArea name="note" toName="instruction"/>',
    '</View>',
    '',
  ].join('\n');
}

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

/** The annotations of a task, each an answer; null for a row that is no task of Label Studio. */
export function answersOfTask(row: Readonly<Record<string, unknown>>): GivenAnswer[] | null {
  const task = taskSchema.safeParse(row);
  if (!task.success) return null;
  const { data, annotations } = task.data;
  const itemId = data.item_id;
  if (annotations.length === 0) return [{ itemId, word: '' }];
  return annotations.map(({ completed_by, created_at, was_cancelled, result }) => {
    const valueOf = (name: string) => result.find(({ from_name }) => from_name === name)?.value;
    const who = typeof completed_by === 'object' ? completed_by?.email : completed_by;
    const note = valueOf('note')?.text;
    return {
      itemId,
      word: was_cancelled === true ? 'skip' : (valueOf('answer')?.choices?.[0] ?? ''),
      reviewer: who === undefined ? undefined : String(who),
      note: Array.isArray(note) ? note.join('\n') : note,
      at: typeof created_at === 'string' ? new Date(created_at).toISOString() : undefined,
    };
  });
}

// How a trainer wants one example: a row that is checked before it is written, and read back to the example.
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import { schemaProblems } from '../core/jsonl.js';
import { chatMessageSchema, type ChatMessage } from '../schema/chat.js';
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';

/** The two kinds of training sets. */
export type ExportKind = 'sft' | 'preference';

/** The two sides of a set. */
export type Split = 'train' | 'validation';

/** A supervised example as far as a format holds it. */
export type SftRecord = Pick<TrainingExample, 'prompt' | 'completion'> & Partial<TrainingExample>;

/** A preference example as far as a format holds it. */
export type PreferenceRecord = Pick<PreferenceExample, 'prompt' | 'chosen' | 'rejected'> &
  Partial<PreferenceExample>;

/** The rows of a format. */
export interface RowFormat<Example, Rec> {
  /** @param id of the example alone, in its set @throws DataError naming the pair when the format cannot hold the example */
  encode(example: Example, id: string): Record<string, unknown>;
  /** What a row must be. */
  schema: z.ZodType;
  /** The example of a row that fits the schema. */
  decode(row: unknown): Rec;
}

/** Binds a schema to the two ways through it. */
export function rowFormat<Example extends { pairId: string }, Rec, Schema extends z.ZodObject>(format: {
  /** Named in errors. */
  name: string;
  schema: Schema;
  toRow: (example: Example, id: string) => z.input<Schema>;
  fromRow: (row: z.output<Schema>) => Rec;
}): RowFormat<Example, Rec> {
  const { name, schema, toRow, fromRow } = format;
  return {
    schema,
    encode: (example, id) => {
      const row = toRow(example, id);
      const checked = schema.safeParse(row);
      if (checked.success) return row;
      throw new DataError({
        subject: `the example of ${example.pairId}`,
        expected: `what the ${name} format can hold`,
        received: schemaProblems(checked.error),
        remedy: 'Export it in another format, or with a prompt pack whose judge prompt fits.',
        cause: checked.error,
      });
    },
    decode: (row) => fromRow(schema.parse(row)),
  };
}

/** One message of the assistant, which is how trainers take completions. */
export const assistantSchema = z.strictObject({
  role: z.literal('assistant'),
  content: z.string().min(1),
});

/** The completion as a message. */
export function assistant(content: string): z.output<typeof assistantSchema> {
  return { role: 'assistant', content };
}

/** A prompt: it ends with what the assistant answers. */
export const promptSchema = z
  .array(chatMessageSchema)
  .min(1)
  .refine((messages) => messages.at(-1)?.role === 'user', 'expected a prompt that ends with the user');

/**
 * A prompt and its completion as one conversation in which a trainer finds what to learn by the role alone: an answer of the assistant
 * in the prompt would be learned too, so that there may be none.
 */
export const conversationSchema = z
  .array(chatMessageSchema)
  .min(2)
  .refine(
    (messages) => messages.at(-1)?.role === 'assistant' && messages.at(-1)?.content !== '',
    'expected a conversation that ends with an answer',
  )
  .refine(
    (messages) => messages.slice(0, -1).every(({ role }) => role !== 'assistant'),
    'expected a prompt without answers of the assistant, which would be learned too',
  )
  .refine((messages) => messages.at(-2)?.role === 'user', 'expected a prompt that ends with the user');

/** Rows of `{messages, chosen, rejected}`, in which both answers are messages. @param format.prompt what the messages must be */
export function answersToMessages({
  name,
  prompt: messages,
}: {
  /** Named in errors. */
  name: string;
  prompt: typeof promptSchema;
}): RowFormat<PreferenceExample, PreferenceRecord> {
  return rowFormat({
    name,
    schema: z.strictObject({ messages, chosen: assistantSchema, rejected: assistantSchema }),
    toRow: ({ prompt, chosen, rejected }: PreferenceExample) => ({
      messages: prompt,
      chosen: assistant(chosen),
      rejected: assistant(rejected),
    }),
    fromRow: ({ messages: prompt, chosen, rejected }): PreferenceRecord => ({
      prompt,
      chosen: chosen.content,
      rejected: rejected.content,
    }),
  });
}

/** A conversation as its prompt and its completion. */
export function promptAndCompletion(messages: readonly ChatMessage[]): SftRecord {
  return { prompt: messages.slice(0, -1), completion: messages.at(-1)?.content ?? '' };
}

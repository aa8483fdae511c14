// The row that a trainer reads for one example: how it is made, what it has to be, and the example read back from it.
import { z } from 'zod';
import { chatMessageSchema, type ChatMessage } from '../schema/chat.js';
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';

/** The two kinds of training sets. */
export const EXPORT_KINDS = ['sft', 'preference'] as const;
/** See {@link EXPORT_KINDS}. */
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** The two sides of a set. */
export type Split = 'train' | 'validation';

/** The example of a kind. */
export type ExampleOf<Kind extends ExportKind> = Kind extends 'sft' ? TrainingExample : PreferenceExample;

/** A supervised example, with the fields that a format keeps. */
export type SftRecord = Pick<TrainingExample, 'prompt' | 'completion'> & Partial<TrainingExample>;

/** A preference example, with the fields that a format keeps. */
export type PreferenceRecord = Pick<PreferenceExample, 'prompt' | 'chosen' | 'rejected'> &
  Partial<PreferenceExample>;

/** What is read back of a kind. */
export type RecordOf<Kind extends ExportKind> = Kind extends 'sft' ? SftRecord : PreferenceRecord;

/** The rows of one kind in a format. */
export interface RowFormat<Kind extends ExportKind> {
  /** What a row has to be; rows are checked against it before they are written and after they are read. */
  schema: z.ZodObject;
  /** @param id names this example alone in its set */
  toRow(example: ExampleOf<Kind>, id: string): Record<string, unknown>;
  /** @param row fits the schema */
  fromRow(row: Record<string, unknown>): RecordOf<Kind>;
}

interface TypedRows<Kind extends ExportKind, Schema extends z.ZodObject> {
  schema: Schema;
  toRow(example: ExampleOf<Kind>, id: string): z.input<Schema>;
  fromRow(row: z.output<Schema>): RecordOf<Kind>;
}

/** Rows of supervised examples; the types of the rows follow from the schema. */
export function sftRows<Schema extends z.ZodObject>(rows: TypedRows<'sft', Schema>): RowFormat<'sft'> {
  return rows;
}

/** Rows of preference examples; the types of the rows follow from the schema. */
export function preferenceRows<Schema extends z.ZodObject>(
  rows: TypedRows<'preference', Schema>,
): RowFormat<'preference'> {
  return rows;
}

/** A completion as a message. */
export const assistantSchema = z.strictObject({ role: z.literal('assistant'), content: z.string().min(1) });

/** The completion as a message. */
export function assistant(content: string): z.output<typeof assistantSchema> {
  return { role: 'assistant', content };
}

/** A completion as a list of one message, as OpenAI and TRL have it. */
export const replySchema = z.tuple([assistantSchema]);

/** The completion as a list of one message. */
export function reply(content: string): z.output<typeof replySchema> {
  return [assistant(content)];
}

/** A prompt, which ends with a message of the user. */
export const promptSchema = z
  .array(chatMessageSchema)
  .min(1)
  .refine((messages) => messages.at(-1)?.role === 'user', 'expected a prompt that ends with the user');

/**
 * A prompt and its completion as one conversation, in which the trainer learns every message of the assistant. The prompt may therefore
 * not contain one.
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

/** Rows of `{messages}`: the prompt and the completion as one conversation. */
export function conversationRows(messages: typeof conversationSchema): RowFormat<'sft'> {
  return sftRows({
    schema: z.strictObject({ messages }),
    toRow: ({ prompt, completion }) => ({ messages: [...prompt, assistant(completion)] }),
    fromRow: ({ messages: conversation }) => promptAndCompletion(conversation),
  });
}

/** Rows of `{messages, chosen, rejected}`, in which both answers are messages. */
export function answersToMessages(messages: typeof promptSchema): RowFormat<'preference'> {
  return preferenceRows({
    schema: z.strictObject({ messages, chosen: assistantSchema, rejected: assistantSchema }),
    toRow: ({ prompt, chosen, rejected }) => ({
      messages: prompt,
      chosen: assistant(chosen),
      rejected: assistant(rejected),
    }),
    fromRow: ({ messages: prompt, chosen, rejected }) => ({
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

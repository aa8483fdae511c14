// LLaMA-Factory: sharegpt formatting with the roles of the OpenAI API, and the entries of dataset_info.json that say so.
// https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md
import { z } from 'zod';
import { chatMessageSchema, type ChatMessage } from '../schema/chat.js';
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';
import type { DatasetFormat } from './dataset-format.js';
import {
  assistant,
  assistantSchema,
  conversationSchema,
  promptAndCompletion,
  rowFormat,
  type PreferenceRecord,
} from './row-format.js';

const DOCUMENTATION = 'https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md';

/** The user at odd places, the assistant at even ones, after a system message if there is one. */
function alternates(messages: readonly ChatMessage[]): boolean {
  const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  return turns.every(({ role }, i) => role === (i % 2 === 0 ? 'user' : 'assistant'));
}

const turnsMessage = 'expected user and assistant in turns, after at most one system message';

/** What dataset_info.json says of a data set. */
export const llamaFactoryEntrySchema = z.strictObject({
  file_name: z.string().min(1),
  formatting: z.literal('sharegpt'),
  ranking: z.literal(true).optional(),
  columns: z.strictObject({
    messages: z.literal('messages'),
    chosen: z.literal('chosen').optional(),
    rejected: z.literal('rejected').optional(),
  }),
  tags: z.strictObject({
    role_tag: z.literal('role'),
    content_tag: z.literal('content'),
    user_tag: z.literal('user'),
    assistant_tag: z.literal('assistant'),
    system_tag: z.literal('system'),
  }),
});

const fileOf = (split: string): string => `${split}.jsonl`;

export const llamaFactoryFormat: DatasetFormat = {
  title: 'LLaMA-Factory',
  documentation: { sft: DOCUMENTATION, preference: DOCUMENTATION },
  container: 'jsonl',
  fileOf,
  sft: rowFormat({
    name: 'LLaMA-Factory',
    schema: z.strictObject({ messages: conversationSchema.refine(alternates, turnsMessage) }),
    toRow: ({ prompt, completion }: TrainingExample) => ({ messages: [...prompt, assistant(completion)] }),
    fromRow: ({ messages }) => promptAndCompletion(messages),
  }),
  preference: rowFormat({
    name: 'LLaMA-Factory',
    schema: z.strictObject({
      messages: z
        .array(chatMessageSchema)
        .min(1)
        .refine((messages) => messages.at(-1)?.role === 'user', 'expected a prompt that ends with the user')
        .refine(alternates, turnsMessage),
      chosen: assistantSchema,
      rejected: assistantSchema,
    }),
    toRow: ({ prompt, chosen, rejected }: PreferenceExample) => ({
      messages: prompt,
      chosen: assistant(chosen),
      rejected: assistant(rejected),
    }),
    fromRow: ({ messages, chosen, rejected }): PreferenceRecord => ({
      prompt: messages,
      chosen: chosen.content,
      rejected: rejected.content,
    }),
  }),
  companions: ({ name, kind, splits }) => {
    const entries = splits.map((split): [string, z.output<typeof llamaFactoryEntrySchema>] => [
      `${name}-${split}`,
      {
        file_name: fileOf(split),
        formatting: 'sharegpt',
        ...(kind === 'preference' ? { ranking: true as const } : {}),
        columns: {
          messages: 'messages',
          ...(kind === 'preference' ? { chosen: 'chosen' as const, rejected: 'rejected' as const } : {}),
        },
        tags: {
          role_tag: 'role',
          content_tag: 'content',
          user_tag: 'user',
          assistant_tag: 'assistant',
          system_tag: 'system',
        },
      },
    ]);
    const text = `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
    return [{ path: 'dataset_info.json', text }];
  },
};

// LLaMA-Factory: sharegpt formatting with the roles of the OpenAI API, and the entries of dataset_info.json that say so.
// https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md
import { z } from 'zod';
import type { ChatMessage } from '../schema/chat.js';
import type { TrainingExample } from '../schema/training-example.js';
import type { DatasetFormat } from './dataset-format.js';
import {
  answersToMessages,
  assistant,
  conversationSchema,
  promptAndCompletion,
  promptSchema,
  rowFormat,
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
  preference: answersToMessages({
    name: 'LLaMA-Factory',
    prompt: promptSchema.refine(alternates, turnsMessage),
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

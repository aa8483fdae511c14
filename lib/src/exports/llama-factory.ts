// LLaMA-Factory: sharegpt formatting with the roles of the OpenAI API, and the entries of dataset_info.json that say so.
// https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md
import type { ChatMessage } from '../schema/chat.js';
import { jsonLines, type DatasetFormat } from './dataset-format.js';
import { answersToMessages, conversationRows, conversationSchema, promptSchema } from './row-format.js';

/** User and assistant alternate, the user first, after a system message if there is one. */
function alternates(messages: readonly ChatMessage[]): boolean {
  const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  return turns.every(({ role }, i) => role === (i % 2 === 0 ? 'user' : 'assistant'));
}

const turnsMessage = 'expected user and assistant in turns, after at most one system message';

export const llamaFactoryFormat: DatasetFormat = {
  title: 'LLaMA-Factory',
  documentation: 'https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md',
  isForTrainers: true,
  container: jsonLines,
  sft: conversationRows(conversationSchema.refine(alternates, turnsMessage)),
  preference: answersToMessages(promptSchema.refine(alternates, turnsMessage)),
  companions: ({ name, kind, splits }) => {
    const isRanking = kind === 'preference';
    const entries = splits.map((split) => [
      `${name}-${split}`,
      {
        file_name: `${split}.jsonl`,
        formatting: 'sharegpt',
        ...(isRanking ? { ranking: true } : {}),
        columns: { messages: 'messages', ...(isRanking ? { chosen: 'chosen', rejected: 'rejected' } : {}) },
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

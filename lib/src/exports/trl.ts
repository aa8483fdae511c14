// TRL: conversational prompt-completion and preference rows; by default only the completion is learned.
// https://huggingface.co/docs/trl/dataset_formats
import { z } from 'zod';
import { jsonLines, type DatasetFormat } from './dataset-format.js';
import { preferenceRows, promptSchema, reply, replySchema, sftRows } from './row-format.js';

export const trlFormat: DatasetFormat = {
  title: 'TRL',
  documentation: 'https://huggingface.co/docs/trl/dataset_formats',
  isForTrainers: true,
  container: jsonLines,
  sft: sftRows({
    schema: z.strictObject({ prompt: promptSchema, completion: replySchema }),
    toRow: ({ prompt, completion }) => ({ prompt, completion: reply(completion) }),
    fromRow: ({ prompt, completion: [completion] }) => ({ prompt, completion: completion.content }),
  }),
  preference: preferenceRows({
    schema: z.strictObject({ prompt: promptSchema, chosen: replySchema, rejected: replySchema }),
    toRow: ({ prompt, chosen, rejected }) => ({
      prompt,
      chosen: reply(chosen),
      rejected: reply(rejected),
    }),
    fromRow: ({ prompt, chosen: [chosen], rejected: [rejected] }) => ({
      prompt,
      chosen: chosen.content,
      rejected: rejected.content,
    }),
  }),
};

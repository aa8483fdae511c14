// The OpenAI formats, which Together, Fireworks and others take too. Training jobs are submitted with files of these rows.
// Supervised: https://developers.openai.com/api/docs/guides/supervised-fine-tuning
// Preference: https://developers.openai.com/api/docs/guides/direct-preference-optimization,
// https://docs.together.ai/docs/fine-tuning/preference-tuning, https://docs.fireworks.ai/fine-tuning/dpo-fine-tuning
import { z } from 'zod';
import { chatMessageSchema, type ChatMessage } from '../schema/chat.js';
import { jsonLines, type DatasetFormat } from './dataset-format.js';
import {
  assistant,
  preferenceRows,
  promptAndCompletion,
  promptSchema,
  reply,
  replySchema,
  sftRows,
} from './row-format.js';

/** `weight` says whether an answer is learned: 0 for answers in the prompt, absent (1) for the completion. */
const weightedMessageSchema = chatMessageSchema.extend({ weight: z.literal([0, 1]).optional() });

function endsWithAnswer(messages: readonly ChatMessage[]): boolean {
  const [prompt, answer] = messages.slice(-2);
  return prompt?.role === 'user' && answer?.role === 'assistant' && answer.content !== '';
}

export const openaiFormat: DatasetFormat = {
  title: 'OpenAI',
  documentation: {
    sft: 'https://developers.openai.com/api/docs/guides/supervised-fine-tuning',
    preference: 'https://developers.openai.com/api/docs/guides/direct-preference-optimization',
  },
  isForTrainers: true,
  container: jsonLines,
  sft: sftRows({
    schema: z.strictObject({
      messages: z
        .array(weightedMessageSchema)
        .min(2)
        .refine(endsWithAnswer, 'expected a conversation that ends with an answer'),
    }),
    toRow: ({ prompt, completion }) => ({
      messages: [
        ...prompt.map((message) =>
          message.role === 'assistant' ? { ...message, weight: 0 as const } : message,
        ),
        assistant(completion),
      ],
    }),
    fromRow: ({ messages }) => promptAndCompletion(messages.map(({ role, content }) => ({ role, content }))),
  }),
  preference: preferenceRows({
    schema: z.strictObject({
      input: z.strictObject({ messages: promptSchema }),
      preferred_output: replySchema,
      non_preferred_output: replySchema,
    }),
    toRow: ({ prompt, chosen, rejected }) => ({
      input: { messages: prompt },
      preferred_output: reply(chosen),
      non_preferred_output: reply(rejected),
    }),
    fromRow: ({ input, preferred_output: [chosen], non_preferred_output: [rejected] }) => ({
      prompt: input.messages,
      chosen: chosen.content,
      rejected: rejected.content,
    }),
  }),
};

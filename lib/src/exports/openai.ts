// The OpenAI formats, which Together, Fireworks and others take too.
// Supervised: https://developers.openai.com/api/docs/guides/supervised-fine-tuning
// Preference: https://developers.openai.com/api/docs/guides/direct-preference-optimization,
// https://docs.together.ai/docs/fine-tuning/preference-tuning, https://docs.fireworks.ai/fine-tuning/dpo-fine-tuning
import { z } from 'zod';
import { chatMessageSchema, type ChatMessage } from '../schema/chat.js';
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';
import type { DatasetFormat } from './dataset-format.js';
import {
  assistant,
  assistantSchema,
  promptAndCompletion,
  promptSchema,
  rowFormat,
  type PreferenceRecord,
  type SftRecord,
} from './row-format.js';

/** `weight` says whether loss falls on an answer: 0 on those of the prompt, absent (1) on the completion. */
const weightedMessageSchema = chatMessageSchema.extend({ weight: z.literal([0, 1]).optional() });

/** Examples as the OpenAI supervised format has them, one JSON object a line. */
export function toSupervisedJsonl(examples: readonly TrainingExample[]): string {
  return examples
    .map(({ prompt, completion }) => JSON.stringify({ messages: [...prompt, assistant(completion)] }))
    .map((line) => `${line}\n`)
    .join('');
}

/** Preference examples as the OpenAI format has them, one JSON object a line. */
export function toPreferenceJsonl(examples: readonly PreferenceExample[]): string {
  return examples
    .map(({ prompt, chosen, rejected }) => ({
      input: { messages: prompt },
      preferred_output: [assistant(chosen)],
      non_preferred_output: [assistant(rejected)],
    }))
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
}

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
  container: 'jsonl',
  fileOf: (split) => `${split}.jsonl`,
  sft: rowFormat<
    TrainingExample,
    SftRecord,
    z.ZodObject<{ messages: z.ZodArray<typeof weightedMessageSchema> }>
  >({
    name: 'OpenAI',
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
  preference: rowFormat({
    name: 'OpenAI',
    schema: z.strictObject({
      input: z.strictObject({ messages: promptSchema }),
      preferred_output: z.array(assistantSchema).length(1),
      non_preferred_output: z.array(assistantSchema).length(1),
    }),
    toRow: ({ prompt, chosen, rejected }: PreferenceExample) => ({
      input: { messages: prompt },
      preferred_output: [assistant(chosen)],
      non_preferred_output: [assistant(rejected)],
    }),
    fromRow: ({ input, preferred_output, non_preferred_output }): PreferenceRecord => ({
      prompt: input.messages,
      chosen: preferred_output[0]?.content ?? '',
      rejected: non_preferred_output[0]?.content ?? '',
    }),
  }),
};

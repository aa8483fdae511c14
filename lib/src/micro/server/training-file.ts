// The lines of a training file for the supervised method: `{messages: [..., assistant]}`.
// Reference: https://platform.openai.com/docs/guides/supervised-fine-tuning#formatting-your-data
import { z } from 'zod';
import { encodeTrainingChat } from '../tokenizer.js';
import type { TrainingSequence } from '../types.js';
import { assertLength, fitting, type ExampleFormat } from './example-lines.js';
import { isPreferenceLine, preferenceFormat } from './preference-file.js';

const trainingLine = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.string(),
        weight: z.union([z.literal(0), z.literal(1)]).optional(),
      }),
    )
    .min(2),
});

/** Training sequences: loss falls on the last message, which is the assistant's. */
export const trainingFormat: ExampleFormat<TrainingSequence> = {
  shape:
    '{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}, or of preference pairs for ' +
    'the method "dpo"',
  readLine: (parsed, contextLength) => {
    if (isPreferenceLine(parsed)) throw new Error('a preference pair; the method "dpo" trains on those');
    const { messages } = fitting(parsed, trainingLine);
    for (const [index, { role, weight }] of messages.entries()) {
      if (weight === undefined) continue;
      const isLast = index === messages.length - 1;
      // DEVIATION from the OpenAI API, which can also learn from earlier replies of the assistant.
      if (role !== 'assistant' || weight !== (isLast ? 1 : 0)) {
        throw new Error(`messages.${index}.weight: only the last reply is learned from; leave weights out`);
      }
    }
    const sequence = encodeTrainingChat(messages);
    assertLength(sequence, contextLength);
    return sequence;
  },
};

/** Examples of the method that is detected from the first line: an upload does not name it. */
export function formatOfFirstLine(): ExampleFormat<unknown> {
  let found: ExampleFormat<unknown> | null = null;
  return {
    get shape() {
      return (found ?? trainingFormat).shape;
    },
    readLine: (parsed, contextLength) => {
      found ??= isPreferenceLine(parsed) ? preferenceFormat : trainingFormat;
      return found.readLine(parsed, contextLength);
    },
  };
}

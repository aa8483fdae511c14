// The lines of a training file for the method "dpo": `{input: {messages}, preferred_output, non_preferred_output}`.
// Reference: https://platform.openai.com/docs/guides/direct-preference-optimization
import { z } from 'zod';
import { encodeTrainingChat } from '../tokenizer.js';
import type { PreferencePair, TrainingSequence } from '../types.js';
import { assertLength, fitting, type ExampleFormat } from './example-lines.js';

const output = z
  .array(z.strictObject({ role: z.literal('assistant'), content: z.string() }))
  .length(1, { error: "expected exactly one message, the assistant's" });

const preferenceLine = z.strictObject({
  input: z.strictObject({
    messages: z
      .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
      .min(1),
    tools: z
      .array(z.unknown())
      .max(0, { error: 'the embedded model calls no tools; leave them out' })
      .optional(),
    parallel_tool_calls: z.boolean().optional(),
  }),
  preferred_output: output,
  non_preferred_output: output,
});

/** Preference pairs: two replies to the same conversation. */
export const preferenceFormat: ExampleFormat<PreferencePair> = {
  shape:
    '{"input": {"messages": [{"role": "user", "content": "..."}]}, "preferred_output": [{"role": "assistant", "content": "..."}], ' +
    '"non_preferred_output": [{"role": "assistant", "content": "..."}]}',
  readLine: (parsed, contextLength) => {
    if (hasKey(parsed, 'messages'))
      throw new Error('no preference pair; the method "supervised" trains on this');
    const {
      input,
      preferred_output: preferred,
      non_preferred_output: other,
    } = fitting(parsed, preferenceLine);
    if (input.messages.at(-1)?.role === 'assistant') {
      throw new Error(
        'input.messages: expected the last message to be answered, received one of the assistant',
      );
    }
    const pair = {
      chosen: encodeTrainingChat([...input.messages, ...preferred]),
      rejected: encodeTrainingChat([...input.messages, ...other]),
    };
    assertLength(pair.chosen, contextLength);
    assertLength(pair.rejected, contextLength);
    if (isSame(pair.chosen, pair.rejected)) {
      throw new Error('expected two different outputs, received the same twice; remove the pair');
    }
    return pair;
  },
};

/** Whether a line, right or wrong, is meant as a preference pair. */
export function isPreferenceLine(parsed: unknown): boolean {
  return ['input', 'preferred_output', 'non_preferred_output'].some((key) => hasKey(parsed, key));
}

function hasKey(parsed: unknown, key: string): boolean {
  return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, key);
}

function isSame(a: TrainingSequence, b: TrainingSequence): boolean {
  return a.tokens.length === b.tokens.length && a.tokens.every((token, i) => token === b.tokens[i]);
}

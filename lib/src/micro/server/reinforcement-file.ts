// The lines of a training file for the method "reinforcement": `{messages: [..., user], <fields that the grader asks for>}`.
// Reference: https://platform.openai.com/docs/guides/reinforcement-fine-tuning
import { z } from 'zod';
import { encodeChat } from '../tokenizer.js';
import type { GradedPrompt } from '../types.js';
import { fitting, type ExampleFormat } from './example-lines.js';
import { fieldsOf, gradeText, type Grader } from './grader.js';

const promptLine = z.looseObject({
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
    .min(1)
    .refine((messages) => messages.at(-1)?.role !== 'assistant', {
      error: 'expected the last message to be answered, received one of the assistant',
    }),
});

/** Prompts, each graded with the fields of its own line. @param grader null: none yet, since an upload does not name it */
export function promptFormat(grader: Grader | null): ExampleFormat<GradedPrompt> {
  const fields = grader === null ? [] : fieldsOf(grader);
  return {
    shape: `{"messages": [{"role": "user", "content": "..."}]${fields.map((field) => `, "${field}": "..."`).join('')}}`,
    readLine: (parsed, contextLength) => {
      const { messages, ...item } = fitting(parsed, promptLine);
      for (const field of fields)
        if (!Object.hasOwn(item, field))
          throw new Error(`${field}: missing; the grader asks for {{item.${field}}}`);
      const promptTokens = encodeChat(messages);
      if (promptTokens.length >= contextLength) {
        throw new Error(
          `expected a prompt of at most ${contextLength - 1} tokens, received ${promptTokens.length}; shorten or remove it`,
        );
      }
      const grade = (completion: string): number =>
        grader === null ? 0 : gradeText(grader, item, completion);
      return { promptTokens, grade };
    },
  };
}

/** Whether a line, right or wrong, is meant as a prompt to be graded: fields of its own, and no reply. */
export function isPromptLine(parsed: unknown): boolean {
  const read = z
    .looseObject({ messages: z.array(z.looseObject({ role: z.string() })).min(1) })
    .safeParse(parsed);
  return read.success && Object.keys(read.data).length > 1 && read.data.messages.at(-1)?.role !== 'assistant';
}

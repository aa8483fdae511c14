// Chat messages, sampling parameters and completions: the part of the OpenAI API that the loop uses.
import { z } from 'zod';

export const chatMessageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string(),
});
/** One message of a chat. */
export type ChatMessage = z.infer<typeof chatMessageSchema>;

export const samplingSchema = z.strictObject({
  temperature: z.number().min(0).max(2).describe('Sampling temperature; 0 is greedy.'),
  topP: z.number().gt(0).max(1).describe('Nucleus mass; 1 is off.'),
  maxTokens: z.int().min(1).describe('Longest completion in tokens.'),
});
/** How completions are sampled. */
export type Sampling = z.infer<typeof samplingSchema>;

export const completionSchema = z.strictObject({
  text: z.string(),
  /** `stop` ended by itself; `length` was cut at maxTokens; anything else as the endpoint named it. */
  finishReason: z.string(),
});
/** One sampled completion. */
export type Completion = z.infer<typeof completionSchema>;

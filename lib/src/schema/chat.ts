// Chat messages, sampling parameters and completions: the part of the OpenAI API that the loop uses.
import { z } from 'zod';
import { about } from '../core/config-section.js';

export const chatMessageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string(),
});
/** One message of a chat. */
export type ChatMessage = z.infer<typeof chatMessageSchema>;

export const samplingSchema = z.strictObject({
  temperature: z
    .number()
    .min(0)
    .max(2)
    .nullable()
    .meta(about("Sampling temperature; 0 is greedy. null: not sent, the model's own.", 0.7)),
  topP: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .meta(about('Nucleus sampling: the probability mass to draw from; 1 is off. null: not sent.', 0.9)),
  maxTokens: z
    .int()
    .min(1)
    .nullable()
    .meta(about('Longest completion, in tokens; a longer one is cut. null: no bound is sent.', 2048)),
  topLogprobs: z
    .int()
    .min(0)
    .max(20)
    .optional()
    .describe('Alternatives with log-probabilities asked for at each token; absent asks for none.'),
});
/** How completions are sampled. */
export type Sampling = z.infer<typeof samplingSchema>;

const tokenLogprobSchema = z.strictObject({
  text: z.string(),
  /** Natural logarithm of the probability. */
  logprob: z.number(),
});

export const tokenLogprobsSchema = z.strictObject({
  ...tokenLogprobSchema.shape,
  /** Alternative tokens; empty where they are not kept (`model/token-logprobs.ts`). */
  alternatives: z.array(tokenLogprobSchema),
});
/**
 * A token of a completion, and how probable it and its alternatives were.
 * @example const tokens: TokenLogprobs[] = [{ text: '[[A]]', logprob: -0.1, alternatives: [] }];
 */
export type TokenLogprobs = z.infer<typeof tokenLogprobsSchema>;

export const completionSchema = z.strictObject({
  text: z.string(),
  /** `stop` ended normally; `length` was cut at maxTokens; anything else as the endpoint named it. */
  finishReason: z.string(),
  /** Its tokens in order, if log-probabilities were requested and returned. */
  tokens: z.array(tokenLogprobsSchema).optional(),
});
/** One sampled completion. */
export type Completion = z.infer<typeof completionSchema>;

// Reads the log-probabilities of a choice. Servers that leave them out, or write them in another shape, give none.
// Reference: https://platform.openai.com/docs/api-reference/chat/object (choices[].logprobs.content)
import { z } from 'zod';
import type { TokenLogprobs } from '../schema/chat.js';

const entrySchema = z.object({ token: z.string(), logprob: z.number() });
const contentSchema = z.array(entrySchema.extend({ top_logprobs: z.array(entrySchema).nullish() })).min(1);

/**
 * The tokens of a choice, or null where the server gave no log-probabilities that can be read.
 *
 * Alternatives are kept only at the tokens that hold the character after `[[`, where verdict markers have their letter and ratings
 * their number: with twenty at every token, the judgments of one benchmark would take gigabytes.
 *
 * @param logprobs the field `logprobs` of a choice, as it came
 * @example readTokenLogprobs({ content: [{ token: 'yes', logprob: -0.1, top_logprobs: [] }] });
 */
export function readTokenLogprobs(logprobs: unknown): TokenLogprobs[] | null {
  const content = contentSchema.safeParse((logprobs as { content?: unknown } | null | undefined)?.content);
  if (!content.success) return null;
  /** How many `[` the text so far ends with. */
  let nBrackets = 0;
  return content.data.map(({ token, logprob, top_logprobs: top }) => {
    let followsBrackets = false;
    for (const character of token) {
      followsBrackets ||= nBrackets >= 2 && character !== '[';
      nBrackets = character === '[' ? nBrackets + 1 : 0;
    }
    const alternatives = followsBrackets && top ? top : [];
    return {
      text: token,
      logprob,
      alternatives: alternatives.map((entry) => ({ text: entry.token, logprob: entry.logprob })),
    };
  });
}

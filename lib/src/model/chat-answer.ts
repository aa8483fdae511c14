// Reads the answer to a chat completion request, with the quirks of different servers.
import { z } from 'zod';
import { schemaProblems } from '../core/jsonl.js';
import { printable } from '../core/text.js';
import type { Completion } from '../schema/chat.js';
import { AttemptFailure } from './attempt-failure.js';
import type { SampleRequest } from './chat-endpoint.js';
import { tokensAbout } from './prompt-size.js';
import { readTokenLogprobs } from './token-logprobs.js';

/** Completions in the order of their index, and what they used. */
export interface ChatAnswer {
  completions: Completion[];
  promptTokens: number;
  completionTokens: number;
}

const choiceSchema = z.looseObject({
  index: z.int().min(0).nullish(),
  message: z.looseObject({ content: z.string().nullish() }),
  finish_reason: z.string().nullish(),
  logprobs: z.unknown().optional(),
});

const count = z.int().min(0);
const usageSchema = z.looseObject({
  usage: z
    .looseObject({ prompt_tokens: count.nullish(), completion_tokens: count.nullish() })
    .nullish()
    .catch(null),
});
const answerSchema = usageSchema.extend({ choices: z.array(choiceSchema).min(1) });

/**
 * Reads the text of an answer with status 200. Choices beyond those asked for are dropped; fewer are returned as they are.
 * @throws AttemptFailure for what is not a completion: not JSON, an error object, no choices
 */
export function readChatAnswer(text: string, request: SampleRequest): ChatAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badAnswer(`not JSON: ${text.slice(0, 200)}`, { cause });
  }
  return readChatValue(value, request);
}

/** The same for an answer that is parsed, as batch files hold it. @throws AttemptFailure */
export function readChatValue(value: unknown, request: SampleRequest): ChatAnswer {
  const parsed = answerSchema.safeParse(value);
  if (!parsed.success) {
    // It may have been paid for even so.
    const reported = usageSchema.safeParse(value);
    const used = {
      promptTokens: (reported.success ? reported.data.usage?.prompt_tokens : 0) ?? 0,
      completionTokens: (reported.success ? reported.data.usage?.completion_tokens : 0) ?? 0,
    };
    throw badAnswer(problemOf(value, parsed.error), { used });
  }
  const { choices, usage } = parsed.data;
  const wantsTokens = request.sampling.topLogprobs !== undefined;
  const completions = inOrder(choices)
    .slice(0, request.nSamples)
    .map(({ message, finish_reason: finishReason, logprobs }): Completion => {
      const tokens = wantsTokens ? readTokenLogprobs(logprobs) : null;
      return {
        text: message.content ?? '',
        finishReason: finishReason ?? 'unknown',
        ...(tokens === null ? {} : { tokens }),
      };
    });
  return {
    completions,
    promptTokens:
      usage?.prompt_tokens ?? request.messages.reduce((sum, { content }) => sum + tokensAbout(content), 0),
    completionTokens:
      usage?.completion_tokens ??
      completions.reduce((sum, completion) => sum + tokensAbout(completion.text), 0),
  };
}

/** Some servers list choices as they finish. Where their indices are not distinct, the order of the list counts. */
function inOrder<Choice extends { index?: number | null | undefined }>(choices: readonly Choice[]): Choice[] {
  const indices = new Set(choices.map(({ index }) => index ?? -1));
  if (indices.size < choices.length || indices.has(-1)) return [...choices];
  return [...choices].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}

function problemOf(value: unknown, error: z.ZodError): string {
  const said = messageInside(value);
  return said === null
    ? `an answer that is no completion (${schemaProblems(error)})`
    : `an error with status 200: ${said}`;
}

const textIn = (key: 'message' | 'detail'): z.ZodType<string> =>
  z.looseObject({ [key]: z.string() }).transform((value) => String(value[key]));

const messageSchema = z.union([
  z.looseObject({ error: z.union([z.string(), textIn('message')]) }).transform(({ error }) => error),
  textIn('message'),
  textIn('detail'),
]);

/** The message of an error object, in the shapes of OpenAI, vLLM and FastAPI; null for anything else. */
export function messageInside(value: unknown): string | null {
  const found = messageSchema.safeParse(value);
  return found.success ? printable(found.data) : null;
}

function badAnswer(
  message: string,
  more: { cause?: unknown; used?: AttemptFailure['used'] },
): AttemptFailure {
  return new AttemptFailure({ failureClass: 'bad-answer', code: 'bad-answer', message, ...more });
}

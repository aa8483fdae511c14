// Reads the answer to a chat completion request, with the quirks of different servers.
import { z } from 'zod';
import { schemaProblems } from '../core/jsonl.js';
import { printable } from '../core/text.js';
import type { Completion } from '../schema/chat.js';
import { AttemptFailure, UNKNOWN_ENDING } from './attempt-failure.js';
import type { SampleRequest } from './chat-endpoint.js';
import { endingOf } from './finish-reasons.js';
import { beginningOf, failureFrom, messageInside } from './server-error.js';
import { tokensAbout } from './prompt-size.js';
import { readTokenLogprobs } from './token-logprobs.js';

/** Completions in the order of their index, and what they used. */
export interface ChatAnswer {
  completions: Completion[];
  promptTokens: number;
  completionTokens: number;
}

/** Parts of a content: texts; the reasoning of Mistral's models (`thinking`); refusals; whatever else there may be. */
const partSchema = z.union([
  z.string().transform((text) => ({ type: 'text', text })),
  z.looseObject({ type: z.string().optional(), text: z.string().optional() }),
]);

/** Reasoning stands beside the answer: DeepSeek, vLLM and llama.cpp write `reasoning_content`, OpenRouter and Ollama `reasoning`. */
const messageSchema = z.looseObject({
  content: z.union([z.string(), z.array(partSchema)]).nullish(),
  refusal: z.string().nullish().catch(null),
  reasoning_content: z.unknown().optional(),
  reasoning: z.unknown().optional(),
});

const choiceSchema = z.looseObject({
  index: z.int().min(0).nullish(),
  message: messageSchema,
  finish_reason: z.string().nullish(),
  logprobs: z.unknown().optional(),
});
type Choice = z.infer<typeof choiceSchema>;

const count = z.int().min(0);
const usageSchema = z.looseObject({
  usage: z
    .looseObject({ prompt_tokens: count.nullish(), completion_tokens: count.nullish() })
    .nullish()
    .catch(null),
});
const answerSchema = usageSchema.extend({ choices: z.array(choiceSchema).min(1) });

/** OpenRouter writes an error in place of a choice that failed: https://openrouter.ai/docs/api/reference/errors-and-debugging */
const failedChoiceSchema = z.looseObject({ error: z.looseObject({}) });
/** An error in place of an answer: of OpenAI and others, or flat, of older vLLM. */
const errorSchema = z.union([
  z.looseObject({ error: z.union([z.string().min(1), z.looseObject({})]) }),
  z.looseObject({ object: z.literal('error') }),
  z
    .looseObject({ choices: z.array(z.unknown()) })
    .transform(({ choices }) => choices.find((choice) => failedChoiceSchema.safeParse(choice).success))
    .pipe(failedChoiceSchema),
]);

/**
 * Reads the text of an answer with status 200. Choices beyond those asked for are dropped; fewer are returned as they are.
 * @throws AttemptFailure for what is not a completion: not JSON, an error object, no choices, or a choice that is no answer: withheld,
 *   broken off, a refusal, or without any text but the model's reasoning
 */
export function readChatAnswer(text: string, request: SampleRequest): ChatAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badAnswer(`not JSON: ${beginningOf(text)}`, { cause });
  }
  return readChatValue(value, request);
}

/** The same for an answer that is parsed, as batch files hold it. @throws AttemptFailure */
export function readChatValue(value: unknown, request: SampleRequest): ChatAnswer {
  const parsed = answerSchema.safeParse(value);
  // It may have been paid for even where there is no answer.
  const reported = usageSchema.safeParse(value).data?.usage;
  const used = {
    promptTokens: reported?.prompt_tokens ?? 0,
    completionTokens: reported?.completion_tokens ?? 0,
  };
  const error = errorSchema.safeParse(value);
  if (error.success) throw failureFrom({ status: 200, value: error.data, used, request });
  if (!parsed.success && messageInside(value) !== null)
    throw failureFrom({ status: 200, value, used, request });
  if (!parsed.success)
    throw badAnswer(`an answer that is no completion (${schemaProblems(parsed.error)})`, { used });
  const { choices, usage } = parsed.data;
  const wantsTokens = request.sampling.topLogprobs !== undefined;
  const isEmpty = usage?.completion_tokens === 0;
  const completions = inOrder(choices)
    .slice(0, request.nSamples)
    .map((choice): Completion => {
      const completion = completionOf(choice, { isEmpty, used });
      const tokens = wantsTokens ? readTokenLogprobs(choice.logprobs) : null;
      return { ...completion, ...(tokens === null ? {} : { tokens }) };
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

/**
 * The text of a choice, which is the model's answer without its reasoning.
 * @param options.isEmpty whether the server says that no token was made
 * @throws AttemptFailure for a choice that is no answer
 */
function completionOf(
  { message, finish_reason: finishReason }: Choice,
  { isEmpty, used }: { isEmpty: boolean; used: AttemptFailure['used'] },
): Completion {
  const text = textOf(message.content);
  const refused = (code: string, why: string): AttemptFailure =>
    new AttemptFailure({ failureClass: 'refused', code, message: why, used });
  const refusal = message.refusal?.trim() ?? '';
  if (refusal !== '') throw refused('refusal', `a refusal: ${printable(refusal, 200)}`);
  const named = `the finish reason ${printable(String(finishReason), 40)}`;
  const ending = endingOf(finishReason);
  switch (ending) {
    case 'filtered':
      throw refused('content-filter', `an answer that was withheld, with ${named}`);
    case 'failed':
      throw badAnswer(`an answer that was broken off, with ${named}`, { used });
    case 'unknown':
      throw refused(UNKNOWN_ENDING, `${named}, of which it is not known whether the answer is whole`);
    case 'cut':
      return { text, finishReason: 'length' };
    case 'complete':
    case 'unnamed':
      if (text.trim() === '' && hasReasoning(message))
        throw refused('only-reasoning', 'reasoning alone, and no answer after it');
      if (text.trim() === '' && (isEmpty || ending === 'unnamed'))
        throw badAnswer('an empty answer', { used });
      return { text, finishReason: ending === 'complete' ? 'stop' : 'unknown' };
  }
}

function textOf(content: Choice['message']['content']): string {
  if (!Array.isArray(content)) return content ?? '';
  const texts = content.filter(({ type = 'text' }) => type === 'text' || type === 'output_text');
  return texts.map(({ text }) => text ?? '').join('');
}

function hasReasoning({ content, reasoning, reasoning_content: beside }: Choice['message']): boolean {
  const isThere = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
  return isThere(reasoning) || isThere(beside) || (Array.isArray(content) && content.length > 0);
}

function badAnswer(
  message: string,
  more: { cause?: unknown; used?: AttemptFailure['used'] },
): AttemptFailure {
  return new AttemptFailure({ failureClass: 'bad-answer', code: 'bad-answer', message, ...more });
}

// The body of `POST /v1/chat/completions`, checked and turned into what the engine needs.
// Reference: https://platform.openai.com/docs/api-reference/chat/create
import { z } from 'zod';
import { encodeChat, encodeText, UnknownWordError, type ChatTurn } from '../tokenizer.js';
import { badRequest } from './api-error.js';
import { parseBody } from './request-body.js';

/** A chat completion that a client asked for. */
export interface ChatRequest {
  model: string;
  turns: ChatTurn[];
  /** 1 to 128. */
  nChoices: number;
  /** 0 to 2. */
  temperature: number;
  /** In (0, 1]. */
  topP: number;
  /** null: all that the context leaves. */
  maxTokens: number | null;
  /** null: the client leaves it to chance. */
  seed: number | null;
  stop: string[];
  /** null: no log-probabilities; else how many alternatives per token, 0 to 20. */
  topLogprobs: number | null;
  stream: boolean;
  includeUsage: boolean;
}

const textOnly =
  'expected a string, or a non-empty list of {"type": "text", "text": "..."} parts (this model reads text only)';
const content = z.union(
  [z.string(), z.array(z.strictObject({ type: z.literal('text'), text: z.string() })).min(1)],
  {
    error: textOnly,
  },
);
const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
  name: z.string().nullish(),
  // Clients send an earlier reply back with these; they are empty in everything that this server says.
  refusal: z.null().optional(),
  annotations: z.array(z.unknown()).max(0).nullish(),
});
const stopText = z.string().min(1, { error: 'expected a non-empty string' });
const noPenalty = z
  .literal(0, { error: 'only 0 is offered (this server samples without penalties)' })
  .nullish();

const chatFields = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  n: z.int().min(1).max(128).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  seed: z.int().nullish(),
  stop: z
    .union([stopText, z.array(stopText).max(4)], {
      error: 'expected a non-empty string or a list of up to 4 of them',
    })
    .nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .nullish(),
  response_format: z
    .strictObject(
      { type: z.literal('text', { error: 'only "text" is offered' }) },
      { error: 'expected {"type": "text"}' },
    )
    .nullish(),
  frequency_penalty: noPenalty,
  presence_penalty: noPenalty,
  modalities: z
    .array(z.literal('text', { error: 'only ["text"] is offered' }), { error: 'expected ["text"]' })
    .nullish(),
  // Accepted and without effect.
  user: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  service_tier: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
});
const chatBody = chatFields
  .refine((body) => body.max_tokens == null || limitOf(body) === body.max_tokens, {
    path: ['max_tokens'],
    error: 'expected the value of max_completion_tokens, which means the same: send one of them',
  })
  .refine((body) => body.top_logprobs == null || body.logprobs === true, {
    path: ['top_logprobs'],
    error: 'needs "logprobs": true',
  })
  .refine((body) => body.stream_options == null || body.stream === true, {
    path: ['stream_options'],
    error: 'needs "stream": true',
  });

const textModel = 'The embedded model reads and writes plain text: leave it out.';
const plainSampling = 'Sampling is set by temperature, top_p, seed, stop and max_tokens: leave it out.';
const rules = {
  schema: chatBody,
  unsupported: {
    ...Object.fromEntries(
      [
        'tools',
        'tool_choice',
        'functions',
        'function_call',
        'parallel_tool_calls',
        'audio',
        'web_search_options',
      ].map((key) => [key, textModel]),
    ),
    ...Object.fromEntries(
      [
        'logit_bias',
        'prediction',
        'reasoning_effort',
        'verbosity',
        'top_k',
        'min_p',
        'best_of',
        'repetition_penalty',
      ].map((key) => [key, plainSampling]),
    ),
  },
};

/** Reads the body of a chat completion request. @throws ApiError 400 */
export function parseChatRequest(body: unknown): ChatRequest {
  const parsed = parseBody(body, rules);
  return {
    model: parsed.model,
    turns: parsed.messages.map(turnOf),
    nChoices: parsed.n ?? 1,
    temperature: parsed.temperature ?? 1,
    // The API allows 0, which leaves the likeliest word alone; the engine wants a positive mass.
    topP: Math.max(parsed.top_p ?? 1, Number.EPSILON),
    maxTokens: limitOf(parsed),
    seed: parsed.seed ?? null,
    stop: parsed.stop == null ? [] : typeof parsed.stop === 'string' ? [parsed.stop] : parsed.stop,
    topLogprobs: parsed.logprobs === true ? (parsed.top_logprobs ?? 0) : null,
    stream: parsed.stream === true,
    includeUsage: parsed.stream_options?.include_usage === true,
  };
}

/** The most tokens of a completion; null where the client sets no limit. */
function limitOf(body: z.output<typeof chatFields>): number | null {
  return body.max_completion_tokens ?? body.max_tokens ?? null;
}

function turnOf({ role, content: text }: z.output<typeof message>): ChatTurn {
  return {
    role: role === 'developer' ? 'system' : role,
    // Words are separated by blanks, so parts must not run together.
    content: typeof text === 'string' ? text : text.map((part) => part.text).join(' '),
  };
}

/**
 * The token ids of a conversation, which leave room for at least one more.
 * @throws ApiError 400 with code `unknown_words` or `context_length_exceeded`
 */
export function encodePrompt(turns: readonly ChatTurn[], contextLength: number): number[] {
  let tokens: number[];
  try {
    tokens = encodeChat(turns);
  } catch (thrown) {
    throw thrown instanceof UnknownWordError ? unknownWords(turns, thrown) : thrown;
  }
  if (tokens.length >= contextLength) {
    throw badRequest(
      `The prompt has ${tokens.length} tokens (a word is one token, and so is the mark of each role), but the model ` +
        `reads ${contextLength} tokens, prompt and completion together. Shorten the messages.`,
      { param: 'messages', code: 'context_length_exceeded' },
    );
  }
  return tokens;
}

function unknownWords(turns: readonly ChatTurn[], whole: UnknownWordError): Error {
  for (const [index, turn] of turns.entries()) {
    try {
      encodeText(turn.content);
    } catch (thrown) {
      if (!(thrown instanceof UnknownWordError)) return whole;
      const param = `messages[${index}].content`;
      return badRequest(`${param}: ${thrown.message}`, { param, code: 'unknown_words' });
    }
  }
  return whole;
}

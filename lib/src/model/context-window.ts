// The window of a model, prompt and completion together, in tokens: as lists of models describe it, and as refusals tell it.
import { z } from 'zod';

const tokens = z.int().min(1).optional().catch(undefined);
const listedSchema = z.looseObject({
  max_model_len: tokens,
  context_length: tokens,
  context_window: tokens,
  max_context_length: tokens,
  meta: z.looseObject({ n_ctx: tokens, n_ctx_train: tokens }).optional().catch(undefined),
});

/**
 * The window in an entry of `GET /models`, in tokens; null where it has none. Names: `max_model_len` (vLLM), `context_length` (OpenRouter,
 * Together), `context_window` (Groq), `max_context_length` (Mistral, LM Studio), `meta.n_ctx` and `meta.n_ctx_train` (llama.cpp).
 */
export function listedWindow(model: unknown): number | null {
  const parsed = listedSchema.safeParse(model);
  if (!parsed.success) return null;
  const { max_model_len, context_length, context_window, max_context_length, meta } = parsed.data;
  const named = max_model_len ?? context_length ?? context_window ?? max_context_length;
  return named ?? meta?.n_ctx ?? meta?.n_ctx_train ?? null;
}

/** What a refusal for length tells, in tokens; null for what it leaves open. */
export interface LengthRefusal {
  window: number | null;
  promptTokens: number | null;
  /** The server stopped counting: the prompt may be longer than it says. */
  isAtLeast: boolean;
}

/** Words of vLLM, SGLang, llama.cpp, TGI, OpenAI, OpenRouter, Together, Groq, Mistral, Anthropic, Gemini, Cohere and xAI. */
const TOO_LONG =
  /context (?:length|window|size|limit)|context_length_exceeded|maximum (?:context|prompt length|allowed input length)|(?:prompt|input) is too long|string too long|too many tokens|max_new_tokens|input tokens exceed|token count (?:\S+ )?exceeds|reduce the length|exceed_context_size|model_context_window|too large for model with/i;

const NUMBER = '\\W{0,3}(\\d[\\d,]*)';
const WINDOW = [
  `> ?${NUMBER}`,
  `context (?:length|window|size|limit)[^\\d.]{0,20}${NUMBER}`,
  `(?:prompt length|allowed input length)[^\\d.]{0,8}${NUMBER}`,
  `must be <=${NUMBER}`,
  `${NUMBER} (?:tokens? )?maximum`,
  `configured limit of${NUMBER}`,
  `exceeds? [^\\d.]{0,40}${NUMBER}`,
  `"n_ctx":${NUMBER}`,
].map((source) => new RegExp(source, 'i'));
const PROMPT = [
  `${NUMBER} (?:tokens? )?(?:in the messages|in your prompt|in the prompt|from the input|of text input|\`inputs\` tokens|input tokens)`,
  `(?:prompt contains|request has|request contains|resulted in|too long:|received|input \\(|request \\(|count(?: of)?)(?: at least)?${NUMBER}`,
  `${NUMBER} \\+ \\d+ >`,
  `"n_prompt_tokens":${NUMBER}`,
].map((source) => new RegExp(source, 'i'));

/**
 * Reads a refusal because prompt and completion are longer than the model's window; null for any other.
 * @param message what the server said, hostile text like all of its
 * @param maxTokens the completion tokens that were asked for; null for none
 */
export function readLengthRefusal(message: string, maxTokens: number | null): LengthRefusal | null {
  if (!TOO_LONG.test(message)) return null;
  const window = firstNumber(WINDOW, message);
  // After the status of the answer.
  const promptTokens = firstNumber(PROMPT, message.replace(/^\d{3} /, ''));
  // vLLM cuts a prompt before it counts, to one token more than would fit (vllm/renderers/params.py, `get_encode_kwargs`).
  const isCut =
    window !== null && promptTokens !== null && /\bYou passed\b/.test(message)
      ? promptTokens + (maxTokens ?? 0) === window + 1
      : /\bat least\b|\binput characters\b/.test(message);
  return { window, promptTokens, isAtLeast: isCut };
}

const COMPLETION_CAP = [
  `supports? at most${NUMBER} (?:completion|output) tokens`,
  `max_(?:completion_)?tokens\\W[^.]{0,60}less than or equal to${NUMBER}`,
  `max_(?:completion_)?tokens\\W[^.]{0,40}(?:cannot|can not|must not|may not) (?:exceed|be (?:larger|greater|higher|more) than)${NUMBER}`,
  `max_(?:completion_)?tokens\\W[^.]{0,60}> ?${NUMBER}, which is the maximum allowed`,
  `max_(?:completion_)?tokens\\W[^.]{0,60}\\[\\d+, ?(\\d+)\\]`,
  `max_(?:completion_)?tokens\\W[^.]{0,60}expected a value <=${NUMBER}`,
].map((source) => new RegExp(source, 'i'));

/** The most completion tokens that a refusal says a model gives, whatever the prompt; null where it says nothing of the kind. */
export function readCompletionCap(message: string): number | null {
  return firstNumber(COMPLETION_CAP, message);
}

function firstNumber(patterns: readonly RegExp[], message: string): number | null {
  for (const pattern of patterns) {
    const found = Number(pattern.exec(message)?.[1]?.replaceAll(',', ''));
    if (Number.isSafeInteger(found) && found > 0) return found;
  }
  return null;
}

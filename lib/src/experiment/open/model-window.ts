// The context window of a model as the lists of servers tell it.
import { z } from 'zod';

const tokens = z.int().min(1).nullish().catch(null);
/**
 * vLLM and SGLang: `max_model_len`; OpenRouter and Together: `context_length`; Groq: `context_window`; llama.cpp: the window of its
 * training, of which a server may use less.
 */
const windowSchema = z.looseObject({
  max_model_len: tokens,
  context_length: tokens,
  context_window: tokens,
  meta: z.looseObject({ n_ctx_train: tokens }).nullish().catch(null),
});

/** Longest prompt and completion together, in tokens; null where the list does not say. @param model an entry of `GET /models` */
export function windowOf(model: object): number | null {
  const { max_model_len, context_length, context_window, meta } = windowSchema.parse(model);
  return max_model_len ?? context_length ?? context_window ?? meta?.n_ctx_train ?? null;
}

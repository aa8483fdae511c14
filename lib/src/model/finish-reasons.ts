// The one table of finish reasons: what servers call the end of a completion, and what that means for its text.

/**
 * `complete`: the model ended it; `cut`: it reached a length limit; `filtered`: the server withheld it or a part of it; `failed`: the
 * server broke it off; `unnamed`: the server gives no reason; `unknown`: a reason that is not in the table.
 */
export type Ending = 'complete' | 'cut' | 'filtered' | 'failed' | 'unnamed' | 'unknown';

/**
 * In lower case, with underscores. Sources: OpenAI API reference (stop, length, content_filter); vLLM, vllm/v1/engine/__init__.py
 * (abort, error); LiteLLM, litellm_core_utils/core_helpers.py, for Anthropic, Cohere, Text Generation Inference (eos_token), Gemini,
 * Zhipu (sensitive, network_error) and Bedrock; Mistral API (model_length); DeepSeek API (insufficient_system_resource).
 */
const REASONS: Readonly<Record<'complete' | 'cut' | 'filtered' | 'failed', string>> = {
  complete: 'stop end_turn stop_sequence stop_token eos eos_token complete completed',
  cut: 'length max_tokens max_output_tokens model_length model_context_window_exceeded error_limit',
  filtered:
    'content_filter content_filtered safety recitation language blocklist prohibited_content spii refusal guardrail_intervened error_toxic sensitive',
  failed:
    'abort aborted cancelled error other network_error insufficient_system_resource finish_reason_unspecified malformed_response',
};

const ENDINGS: ReadonlyMap<string, Ending> = new Map(
  (['complete', 'cut', 'filtered', 'failed'] as const).flatMap((ending) =>
    REASONS[ending].split(' ').map((reason): [string, Ending] => [reason, ending]),
  ),
);

/** What a finish reason means, however it is written: `MAX_TOKENS`, `FinishReason.SAFETY`, `content-filter`. */
export function endingOf(finishReason: string | null | undefined): Ending {
  if (finishReason === null || finishReason === undefined || finishReason.trim() === '') return 'unnamed';
  const normalised = finishReason
    .trim()
    .toLowerCase()
    .replace(/^finishreason\./, '')
    .replaceAll('-', '_');
  return ENDINGS.get(normalised) ?? 'unknown';
}

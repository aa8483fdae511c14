// The body of a chat completion request: without what a server is known to refuse, and what to leave out after a refusal.
import type { ChatMessage } from '../schema/chat.js';
import type { SampleRequest } from './chat-endpoint.js';

/** Parameters that servers or models refuse; the first one that a refusal names is left out. */
const PARAMETERS = [
  'max_tokens',
  'max_completion_tokens',
  'top_p',
  'temperature',
  'seed',
  'logprobs',
] as const;
/** A parameter that can be left out. In place of `max_tokens`, `max_completion_tokens` is sent, unless it is left out, too. */
export type Omittable = (typeof PARAMETERS)[number];

/** How a request is written for one server and model. It changes nothing of what is requested: see `completion-key.ts`. */
export interface RequestForm {
  /** Parameters that the server turned out to refuse. */
  without: readonly Omittable[];
  /**
   * Completion tokens that are asked for where those of the request do not fit: a function of the prompt and of the model's window or
   * limit, never of what was asked before. null: what is left of the window, by sending no bound. Absent: those of the request.
   */
  maxTokens?: number | null;
  /** One completion in place of those of the request, where the server does not take `n`, or that is to be found out. */
  nSamples?: 1;
}

/** Everything that is wanted, as it is wanted. */
export const PLAIN_FORM: RequestForm = { without: [] };

/** Further fields of each request's body, such as `chat_template_kwargs`; they cannot replace what the engine sends. */
export type ExtraBody = Readonly<Record<string, unknown>>;

/** Fields that the engine decides. */
export const ENGINE_FIELDS: readonly string[] = [
  ...['model', 'messages', 'n', 'stream', 'stream_options', 'top_logprobs'],
  ...PARAMETERS,
];

/** The parameters of the engine; OpenAI's reasoning models have a newer name for one, which others lack. */
export interface ChatBody {
  model: string;
  messages: ChatMessage[];
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
  seed?: number;
  n?: number;
  logprobs?: true;
  top_logprobs?: number;
}

/** The body as `POST /chat/completions` and batch files have it. */
export function chatBody(request: SampleRequest, form = PLAIN_FORM, extraBody: ExtraBody = {}): ChatBody {
  const { temperature, topP, topLogprobs } = request.sampling;
  const maxTokens = maxTokensOf(request, form);
  const sends = (parameter: Omittable): boolean => !form.without.includes(parameter);
  const isRenamed = !sends('max_tokens');
  return {
    model: request.model,
    messages: request.messages,
    ...(temperature !== null && sends('temperature') ? { temperature } : {}),
    ...(topP !== null && sends('top_p') ? { top_p: topP } : {}),
    ...(maxTokens !== null && !isRenamed ? { max_tokens: maxTokens } : {}),
    ...(maxTokens !== null && isRenamed && sends('max_completion_tokens')
      ? { max_completion_tokens: maxTokens }
      : {}),
    ...(sends('seed') ? { seed: request.seed } : {}),
    ...(request.nSamples > 1 && form.nSamples !== 1 ? { n: request.nSamples } : {}),
    ...(topLogprobs !== undefined && sends('logprobs') ? { logprobs: true, top_logprobs: topLogprobs } : {}),
    ...extraBody,
  };
}

/** The completion tokens that a request asks for in this form; null for no bound. */
export function maxTokensOf({ sampling }: SampleRequest, form: RequestForm): number | null {
  return form.maxTokens === undefined ? sampling.maxTokens : form.maxTokens;
}

/** Whether a failure means that the server refused this form of the request; another form may be accepted. */
export function isRefusalCode(code: string): boolean {
  return code === 'http-400' || code === 'http-422';
}

/** OpenAI, vLLM and Mistral (pydantic), LiteLLM, Gemini and Anthropic in the form of OpenAI. */
const NOT_TAKEN =
  /unsupported|unrecogni[sz]ed|unknown|unexpected|extra[ _](?:inputs|fields|forbidden)|not (?:be )?(?:support|permit|allow|accept|available|recogni[sz])|n't support|cannot|\bonly\b|deprecated|invalid argument/i;

/**
 * The parameter that may be the reason of a refusal: one that the refusal names, else logprobs, which many servers lack; null where none
 * is left, or where it is `n`.
 */
export function refusedParameter(
  request: SampleRequest,
  form: RequestForm,
  message: string,
): Omittable | null {
  const body = chatBody(request, form);
  const said = withoutPrompt(message, request);
  const isNamed = (parameter: string): boolean =>
    new RegExp(`\\b${parameter === 'logprobs' ? '(?:top_)?logprobs' : parameter}\\b`, 'i').test(said);
  if (NOT_TAKEN.test(said)) {
    const named = PARAMETERS.find((parameter) => parameter in body && isNamed(parameter));
    if (named !== undefined) return named;
    if ('n' in body && /["'`]n["'`]/.test(said)) return null;
  }
  if ('seed' in body && isNamed('seed')) return 'seed';
  return 'logprobs' in body ? 'logprobs' : null;
}

/**
 * What a server says besides what it repeats: the prompt, whole or line by line, which may hold any words, and the model, which may be
 * called judge-seed.
 */
export function withoutPrompt(
  said: string,
  { messages, model }: Pick<SampleRequest, 'messages' | 'model'>,
): string {
  const texts = [...messages.map(({ content }) => content), model].filter((text) => text.length >= 8);
  const lines = messages.flatMap(({ content }) => content.split('\n').map((line) => line.trim()));
  return [...texts, ...lines.filter((line) => line.length >= 24)].reduce(
    (rest, text) => rest.replaceAll(text, ''),
    said,
  );
}

/** The key of a request in this form: another body needs another key, since a server may repeat its refusal for the first one. */
export function keyOfForm(idempotencyKey: string, request: SampleRequest, form: RequestForm): string {
  const { without, maxTokens, nSamples } = form;
  const isPlain = without.includes('logprobs') && request.sampling.topLogprobs !== undefined;
  const others = PARAMETERS.filter(
    (parameter) => parameter !== 'logprobs' && parameter !== 'seed' && without.includes(parameter),
  );
  return [
    idempotencyKey,
    ...(isPlain ? ['plain'] : []),
    ...(without.includes('seed') ? ['unseeded'] : []),
    ...others.map((parameter) => `no_${parameter}`),
    ...(maxTokens === undefined ? [] : [`max${maxTokens ?? 'none'}`]),
    ...(nSamples === undefined ? [] : ['one']),
  ].join('-');
}

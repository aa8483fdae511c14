// What the error answer of a server means: too many requests, no credit, one input that is flagged, a model that is still being loaded.
import { z } from 'zod';
import { printable } from '../core/text.js';
import { AttemptFailure, classOfStatus, OUT_OF_CREDIT } from './attempt-failure.js';
import { TOO_LONG } from '../schema/drop.js';
import { withoutPrompt } from './chat-body.js';
import type { SampleRequest } from './chat-endpoint.js';
import { readLengthRefusal } from './context-window.js';
import type { AskedPause } from './rate-headers.js';

/** Codes and types of errors for an account, key or project that may spend nothing more. OpenAI; new-api and one-api; LiteLLM; DashScope. */
const NO_CREDIT_CODES = new Set(
  'insufficient_quota insufficient_credits insufficient_balance insufficient_user_quota insufficient_funds billing_hard_limit_reached billing_not_active budget_exceeded arrearage payment_required'.split(
    ' ',
  ),
);
/** The same in words: OpenAI, DeepSeek, Anthropic, OpenRouter, LiteLLM. */
const NO_CREDIT_WORDS =
  /exceeded your current quota|insufficient (?:credits?|balance|funds)|credit balance is too low|requires more credits|billing hard limit|key limit exceeded|budget has been exceeded/i;
/** A limit that passes: Gemini says "exceeded your current quota" also of the quota of a minute, and adds when to try again. */
const PASSING_WORDS = /(?:retry|try again) (?:in|after) [\d.]+|per (?:second|minute|hour|day)/i;

/** Codes of errors about what one input says: OpenAI, Azure, OpenRouter, DashScope. */
const FLAGGED_CODES = new Set(
  'content_filter content_policy_violation responsibleaipolicyviolation moderation_blocked data_inspection_failed'.split(
    ' ',
  ),
);
/** The same in words: Azure, also through LiteLLM; OpenRouter; OpenAI's reasoning models; DeepSeek. */
const FLAGGED_WORDS =
  /content management policy|ContentPolicyViolation|ResponsibleAIPolicyViolation|(?:input|prompt) was flagged|content exists risk/i;

/** OpenAI's reasoning models, where the reasoning took all tokens: "max_tokens or model output limit was reached". */
const ALL_REASONED = /output limit was reached/i;

/** llama.cpp: "Loading model"; Text Generation Inference and the Hugging Face API: "Model ... is currently loading". */
const LOADING_WORDS =
  /\bloading (?:the )?model\b|\bmodel\b.*\b(?:is|being) (?:currently |still )?load(?:ing|ed)\b/i;

const errorPartsSchema = z.looseObject({
  code: z.unknown().optional(),
  type: z.unknown().optional(),
  param: z.string().nullish().catch(null),
  innererror: z.looseObject({ code: z.unknown().optional() }).nullish().catch(null),
  metadata: z
    .looseObject({
      reasons: z.array(z.string()).nullish().catch(null),
      flagged_input: z.string().nullish().catch(null),
      raw: z.string().nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

const textIn = (key: 'message' | 'detail'): z.ZodType<string> =>
  z.looseObject({ [key]: z.string() }).transform((value) => String(value[key]));

/** FastAPI and Mistral list what pydantic finds in a body. */
const problemsSchema = z
  .looseObject({
    detail: z.array(z.looseObject({ loc: z.array(z.unknown()).catch([]), msg: z.string() })).min(1),
  })
  .transform(({ detail }) => detail.map(({ loc, msg }) => `${loc.map(String).join('.')}: ${msg}`).join('; '));

const messageSchema = z.union([
  z.looseObject({ error: z.union([z.string(), textIn('message')]) }).transform(({ error }) => error),
  textIn('message'),
  textIn('detail'),
  problemsSchema,
]);

/** An error without the list around it, in which Gemini's OpenAI-compatible endpoint puts it. */
export function unlisted(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

/** The message of an error object, in the shapes of OpenAI, vLLM, FastAPI and Gemini; null for anything else. */
export function messageInside(value: unknown): string | null {
  const found = messageSchema.safeParse(unlisted(value));
  return found.success ? printable(found.data) : null;
}

/** What to show of an answer that is not JSON: of a page its title, or its text without markup; of anything else its beginning. */
export function beginningOf(text: string): string {
  if (!/^\s*<(?:!doctype|html|head|body|\?xml)/i.test(text)) return text.slice(0, 200);
  const title = /<title[^>]*>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  const words = text
    .slice(0, 5000)
    .replace(/<(script|style|title)\b[^]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
  return `an HTML page: ${title ?? words.trim().slice(0, 200)}`;
}

/**
 * The failure that an error answer means.
 * @param answer.status of the HTTP answer; an error inside an answer with status 200 may have a status of its own, as OpenRouter's have
 * @param answer.value the body, parsed; or its text where it is not JSON. Without secrets
 * @param answer.pause what the headers ask for
 * @param answer.used tokens that the answer reports
 * @param answer.request what was asked: words that the server only repeats say nothing
 */
export function failureFrom({
  status,
  value,
  pause = null,
  used,
  request,
}: {
  status: number;
  value: unknown;
  pause?: AskedPause | null;
  used?: AttemptFailure['used'];
  request?: Pick<SampleRequest, 'messages' | 'model'> | undefined;
}): AttemptFailure {
  const outer = errorPartsSchema.safeParse(unlisted(value)).data ?? {};
  const inner = errorPartsSchema.safeParse(outer.error).data ?? {};
  const { metadata } = inner;
  const codes = [outer.code, outer.type, inner.code, inner.type, inner.innererror?.code];
  const names = codes.flatMap((code) => (typeof code === 'string' ? [code.toLowerCase()] : []));
  const said = typeof value === 'string' ? beginningOf(value) : (messageInside(value) ?? 'no reason given');
  const isTooLong = names.find((name) => /context_(?:length|window)/.test(name));
  const hints = [metadata?.reasons?.join(', ') ?? metadata?.raw, inner.param, isTooLong];
  const more = printable(hints.filter((hint) => hint && !said.includes(hint)).join(', '));
  const whole = more === '' ? said : `${said} (${more})`;
  const words = request === undefined ? whole : withoutPrompt(whole, request);
  const own = status >= 400 ? status : statusIn(codes);
  const as = (failureClass: AttemptFailure['failureClass'], code: string): AttemptFailure => {
    const where = status >= 400 ? String(status) : `an error with status ${status}:`;
    return new AttemptFailure({ failureClass, code, message: `${where} ${whole}`, pause, used });
  };
  const passes = pause !== null || PASSING_WORDS.test(words);
  // An error of a server's program may quote anything.
  const isItsOwn = own !== null && own >= 500;
  const saysSpent = NO_CREDIT_WORDS.test(words) && !passes && !isItsOwn;
  const isSpent = names.some((name) => NO_CREDIT_CODES.has(name)) || saysSpent;
  if (own === 402 || isSpent) return as('refused', OUT_OF_CREDIT);
  const isFlagged =
    names.some((name) => FLAGGED_CODES.has(name)) ||
    typeof metadata?.flagged_input === 'string' ||
    (own === 403 && (metadata?.reasons?.length ?? 0) > 0) ||
    FLAGGED_WORDS.test(words);
  if (isFlagged && !isItsOwn) return as('refused', 'content-filter');
  if (own === 400 && ALL_REASONED.test(words)) return as('refused', 'only-reasoning');
  const mayBeTooLong = own === 400 || own === 413 || own === 422;
  if (mayBeTooLong && readLengthRefusal(words, null) !== null) return as('refused', TOO_LONG);
  if (own === 503 && LOADING_WORDS.test(words)) return as('down', 'loading');
  return own === null ? as('bad-answer', 'bad-answer') : as(classOfStatus(own), `http-${own}`);
}

/** An HTTP status among codes, which LiteLLM writes as texts; null where there is none. */
function statusIn(codes: readonly unknown[]): number | null {
  const statuses = codes.map((code) => (/^[45]\d\d$/.test(String(code)) ? Number(code) : null));
  return statuses.find((status) => status !== null) ?? null;
}

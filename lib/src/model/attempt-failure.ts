// Failed attempts: their classes, and what they say about the request and about the server.
import { ModelError } from '../core/errors.js';
import { printable } from '../core/text.js';
import { TOO_LONG } from '../schema/drop.js';
import type { AskedPause } from './rate-headers.js';

/**
 * `rate-limited`: the server got too many requests; `down`: the server or the connection failed; `bad-answer`: the answer is not a
 * completion; `refused`: the server works and refuses the request.
 */
export type FailureClass = 'rate-limited' | 'down' | 'timeout' | 'bad-answer' | 'refused';

/** How often attempts failed, before any has. */
export const NO_FAILURES: Readonly<Record<FailureClass, number>> = {
  'rate-limited': 0,
  down: 0,
  timeout: 0,
  'bad-answer': 0,
  refused: 0,
};

/** A failed attempt. */
export class AttemptFailure extends Error {
  readonly failureClass: FailureClass;
  /** Countable cause: `http-429`, `timeout`, `unreachable`, `loading`, `connection-lost`, `bad-answer`, `content-filter`, `refusal`, ... */
  readonly code: string;
  /** The pause that the server asked for; null when it did not. */
  readonly pause: AskedPause | null;
  /** Tokens that the server reported in an answer that could not be used. */
  readonly used: { promptTokens: number; completionTokens: number };
  /** The window of the model, in tokens, where the prompt is too long for it. */
  readonly contextTokens: number | undefined;

  constructor(options: {
    failureClass: FailureClass;
    code: string;
    message: string;
    pause?: AskedPause | null;
    used?: { promptTokens: number; completionTokens: number } | undefined;
    contextTokens?: number | undefined;
    cause?: unknown;
  }) {
    super(printable(options.message), { cause: options.cause });
    this.name = 'AttemptFailure';
    this.failureClass = options.failureClass;
    this.code = options.code;
    this.contextTokens = options.contextTokens;
    this.pause = options.pause ?? null;
    this.used = options.used ?? { promptTokens: 0, completionTokens: 0 };
  }
}

/** Statuses of an overloaded server: 429; 529 from some proxies; 503 from vLLM and gateways. */
const OVERLOADED = [429, 503, 529];
/** Other statuses that may pass: time-outs, conflicts, too early. */
const PASSING = [408, 409, 425];

/** The class of an unsuccessful status. */
export function classOfStatus(status: number): FailureClass {
  if (OVERLOADED.includes(status)) return 'rate-limited';
  return PASSING.includes(status) || status >= 500 ? 'down' : 'refused';
}

/**
 * Codes that mean that no server is there yet, or none behind a gateway; the request is seldom the reason. 521 to 523 are Cloudflare's:
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
export const AWAY_CODES: readonly string[] = [
  'unreachable',
  'loading',
  'http-502',
  'http-504',
  'http-521',
  'http-522',
  'http-523',
];

/** The code after which an account has to be topped up, whatever the request. */
export const OUT_OF_CREDIT = 'out-of-credit';
/** The code of an answer that ended for a reason that is in no table. */
export const UNKNOWN_ENDING = 'finish-reason';

/**
 * Codes that concern this request alone: malformed for this server, too long, not processable; or an input that is flagged, or that the
 * model does not answer.
 */
export const ABOUT_THIS_REQUEST: readonly string[] = [
  'http-400',
  'http-413',
  'http-422',
  TOO_LONG,
  'content-filter',
  'refusal',
  'only-reasoning',
  UNKNOWN_ENDING,
];

/**
 * The error that a stage gets once no attempt is left.
 * @param options.scope `endpoint` where other requests would fail as well; for refusals their status decides
 * @param options.wanted what was asked for; default: a chat completion
 */
export function givenUp(
  failure: AttemptFailure,
  options: {
    subject: string;
    wanted?: string;
    scope: 'request' | 'endpoint';
    attempts: Readonly<Record<string, number>>;
    used?: { promptTokens: number; completionTokens: number };
  },
): ModelError {
  const status = Number(/^http-(\d+)$/.exec(failure.code)?.[1] ?? 0);
  const refusedScope = ABOUT_THIS_REQUEST.includes(failure.code) ? 'request' : 'endpoint';
  return new ModelError({
    subject: options.subject,
    expected: expectedAfter(failure, options.wanted ?? 'a chat completion'),
    received: failure.message,
    remedy: remedyFor(failure, status),
    scope: failure.failureClass === 'refused' ? refusedScope : options.scope,
    code: failure.code,
    isServerFault: failure.failureClass !== 'refused' || failure.code === UNKNOWN_ENDING,
    contextTokens: failure.contextTokens,
    attempts: options.attempts,
    ...(options.used === undefined ? {} : { used: options.used }),
    cause: failure,
  });
}

function expectedAfter({ failureClass }: AttemptFailure, wanted: string): string {
  if (failureClass === 'down') return 'a server that answers';
  return failureClass === 'timeout' ? 'an answer in time' : wanted;
}

/** What to do after failures that have a name of their own. */
const REMEDIES: Readonly<Record<string, string>> = {
  [OUT_OF_CREDIT]:
    'Top up the account or raise its limit; then run the same command again to continue: what was answered is not asked again.',
  [TOO_LONG]:
    'Serve the model with a larger window, leave out longer inputs, or lower maxTokens where only prompt and completion together are too long.',
  'content-filter': 'A content filter of the server flagged this input or its answer; other inputs go on.',
  refusal: 'The model does not answer this input; other inputs go on.',
  'only-reasoning':
    "Raise maxTokens, or check the server's setting for reasoning: it takes the whole text of this model for reasoning.",
  [UNKNOWN_ENDING]: 'Look up this reason in the documentation of the server, and report it as missing here.',
  loading:
    'Wait until the server has loaded its model, or raise endpoint.giveUpAfterMs; then run again to continue.',
};

function remedyFor({ failureClass, code }: AttemptFailure, status: number): string {
  const named = REMEDIES[code];
  if (named !== undefined) return named;
  switch (failureClass) {
    case 'rate-limited':
      return 'The server is limiting requests: lower endpoint.concurrency or set endpoint.requestsPerMinute and run again to continue.';
    case 'timeout':
      return 'Raise endpoint.timeoutMs or lower endpoint.concurrency; then run the same command again to continue.';
    case 'bad-answer':
      return 'Check that endpoint.baseUrl is the /v1 address of an OpenAI-compatible server.';
    case 'down':
      return status >= 500
        ? 'The server failed several times: look at its log, then run again to continue.'
        : 'Start the server or fix endpoint.baseUrl; then run the same command again to continue.';
    case 'refused':
      if (status === 401 || status === 403)
        return 'Give a valid key: in the environment variable that endpoint.apiKeyEnv names, or in the file of endpoint.apiKeyFile.';
      if (status === 404)
        return 'Check the model name and that endpoint.baseUrl ends where the API begins, mostly in /v1; with several servers, each needs the model. A trained model has to be loaded there (vLLM: /v1/load_lora_adapter); the same command then continues.';
      return 'The server refused this request; its message says why.';
  }
}

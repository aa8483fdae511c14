// Failed attempts: their classes, and what they say about the request and about the server.
import { ModelError } from '../core/errors.js';
import { printable } from '../core/text.js';

/**
 * `rate-limited`: the server got too many requests; `down`: the server or the connection failed; `bad-answer`: the answer is not a
 * completion; `refused`: the server works and refuses the request.
 */
export type FailureClass = 'rate-limited' | 'down' | 'timeout' | 'bad-answer' | 'refused';

/** A failed attempt. */
export class AttemptFailure extends Error {
  readonly failureClass: FailureClass;
  /** Countable cause: `http-429`, `timeout`, `unreachable`, `connection-lost`, `bad-answer`. */
  readonly code: string;
  /** The pause that the server asked for, in milliseconds; null when it did not. */
  readonly retryAfterMs: number | null;
  /** Tokens that the server reported in an answer that could not be used. */
  readonly used: { promptTokens: number; completionTokens: number };

  constructor(options: {
    failureClass: FailureClass;
    code: string;
    message: string;
    retryAfterMs?: number | null;
    used?: { promptTokens: number; completionTokens: number };
    cause?: unknown;
  }) {
    super(printable(options.message), { cause: options.cause });
    this.name = 'AttemptFailure';
    this.failureClass = options.failureClass;
    this.code = options.code;
    this.retryAfterMs = options.retryAfterMs ?? null;
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

/** Codes that mean that no server is there, or none behind a gateway; the request is seldom the reason. */
export const AWAY_CODES: readonly string[] = ['unreachable', 'http-502', 'http-504'];

/** Statuses that concern this request alone: malformed for this server, too long, not processable. */
function isAboutThisRequest(status: number): boolean {
  return status === 400 || status === 413 || status === 422;
}

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
  const isTooLong = failure.code === 'context-length';
  const refusedScope = isTooLong || isAboutThisRequest(status) ? 'request' : 'endpoint';
  return new ModelError({
    subject: options.subject,
    expected: expectedAfter(failure, options.wanted ?? 'a chat completion'),
    received: failure.message,
    remedy: remedyFor(failure, status),
    scope: failure.failureClass === 'refused' ? refusedScope : options.scope,
    code: failure.code,
    attempts: options.attempts,
    ...(options.used === undefined ? {} : { used: options.used }),
    cause: failure,
  });
}

function expectedAfter({ failureClass }: AttemptFailure, wanted: string): string {
  if (failureClass === 'down') return 'a server that answers';
  return failureClass === 'timeout' ? 'an answer in time' : wanted;
}

function remedyFor({ failureClass, code }: AttemptFailure, status: number): string {
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
        return 'Check the model name and that endpoint.baseUrl ends where the API begins, mostly in /v1; with several servers, each needs the model.';
      if (code === 'context-length')
        return 'Serve the model with a larger window, leave out longer inputs, or lower maxTokens where only prompt and completion together are too long.';
      return 'The server refused this request; its message says why.';
  }
}

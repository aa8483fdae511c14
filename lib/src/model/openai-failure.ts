// What a failed call to an OpenAI-compatible server means: try again, drop the request, or stop.
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { hasErrorCode, ModelError, messageOf } from '../core/errors.js';
import { printable } from '../core/text.js';
import type { FailureKind } from './retry.js';

/** An answer with status 200 that holds no choices. */
export class EmptyAnswerError extends Error {
  constructor(answer: unknown) {
    super(
      `an answer without choices: ${(JSON.stringify(answer) as string | undefined)?.slice(0, 200) ?? 'nothing'}`,
    );
    this.name = 'EmptyAnswerError';
  }
}

/** Statuses that pass: timeouts, conflicts, rate limits, server errors. */
function isTransient(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
}

/** Whether a failed attempt is worth repeating, and after what pause the server asked for. */
export function classifyFailure(thrown: unknown): FailureKind {
  if (thrown instanceof APIConnectionError) return { retry: true, retryAfterMs: null };
  if (thrown instanceof APIError && typeof thrown.status === 'number') {
    if (!isTransient(thrown.status)) return { retry: false };
    return { retry: true, retryAfterMs: retryAfterMs(thrown.headers as Headers | undefined) };
  }
  // Bodies cut short or not JSON surface as syntax or type errors of the client.
  return { retry: true, retryAfterMs: null };
}

/** The pause of a `Retry-After` header (RFC 9110, 10.2.3), in milliseconds: seconds or a date. */
export function retryAfterMs(headers: Headers | undefined, now: number = Date.now()): number | null {
  const value = headers?.get('retry-after');
  if (value === null || value === undefined || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** The error that a stage sees; its scope says whether one input is lost or the run must stop. */
export function toModelError(thrown: unknown, subject: string): ModelError {
  const received = printable(messageOf(thrown));
  if (thrown instanceof APIConnectionTimeoutError || isHeadersTimeout(thrown)) {
    return new ModelError({
      subject,
      expected: 'an answer in time',
      received: 'none, after several attempts',
      remedy:
        'Raise endpoint.timeoutMs or lower endpoint.concurrency; then run the same command again to continue.',
      scope: 'endpoint',
      code: 'timeout',
      cause: thrown,
    });
  }
  if (thrown instanceof APIConnectionError) {
    const cause = thrown.cause === undefined ? received : printable(messageOf(deepestCause(thrown)));
    return new ModelError({
      subject,
      expected: 'a server that answers',
      received: cause,
      remedy: 'Start the server or mend endpoint.baseUrl; then run the same command again to continue.',
      scope: 'endpoint',
      code: 'unreachable',
      cause: thrown,
    });
  }
  const status = thrown instanceof APIError ? (thrown.status as number | undefined) : undefined;
  if (status === undefined) {
    return new ModelError({
      subject,
      expected: 'a chat completion',
      received,
      remedy: 'Check that endpoint.baseUrl is the /v1 address of an OpenAI-compatible server.',
      scope: 'endpoint',
      code: 'bad-answer',
      cause: thrown,
    });
  }
  const isAboutThisRequest = status === 400 || status === 413 || status === 422;
  return new ModelError({
    subject,
    expected: 'a chat completion',
    received,
    remedy: remedyFor(status),
    scope: isAboutThisRequest ? 'request' : 'endpoint',
    code: `http-${status}`,
    cause: thrown,
  });
}

function remedyFor(status: number): string {
  if (status === 401 || status === 403)
    return 'Set the environment variable that endpoint.apiKeyEnv names to a valid key.';
  if (status === 404)
    return 'Check the model name and that endpoint.baseUrl ends where the API begins, mostly in /v1.';
  if (status === 429)
    return 'The server is limiting requests: lower endpoint.concurrency and run again to continue.';
  if (status >= 500) return 'The server failed several times: look at its log, then run again to continue.';
  return 'The server refused this request; its message says why.';
}

/** The HTTP client's own limit, five minutes without an answer. */
function isHeadersTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && hasErrorCode(deepestCause(thrown), 'UND_ERR_HEADERS_TIMEOUT');
}

function deepestCause(thrown: Error): unknown {
  let cause: unknown = thrown;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  return cause;
}

// What a failed call of the `openai` package means: try again, drop the request, or stop. Chat completions do not go through it.
import type { FailureKind } from '../core/backoff.js';
import { messageOf, type ModelError } from '../core/errors.js';
import { AttemptFailure, classOfStatus, givenUp } from './attempt-failure.js';
import { askedPauseMs } from './rate-headers.js';

/** Whether a failed attempt is worth repeating, and after what pause the server asked for. */
export function classifyFailure(thrown: unknown): FailureKind {
  const { failureClass, retryAfterMs } = failureOf(thrown, (text) => text);
  return failureClass === 'refused' ? { retry: false } : { retry: true, retryAfterMs };
}

/**
 * The error that a stage sees; its scope says whether one input is lost or the run must stop.
 * @param options.redact takes secrets out of what the server said
 */
export function toModelError(
  thrown: unknown,
  { subject, redact }: { subject: string; redact: (text: string) => string },
): ModelError {
  return givenUp(failureOf(thrown, redact), {
    subject,
    wanted: 'an answer of the OpenAI API',
    scope: 'endpoint',
    attempts: {},
  });
}

function failureOf(thrown: unknown, redact: (text: string) => string): AttemptFailure {
  // A syntax error quotes a part of the text, which may be a part of a secret.
  const message = thrown instanceof SyntaxError ? 'not JSON' : redact(messageOf(thrown));
  if (!isApiError(thrown)) {
    // Bodies cut short or not JSON surface as syntax or type errors of the package.
    return new AttemptFailure({ failureClass: 'bad-answer', code: 'bad-answer', message, cause: thrown });
  }
  const { status, headers } = thrown;
  if (status !== undefined) {
    return new AttemptFailure({
      failureClass: classOfStatus(status),
      code: `http-${status}`,
      message,
      retryAfterMs: headers === undefined ? null : askedPauseMs(Object.fromEntries(headers), Date.now()),
      cause: thrown,
    });
  }
  if (thrown.constructor.name === 'APIConnectionTimeoutError')
    return new AttemptFailure({ failureClass: 'timeout', code: 'timeout', message, cause: thrown });
  const reason = redact(messageOf(deepestCause(thrown)));
  return new AttemptFailure({ failureClass: 'down', code: 'unreachable', message: reason, cause: thrown });
}

/**
 * Whether this is an error of the package: with the status of an answer, or without one where there was no answer. It is recognized by its
 * shape, so that the package need not be loaded, and may be loaded in two forms.
 */
export function isApiError(
  thrown: unknown,
): thrown is Error & { status: number | undefined; headers: Headers | undefined } {
  if (!(thrown instanceof Error) || !('status' in thrown) || !('headers' in thrown)) return false;
  return thrown.status === undefined || typeof thrown.status === 'number';
}

function deepestCause(thrown: Error): unknown {
  let cause: unknown = thrown;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  return cause;
}

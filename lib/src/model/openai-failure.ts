// What a failed call of the `openai` package means: try again, drop the request, or stop. Chat completions do not go through it.
import type { FailureKind } from '../core/backoff.js';
import { messageOf, type ModelError } from '../core/errors.js';
import { AttemptFailure, givenUp } from './attempt-failure.js';
import { askedPause } from './rate-headers.js';
import { failureFrom } from './server-error.js';

/** Whether a failed attempt is worth repeating, and after what pause the server asked for. */
export function classifyFailure(thrown: unknown): FailureKind {
  const { failureClass, pause } = failureOf(thrown, (text) => text);
  return failureClass === 'refused' ? { retry: false } : { retry: true, retryAfterMs: pause?.ms ?? null };
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
    const pause = headers === undefined ? null : askedPause(Object.fromEntries(headers), Date.now());
    const { failureClass, code } = failureFrom({ status, value: { error: thrown.error, message }, pause });
    return new AttemptFailure({ failureClass, code, message, pause, cause: thrown });
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
): thrown is Error & { status: number | undefined; headers: Headers | undefined; error?: unknown } {
  if (!(thrown instanceof Error) || !('status' in thrown) || !('headers' in thrown)) return false;
  return thrown.status === undefined || typeof thrown.status === 'number';
}

function deepestCause(thrown: Error): unknown {
  let cause: unknown = thrown;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  return cause;
}

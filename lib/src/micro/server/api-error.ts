// Errors as the OpenAI API words them: `{error: {message, type, param, code}}` with an HTTP status.
import { AutodidactError, messageOf } from '../../core/errors.js';

/** What an {@link ApiError} may say besides its message. */
export interface ApiErrorDetails {
  /** The wrong field of the request, e.g. `messages[0].content`; absent where no single field is wrong. */
  param?: string;
  /** Machine-readable cause, e.g. `model_not_found`. */
  code?: string;
  /** Extra response headers, in lower case. */
  headers?: Record<string, string>;
}

/** A failure that is reported to the client. */
export class ApiError extends Error {
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, details: ApiErrorDetails = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.param = details.param ?? null;
    this.code = details.code ?? null;
    this.headers = details.headers ?? {};
  }

  /** The JSON body of the answer. */
  get body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    const type = this.status >= 500 ? 'server_error' : 'invalid_request_error';
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}

/** A request that is wrong in itself: status 400. */
export function badRequest(message: string, details: ApiErrorDetails = {}): ApiError {
  return new ApiError(400, message, details);
}

/** Something named in the request does not exist: status 404. */
export function notFound(message: string, details: ApiErrorDetails = {}): ApiError {
  return new ApiError(404, message, details);
}

/** The error to answer with: anything but an ApiError is a failure of the server, which is also handed to `report`. */
export function toApiError(thrown: unknown, report: (failure: unknown) => void): ApiError {
  if (thrown instanceof ApiError) return thrown;
  report(thrown);
  const reason =
    thrown instanceof AutodidactError ? thrown.message : `The server failed: ${messageOf(thrown)}.`;
  return new ApiError(500, `${reason} The same request may be sent again.`, { code: 'internal_error' });
}

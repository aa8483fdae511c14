// Turns everything that can go wrong with a request into an error of the OpenAI API.
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AutodidactError, messageOf } from '../../core/errors.js';
import { ApiError } from './api-error.js';

/** What to say about the failures that the HTTP framework finds before a route sees the request. */
const frameworkErrors: Readonly<Record<string, { status: number; message: string; code: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    message:
      'This content type is not read here. Send JSON with "Content-Type: application/json"; files go to POST /v1/files as ' +
      'multipart/form-data.',
    code: 'unsupported_media_type',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    status: 400,
    message: 'The body is empty, but the content type says JSON. Send a JSON object.',
    code: 'invalid_json',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    message: 'The body is too large: a JSON request may have 1 MiB. Shorten it.',
    code: 'request_too_large',
  },
  FST_REQ_FILE_TOO_LARGE: {
    status: 413,
    message: 'The upload is too large. Split it or shorten it.',
    code: 'file_too_large',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    message: 'The body was not as long as its Content-Length says. Send it again, whole.',
    code: 'invalid_content_length',
  },
  FST_ERR_BAD_URL: {
    status: 400,
    message: 'The path is not a well-formed URL. Check its % escapes.',
    code: 'invalid_url',
  },
};

/** The error to answer with; failures of the server itself are also handed to `report`. */
export function toApiError(thrown: unknown, report: (failure: unknown) => void): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const { code = '', statusCode = 500 } = (thrown ?? {}) as Partial<FastifyError>;
  const known = frameworkErrors[code];
  if (known !== undefined) return new ApiError(known.status, known.message, { code: known.code });
  if (thrown instanceof SyntaxError || code.startsWith('FST_ERR_CTP_INVALID_JSON')) {
    return new ApiError(
      400,
      `The body is not valid JSON: ${messageOf(thrown)}. Send one JSON object, encoded in UTF-8.`,
      {
        code: 'invalid_json',
      },
    );
  }
  if (statusCode >= 400 && statusCode < 500) {
    return new ApiError(statusCode, `${messageOf(thrown)}. Check the request.`, { code: 'invalid_request' });
  }
  report(thrown);
  const reason =
    thrown instanceof AutodidactError ? thrown.message : `The server failed: ${messageOf(thrown)}.`;
  return new ApiError(500, `${reason} The same request may be sent again.`, { code: 'internal_error' });
}

/** Answers with the error that `thrown` stands for. */
export function answerError(
  thrown: unknown,
  reply: FastifyReply,
  report: (failure: unknown) => void,
): FastifyReply {
  const error = toApiError(thrown, report);
  // Not every client reads 499; it has gone anyway.
  return reply
    .code(error.status)
    .headers(error.headers)
    .type('application/json; charset=utf-8')
    .send(error.body);
}

/** The error of a path that no route has. */
export function unknownRoute(request: FastifyRequest): ApiError {
  const path = request.url.split('?', 1)[0] ?? '';
  return new ApiError(
    404,
    `There is nothing at ${request.method} ${path.slice(0, 200)}. This server has /v1/models, /v1/chat/completions, ` +
      '/v1/files, /v1/batches, /v1/fine_tuning/jobs, /autodidact/usage and /health.',
    { code: 'unknown_url' },
  );
}

/** Answers bytes that are no HTTP request, on the bare connection. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isTooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const [status, message] = isTooLong
    ? ['431 Request Header Fields Too Large', 'The headers are too long.']
    : isSlow
      ? ['408 Request Timeout', 'The request did not arrive in time.']
      : ['400 Bad Request', 'This is no HTTP/1.1 request that can be read.'];
  const body = JSON.stringify(
    new ApiError(Number.parseInt(status, 10), message, { code: 'unreadable_request' }).body,
  );
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

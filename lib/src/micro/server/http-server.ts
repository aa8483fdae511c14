// A small HTTP server for JSON routes: finds the route, reads the body within bounds, answers in JSON, errors in OpenAI's shape.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { messageOf } from '../../core/errors.js';
import { ApiError, badRequest, toApiError } from './api-error.js';

/** Drops a byte order mark. */
const utf8 = new TextDecoder();
/** Largest JSON body, in bytes. */
const MOST_BODY_BYTES = 1024 * 1024;
/** Time for the headers of a request, and for all of it, to arrive, and how often that is checked, in milliseconds. */
const ARRIVAL = { headersMs: 15_000, requestMs: 60_000, checkedEveryMs: 5_000 };
/** How long an idle connection stays open, in milliseconds; longer than clients keep theirs. */
const KEEP_ALIVE_MS = 72_000;

/** One request and its answer, as a route sees them. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The `:id` of the path, decoded; empty where the path has none. */
  id: string;
  query: URLSearchParams;
  /** Parsed JSON; undefined where there is no body, or the route reads it itself. */
  body: unknown;
}

/** What a server offers at one path with one method; `GET` includes `HEAD`. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** One segment may be `:id`. */
  path: string;
  /** The route reads the body itself. */
  readsBody?: boolean;
  /**
   * Answers.
   * @returns the value to send as JSON, a text that is JSON already, or undefined where the route has sent the answer itself
   * @throws ApiError
   */
  handle: (exchange: Exchange) => unknown;
}

/** How a server treats its requests. */
export interface HttpOptions {
  routes: readonly Route[];
  /** Runs before the route. @throws ApiError for a request that is not let in */
  guard: (request: IncomingMessage, path: string) => void;
  /** Called with failures that are not the client's fault. */
  report: (failure: unknown) => void;
  /** Runs as the first step of closing, while connections are still open. */
  beforeClose: () => Promise<void>;
}

/** A server over node:http. */
export class HttpServer {
  readonly #options: HttpOptions;
  /** Each with its path before and after `:id`. */
  readonly #routes: [Route, string, string | undefined][];
  readonly #server: Server;
  #closed: Promise<void> | null = null;

  /** @param arrival for tests */
  constructor(options: HttpOptions, arrival = ARRIVAL) {
    this.#options = options;
    this.#routes = options.routes.map((route) => {
      const [head = '', tail] = route.path.split(':id');
      return [route, head, tail];
    });
    this.#server = createServer(
      // Requests without a Host header reach the guard, which answers them in the same shape as a wrong one.
      {
        requireHostHeader: false,
        headersTimeout: arrival.headersMs,
        requestTimeout: arrival.requestMs,
        connectionsCheckingInterval: arrival.checkedEveryMs,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.on('clientError', answerUnreadable);
  }

  /** Starts to listen. @returns the port @throws Error when the address cannot be used */
  async listen(address: { host: string; port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(address, () => resolve());
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Refuses new requests, runs `beforeClose`, and cuts every connection. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#options.beforeClose();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (this.#closed !== null) throw new ApiError(503, 'The server is closing.', { code: 'closing' });
      const [path = '', ...queries] = (request.url ?? '').split('?');
      this.#options.guard(request, path);
      const { route, id } = this.#find(request, path);
      const body = route.method === 'POST' && !route.readsBody ? await readJson(request) : undefined;
      const query = new URLSearchParams(queries.join('?'));
      const answer = await route.handle({ request, response, id, query, body });
      if (answer === undefined) return;
      sendJson(response, 200, typeof answer === 'string' ? answer : JSON.stringify(answer));
    } catch (thrown) {
      this.#fail(response, thrown);
    }
  }

  #fail(response: ServerResponse, thrown: unknown): void {
    // The client has left, or the answer was cut in its middle.
    if (response.destroyed) return;
    const error = toApiError(thrown, this.#options.report);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    sendJson(response, error.status, JSON.stringify(error.body));
  }

  /** @throws ApiError 404 for an unknown path, 405 for a method that the path does not take, 400 for a path that is no URL */
  #find({ method = '' }: IncomingMessage, path: string): { route: Route; id: string } {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allowed: string[] = [];
    for (const [route, head, tail] of this.#routes) {
      const segment = segmentBetween(head, tail, path);
      if (segment === null) continue;
      if (route.method === wanted) return { route, id: decodeSegment(segment) };
      allowed.push(route.method === 'GET' ? 'GET, HEAD' : route.method);
    }
    if (allowed.length === 0) throw unknownPath(method, path);
    const allow = allowed.join(', ');
    throw new ApiError(405, `${method} is not possible here. This path takes ${allow}.`, {
      code: 'method_not_allowed',
      headers: { allow },
    });
  }
}

/** What stands at `:id`, still encoded; empty where the route has none (no tail), null where the path does not match. */
function segmentBetween(head: string, tail: string | undefined, path: string): string | null {
  if (tail === undefined) return path === head ? '' : null;
  if (!path.startsWith(head) || !path.endsWith(tail)) return null;
  const segment = path.slice(head.length, path.length - tail.length);
  return segment === '' || segment.includes('/') ? null : segment;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('The path is not a well-formed URL. Check its % escapes.', { code: 'invalid_url' });
  }
}

function unknownPath(method: string, path: string): ApiError {
  return new ApiError(
    404,
    `There is nothing at ${method} ${path.slice(0, 200)}. This server has /v1/models, /v1/chat/completions, ` +
      '/v1/files, /v1/batches, /v1/fine_tuning/jobs, /autodidact/usage and /health.',
    { code: 'unknown_url' },
  );
}

function sendJson(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The body of a request; undefined where it has none, whatever its content type. @throws ApiError 400, 413, 415 */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const { 'content-length': length, 'transfer-encoding': encoding, 'content-type': type } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(type ?? '')) {
    throw new ApiError(
      415,
      'This content type is not read here. Send JSON with "Content-Type: application/json"; files go to POST /v1/files as ' +
        'multipart/form-data.',
      { code: 'unsupported_media_type' },
    );
  }
  if (Number(length) > MOST_BODY_BYTES) throw bodyTooLarge();
  const text = utf8.decode(await readBytes(request));
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw badRequest(
      `The body is not valid JSON: ${messageOf(thrown)}. Send one JSON object, encoded in UTF-8.`,
      { code: 'invalid_json' },
    );
  }
}

/** Reads to the end also where that is too much, so that the client can read the answer. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let nBytes = 0;
    request.on('data', (chunk: Buffer) => {
      nBytes += chunk.length;
      if (nBytes <= MOST_BODY_BYTES) chunks.push(chunk);
      else reject(bodyTooLarge());
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', (cause) => {
      const message = `The body is cut short: ${messageOf(cause)}. Send it again in full.`;
      reject(badRequest(message, { code: 'invalid_content_length' }));
    });
  });
}

function bodyTooLarge(): ApiError {
  return new ApiError(413, 'The body is too large: a JSON request may have 1 MiB. Shorten it.', {
    code: 'request_too_large',
  });
}

/** Answers bytes that are no HTTP request, on the bare connection. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large', 'The headers are too long.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout', 'The request did not arrive in time.']
        : [400, 'Bad Request', 'This is not a valid HTTP/1.1 request.'];
  const body = JSON.stringify(new ApiError(status, message, { code: 'unreadable_request' }).body);
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

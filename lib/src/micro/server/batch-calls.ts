// Sends the requests of a batch through the server's own routes, so that each is read, sampled, counted and refused exactly as if it
// had come over the wire.
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { hasErrorCode } from '../../core/errors.js';
import { ApiError, badRequest } from './api-error.js';
import { BATCH_ENDPOINT } from './batch-request.js';

/** The answer to one request. */
export interface CallAnswer {
  status: number;
  /** JSON. */
  body: string;
}

/** The server has begun to close and answers no calls any more; whoever goes on with the batch asks again. */
export class ServerClosing extends Error {
  constructor() {
    super('The server is closing.');
    this.name = 'ServerClosing';
  }
}

/** A call that is under way. */
interface Call {
  signal: AbortSignal;
  /** Null until the server sees the request. */
  response: ServerResponse | null;
}

/** Names a call to the hook below; unguessable, so that nobody outside can take one for their own. */
const CALL_HEADER = 'x-autodidact-batch-call';

/** Calls from inside a server. */
export class BatchCalls {
  readonly #app: FastifyInstance;
  readonly #headers: Record<string, string>;
  readonly #calls = new Map<string, Call>();

  /** @param apiKey what the server wants to see; undefined: nothing */
  constructor(app: FastifyInstance, apiKey: string | undefined) {
    this.#app = app;
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    app.addHook('onRequest', (request, reply, done) => {
      const name = request.headers[CALL_HEADER];
      const call = typeof name === 'string' ? this.#calls.get(name) : undefined;
      if (call !== undefined) {
        call.response = reply.raw;
        if (call.signal.aborted) hangUp(call);
      }
      done();
    });
  }

  /**
   * Asks for one chat completion.
   * @throws the signal's reason when it aborts before the answer is there
   * @throws ServerClosing
   */
  async post(body: object, signal: AbortSignal): Promise<CallAnswer> {
    signal.throwIfAborted();
    const payload = payloadOf(body);
    if (payload instanceof ApiError) return answerOf(payload);
    const call: Call = { signal, response: null };
    let giveUp = (): void => undefined;
    // A server that begins to close may keep a request waiting until it has closed, and it closes when its batches have ended.
    const givenUp = new Promise<null>((resolve) => {
      giveUp = () => {
        hangUp(call);
        resolve(null);
      };
    });
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const answer = await Promise.race([this.#ask(call, payload), givenUp]);
      signal.throwIfAborted();
      // No route here says 503; the framework does, between the wish to close and the end.
      if (answer === null || answer.status === 503) throw new ServerClosing();
      return answer;
    } catch (thrown) {
      signal.throwIfAborted();
      throw hasErrorCode(thrown, 'FST_ERR_REOPENED_CLOSE_SERVER') ? new ServerClosing() : thrown;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #ask(call: Call, payload: string): Promise<CallAnswer> {
    const name = randomUUID();
    this.#calls.set(name, call);
    try {
      const { statusCode, body } = await this.#app.inject({
        method: 'POST',
        url: BATCH_ENDPOINT,
        headers: { ...this.#headers, 'content-type': 'application/json', [CALL_HEADER]: name },
        payload,
      });
      return { status: statusCode, body };
    } finally {
      this.#calls.delete(name);
    }
  }
}

/** An error as the answer to a call. */
export function answerOf({ status, body }: ApiError): CallAnswer {
  return { status, body: JSON.stringify(body) };
}

/** What a client does that loses interest; the route notices and stops computing. */
function hangUp({ response }: Call): void {
  response?.destroy();
}

function payloadOf(body: object): string | ApiError {
  try {
    return JSON.stringify(body);
  } catch {
    return badRequest('The request is nested too deeply.', { code: 'invalid_body' });
  }
}

// The test of a wrong request: a 4xx in OpenAI's shape whose message says what to do, and a server that lives on.
import assert from 'node:assert/strict';
import { goodBody, postChat, ServerRoom, type TestServer } from './server-fixture.js';

/** A request that must be refused. */
export interface WrongRequest {
  what: string;
  status: number;
  /** What the message must say. */
  says: RegExp;
  code?: string;
  param?: string;
  /** The body of a chat completion, or else how to send the request. */
  chat?: unknown;
  send?: (server: TestServer) => Promise<Response>;
}

export const json = { 'content-type': 'application/json' };

/** A request as the table of wrong ones wants it. */
export function raw(
  method: string,
  path: string,
  init: RequestInit = {},
): (server: TestServer) => Promise<Response> {
  return ({ origin }) => fetch(`${origin}${path}`, { method, ...init });
}

/** Makes a test of each, with one server for all of them; `more` adds tests that use the same server. */
export function refuseAll(
  wrongRequests: readonly WrongRequest[],
  more?: (server: () => TestServer) => void,
): void {
  const room = new ServerRoom();
  let server: TestServer;
  before(async () => {
    server = await room.start();
  });
  after(() => room.close());

  for (const { what, status, says, code, param, chat, send } of wrongRequests) {
    it(`(${what}) is answered with ${status}`, async () => {
      const response = send === undefined ? await postChat(server.origin, chat) : await send(server);
      const text = await response.text();
      assert.equal(response.status, status, text);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
      const { error } = JSON.parse(text) as { error: Record<string, string | null> };
      assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
      assert.equal(error.type, 'invalid_request_error');
      assert.match(error.message ?? '', says);
      if (code !== undefined) assert.equal(error.code, code);
      if (param !== undefined) assert.equal(error.param, param);
    });
  }
  more?.(() => server);

  it('leaves the server alive, and none of them reached the engine', async () => {
    assert.equal(server.engine.requests.length, 0);
    assert.deepEqual(server.failures, []);
    server.engine.add({ texts: ['3'] });
    assert.equal((await postChat(server.origin, goodBody)).status, 200);
  });
}

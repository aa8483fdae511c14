import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toFile } from 'openai';
import { HttpPool, HttpTimeout, type HttpAnswer } from '../../lib/src/model/http-pool.js';
import { createOpenAIClient } from '../../lib/src/model/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { until } from '../fixtures/until.js';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Setting {
  pool: HttpPool;
  url: URL;
  server: Server;
  post: (options?: { timeoutMs?: number; signal?: AbortSignal }) => Promise<HttpAnswer>;
}

async function withPool(answer: Answer, test: (setting: Setting) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(request, response, Buffer.concat(chunks).toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/echo?x=1`);
  const pool = new HttpPool({ connections: 2 });
  const post: Setting['post'] = ({ timeoutMs = 5000, signal = NEVER } = {}) =>
    pool.post({ url, headers: { 'content-type': 'application/json' }, body: '{"é":1}', timeoutMs, signal });
  try {
    await test({ pool, url, server, post });
  } finally {
    await pool.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const nConnections = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });

/** Resolves once the server has no connection; the test's own time limit ends the wait. */
async function allClosed(server: Server): Promise<void> {
  while ((await nConnections(server)) > 0) await nextTurn();
}

describe('the connection pool', () => {
  it('sends JSON and gives status, headers and the whole text', () =>
    withPool(
      (request, response, body) => {
        response.writeHead(418, { 'x-kind': 'teapot' });
        response.end(`${request.method} ${request.url} ${body} ${'ü'.repeat(100_000)}`);
      },
      async ({ post }) => {
        const { status, headers, text } = await post();
        assert.deepEqual([status, headers['x-kind']], [418, 'teapot']);
        assert.ok(text.startsWith('POST /v1/echo?x=1 {"é":1} ü') && text.endsWith('ü'));
      },
    ));

  it('keeps its connections for the next requests', () =>
    withPool(
      (_request, response) => response.end('fine'),
      async ({ post, server }) => {
        for (let i = 0; i < 5; i++) await Promise.all([post(), post(), post()]);
        assert.equal(await nConnections(server), 2);
      },
    ));

  for (const [what, answer] of [
    ['that never comes', () => undefined],
    ['that begins and never ends', (_request, response) => response.write('{')],
  ] as [string, Answer][]) {
    it(`waits no longer than it may for an answer ${what}, and uses that connection no more`, () =>
      withPool(answer, async ({ post, server }) => {
        await assert.rejects(post({ timeoutMs: 30 }), HttpTimeout);
        await allClosed(server);
      }));
  }

  it('drops what is under way and what waits for a connection when the signal aborts', () => {
    let nUnderWay = 0;
    return withPool(
      () => nUnderWay++,
      async ({ post, server }) => {
        const stop = new AbortController();
        const waiting = Array.from({ length: 5 }, () => post({ signal: stop.signal }));
        await until(() => nUnderWay === 2);
        stop.abort(new Error('enough'));
        for (const result of await Promise.allSettled(waiting)) {
          assert.equal(result.status === 'rejected' && (result.reason as Error).message, 'enough');
        }
        await assert.rejects(post({ signal: stop.signal }), /enough/);
        await allClosed(server);
      },
    );
  });

  it('says how a connection failed', () =>
    withPool(
      (request) => request.socket.destroy(),
      async ({ post }) => {
        await assert.rejects(post(), (error: Error & { code?: string }) => error.code === 'UND_ERR_SOCKET');
      },
    ));

  it('carries the calls of the openai package, uploads included', () =>
    withPool(
      (request, response, body) => {
        response.setHeader('content-type', 'application/json');
        const isUpload = request.headers['content-type']?.startsWith('multipart/form-data') === true;
        response.end(JSON.stringify({ id: isUpload && body.includes('{"a":1}') ? 'uploaded' : request.url }));
      },
      async ({ pool, url, server }) => {
        const client = await createOpenAIClient({
          baseUrl: `${url.origin}/v1`,
          apiKey: 'k',
          timeoutMs: 1000,
          fetch: pool.fetch,
        });
        const file = await toFile(Buffer.from('{"a":1}\n'), 'training.jsonl');
        assert.equal((await client.files.create({ file, purpose: 'fine-tune' })).id, 'uploaded');
        assert.equal((await client.fineTuning.jobs.retrieve('job')).id, '/v1/fine_tuning/jobs/job');
        assert.ok((await nConnections(server)) <= 2);
      },
    ));

  it('goes through the proxy of the environment, but never for this machine itself', async () => {
    const seen: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request: IncomingMessage, socket) => {
      seen.push(request.url ?? '');
      socket.end('HTTP/1.1 502 no\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const environment = { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const pool = new HttpPool({ connections: 1, environment });
    const post = (address: string): Promise<HttpAnswer> =>
      pool.post({ url: new URL(address), headers: {}, body: '{}', timeoutMs: 1000, signal: NEVER });
    await assert.rejects(post('http://cluster.invalid/v1'));
    assert.deepEqual(seen, ['cluster.invalid:80']);
    await withPool(
      (_request, response) => response.end('direct'),
      async ({ url }) => {
        assert.equal((await post(url.href)).text, 'direct');
      },
    );
    assert.equal(seen.length, 1);
    await pool.close();
    await new Promise((resolve) => proxy.close(resolve));
  });
});

import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import { ChatModel, OpenAIEndpoint, type SampleRequest } from '../../lib/src/model/index.js';
import {
  sendChoices,
  sendJson,
  startQuirkyServer,
  type Behaviour,
  type QuirkyServer,
} from '../fixtures/quirky-server.js';
import { memoryCache, NEVER } from '../fixtures/scripted-endpoint.js';
import { until } from '../fixtures/until.js';

const REQUEST: SampleRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'hello' }],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 16 },
  nSamples: 1,
  seed: 11,
  promptVersion: 'v1',
};

async function withServer<Result>(
  behave: Behaviour,
  test: (endpoint: OpenAIEndpoint, server: QuirkyServer) => Promise<Result>,
  timeoutMs = 5000,
): Promise<Result> {
  const server = await startQuirkyServer(behave);
  const endpoint = new OpenAIEndpoint({
    baseUrls: [server.baseUrl],
    apiKey: 'k',
    identity: 'test',
    timeoutMs,
    concurrency: 4,
    retries: { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 2 },
  });
  try {
    return await test(endpoint, server);
  } finally {
    await endpoint.close();
    await server.close();
  }
}

const sample = (
  endpoint: OpenAIEndpoint,
  nSamples = 1,
  signal = NEVER,
): ReturnType<OpenAIEndpoint['sample']> =>
  endpoint.sample({ ...REQUEST, nSamples }, { idempotencyKey: 'key', signal });

describe('an OpenAI-compatible endpoint', () => {
  it('is asked for all samples at once where it honours n', () =>
    withServer(
      ({ body, response }) => {
        sendChoices(
          response,
          Array.from({ length: body.n ?? 1 }, (_, i) => `text ${i}`),
        );
      },
      async (endpoint, server) => {
        const answer = await sample(endpoint, 3);
        assert.deepEqual(
          answer.completions.map(({ text }) => text),
          ['text 0', 'text 1', 'text 2'],
        );
        assert.deepEqual([answer.promptTokens, answer.completionTokens, answer.retries], [7, 9, 0]);
        assert.equal(server.bodies.length, 1);
        assert.equal(server.headers[0]?.['idempotency-key'], 'key');
      },
    ));

  it('is known not to honour n once it silently gave fewer, and what it gave is used', () =>
    withServer(
      ({ body, response }) => {
        sendChoices(response, [`seed ${body.seed}`]);
      },
      async (endpoint, server) => {
        const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: 4 });
        const completions = await chatModel.sample({ ...REQUEST, nSamples: 3 }, NEVER);
        assert.equal(new Set(completions.map(({ text }) => text)).size, 3);
        assert.deepEqual(
          server.bodies.map(({ n }) => n),
          [3, undefined, undefined],
        );
        assert.equal(endpoint.honoursN, false);
        await chatModel.sample({ ...REQUEST, seed: 5, nSamples: 2 }, NEVER);
        assert.equal(server.bodies.length, 5);
        assert.equal(new Set(server.headers.map((headers) => headers['idempotency-key'])).size, 5);
      },
    ));

  it('is known not to honour n once it refused it and then answered a single request', () =>
    withServer(
      ({ body, response }) => {
        if ((body.n ?? 1) > 1)
          sendJson(response, 400, { error: { message: 'only one completion choice is allowed' } });
        else sendChoices(response, [`seed ${body.seed}`]);
      },
      async (endpoint) => {
        const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: 4 });
        assert.equal((await chatModel.sample({ ...REQUEST, nSamples: 2 }, NEVER)).length, 2);
        assert.equal(endpoint.honoursN, false);
      },
    ));

  it('is not blamed for n when it refuses the prompt itself', () =>
    withServer(
      ({ response }) => sendJson(response, 400, { error: { message: 'the prompt is too long' } }),
      async (endpoint) => {
        const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: 4 });
        await assert.rejects(chatModel.sample({ ...REQUEST, nSamples: 2 }, NEVER), /the prompt is too long/);
        assert.equal(endpoint.honoursN, null);
      },
    ));

  for (const [quirk, misbehave] of [
    [
      'a rate limit without Retry-After',
      ({ response }) => sendJson(response, 429, { error: { message: 'slow' } }),
    ],
    ['a server error', ({ response }) => sendJson(response, 503, { error: { message: 'busy' } })],
    ['a body that is not JSON', ({ response }) => response.writeHead(502).end('<html>bad gateway</html>')],
    [
      'a 200 that is not JSON',
      ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    ],
    [
      'an error object with status 200',
      ({ response }) => sendJson(response, 200, { error: { message: 'oops' } }),
    ],
    ['an empty list of choices', ({ response }) => sendChoices(response, [])],
    [
      'a connection cut in mid-body',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"choices":[', () => response.destroy());
      },
    ],
    ['a reset connection', ({ request }) => request.socket.destroy()],
  ] as [string, Behaviour][]) {
    it(`is asked again after ${quirk}`, () =>
      withServer(
        (context) => {
          if (context.index === 0) misbehave(context);
          else sendChoices(context.response, ['fine']);
        },
        async (endpoint) => {
          const answer = await sample(endpoint);
          assert.deepEqual([answer.completions[0]?.text, answer.retries], ['fine', 1]);
        },
      ));
  }

  for (const [what, status, scope] of [
    ['a request that it refuses', 400, 'request'],
    ['a body that it cannot process', 422, 'request'],
    ['a wrong key', 401, 'endpoint'],
    ['an unknown model', 404, 'endpoint'],
  ] as const) {
    it(`is asked once about ${what}, a failure of the ${scope}`, () =>
      withServer(
        ({ response }) => {
          sendJson(response, status, { error: { message: 'the reason' } });
        },
        async (endpoint, server) => {
          await assert.rejects(sample(endpoint), (error: unknown) => {
            assert.ok(error instanceof ModelError);
            assert.equal(error.scope, scope);
            assert.equal(error.code, `http-${status}`);
            assert.match(error.message, /the reason/);
            assert.equal(error.remedy.includes('has to be loaded there'), status === 404);
            return true;
          });
          assert.equal(server.bodies.length, 1);
        },
      ));
  }

  it('cannot fill the terminal or move its cursor with what it answers', () =>
    withServer(
      ({ response }) => sendJson(response, 500, { error: { message: `\u001b[2J${'x'.repeat(100_000)}` } }),
      (endpoint) =>
        assert.rejects(sample(endpoint), (error: Error) => {
          assert.ok(error.message.length < 1000);
          assert.doesNotMatch(error.message, /\p{Cc}/u);
          return true;
        }),
    ));

  it('is given up after the last attempt, with a remedy', () =>
    withServer(
      ({ response }) => {
        sendJson(response, 500, { error: { message: 'broken' } });
      },
      async (endpoint, server) => {
        await assert.rejects(sample(endpoint), /run again to continue/);
        assert.equal(server.bodies.length, 3);
      },
    ));

  it('is called unreachable when no server listens', async () => {
    const server = await startQuirkyServer(() => undefined);
    await server.close();
    const endpoint = new OpenAIEndpoint({
      baseUrls: [server.baseUrl],
      apiKey: undefined,
      identity: 'test',
      timeoutMs: 1000,
      concurrency: 4,
      giveUpAfterMs: 50,
      retries: { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 1 },
    });
    await assert.rejects(sample(endpoint), /expected a server that answers, received connect ECONNREFUSED/);
  });

  it('is not waited for longer than the time-out', () =>
    withServer(
      () => undefined,
      (endpoint) => assert.rejects(sample(endpoint), /timeoutMs/),
      30,
    ));

  it('is asked fewer times where each answer takes too long than where it fails at once', async () => {
    const server = await startQuirkyServer(({ body, response }) => {
      if (body.seed === 1) response.destroy();
    });
    const endpoint = new OpenAIEndpoint({
      baseUrls: [server.baseUrl],
      apiKey: undefined,
      identity: 'test',
      timeoutMs: 30,
      concurrency: 4,
      retries: { maxAttempts: 5, maxTimeouts: 2, firstWaitMs: 1, longestWaitMs: 2 },
    });
    const fail = (seed: number): Promise<unknown> =>
      assert.rejects(endpoint.sample({ ...REQUEST, seed }, { idempotencyKey: `key ${seed}`, signal: NEVER }));
    try {
      await fail(1);
      assert.equal(server.bodies.length, 5);
      await fail(2);
      assert.equal(server.bodies.length, 7);
    } finally {
      await endpoint.close();
      await server.close();
    }
  });

  it('is given up at once when the signal aborts', () =>
    withServer(
      () => undefined,
      async (endpoint, server) => {
        const stop = new AbortController();
        const waiting = sample(endpoint, 1, stop.signal);
        await until(() => server.bodies.length === 1);
        stop.abort(new Error('enough'));
        await assert.rejects(waiting, /enough/);
      },
    ));
});

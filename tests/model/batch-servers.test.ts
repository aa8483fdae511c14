// Batches at servers that take no `n` or no log-probabilities, and at the embedded one.
import assert from 'node:assert/strict';
import { BatchEndpoint, ChatModel } from '../../lib/src/model/index.js';
import { memoryCache, NEVER } from '../fixtures/scripted-endpoint.js';
import { ServerRoom } from '../micro/server/server-fixture.js';
import { allAnswered, ask, failureOf, idsOf, request, textsOf, withServer } from './batch-place.js';
import { answered, refused, type BatchServer } from './batch-server.js';

describe('a batch endpoint whose server lacks something', () => {
  it('is known not to honour n once it gave fewer choices, and what it gave is used', () =>
    withServer(
      (lines) => ({ output: lines.map((line) => answered(line, [`seed ${line.body.seed ?? 'none'}`])) }),
      async ({ server, open }) => {
        const endpoint = await open();
        const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: endpoint.lookAhead });
        const completions = await chatModel.sample(request('a', { nSamples: 3 }), NEVER);
        assert.equal(new Set(completions.map(({ text }) => text)).size, 3);
        assert.equal(endpoint.honoursN, false);
        assert.deepEqual(
          server.batches.map(({ lines }) => lines.map(({ body }) => body.n ?? 1)),
          [[3], [1, 1]],
        );
      },
    ));

  it('is asked one by one once it refused n', () =>
    withServer(
      (lines) => ({
        output: lines.filter(({ body }) => body.n === undefined).map((line) => answered(line)),
        errors: lines
          .filter(({ body }) => body.n !== undefined)
          .map((line) => refused(line, 400, 'no n here')),
      }),
      async ({ open }) => {
        const endpoint = await open();
        const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: 4 });
        assert.equal((await chatModel.sample(request('a', { nSamples: 2 }), NEVER)).length, 2);
        assert.equal(endpoint.honoursN, false);
      },
    ));

  it('is asked without logprobs once it refused them', () =>
    withServer(
      (lines) => ({
        output: lines.filter(({ body }) => body.logprobs !== true).map((line) => answered(line)),
        errors: lines.filter(({ body }) => body.logprobs === true).map((line) => refused(line, 422)),
      }),
      async ({ server, open }) => {
        const endpoint = await open();
        const sampling = { temperature: 0, topP: 1, maxTokens: 8, topLogprobs: 5 };
        for (const name of ['a', 'b']) {
          const options = { idempotencyKey: name, signal: NEVER };
          assert.equal((await endpoint.sample(request(name, { sampling }), options)).completions.length, 1);
        }
        assert.deepEqual(idsOf(server), [['a'], ['a-plain'], ['b-plain']]);
      },
    ));
});

describe('a batch endpoint with settings for its requests', () => {
  it('writes them into each line, and asks again in the next batch with what the model takes', () =>
    withServer(
      (lines) => ({
        output: lines
          .filter(({ body }) => bodyOf(body).max_completion_tokens === 20)
          .map((line) => answered(line)),
        errors: lines.flatMap((line) => {
          const { max_tokens: most, max_completion_tokens: renamed } = bodyOf(line.body);
          const long =
            "This model's maximum context length is 100 tokens. However, you requested 144 tokens (80 in the messages, 64 in the completion).";
          if (most !== undefined) return [refused(line, 400, "Unsupported parameter: 'max_tokens'")];
          return renamed === 20 ? [] : [refused(line, 400, long)];
        }),
      }),
      async ({ server, open, events }) => {
        const extras = { extraBody: { top_k: 1 }, models: { m: { extraBody: { reasoning_effort: 'low' } } } };
        const endpoint = await open({ extras });
        const sampling = { temperature: null, topP: null, maxTokens: 64 };
        const { completions } = await endpoint.sample(request('a', { sampling }), {
          idempotencyKey: 'a',
          signal: NEVER,
        });
        assert.equal(completions.length, 1);
        assert.deepEqual(idsOf(server), [['a'], ['a-no_max_tokens'], ['a-no_max_tokens-max20']]);
        for (const { lines } of server.batches)
          for (const { body } of lines)
            assert.deepEqual(
              [bodyOf(body).top_k, bodyOf(body).reasoning_effort, 'temperature' in body],
              [1, 'low', false],
            );
        assert.equal(events.filter(({ kind }) => kind === 'adapted').length, 2);
      },
    ));
});

const bodyOf = (body: object): Record<string, unknown> => body as Record<string, unknown>;

describe('a batch whose final state has an unknown name', () => {
  it('is read where it has results', () =>
    withServer(
      (lines) => ({ status: 'wrapped_up', output: lines.map((line) => answered(line)) }),
      async ({ open }) => {
        assert.deepEqual(textsOf(await ask(await open(), ['a', 'b'])), ['a 0', 'b 0']);
      },
    ));

  it('is not polled for ever where it has none: after its deadline its requests go into the next', () =>
    withServer(
      (lines, index) =>
        index === 0
          ? { status: 'vanished', expiresAt: Date.now() / 1000 - 2 * 3600 }
          : { output: lines.map((line) => answered(line)) },
      async ({ open, server }) => {
        assert.deepEqual(textsOf(await ask(await open(), ['a'])), ['a 0']);
        assert.equal(server.batches.length, 2);
      },
    ));
});

describe('a server that is away while a batch is under way', () => {
  const breakDown = (server: BatchServer, nTimes: number): void => {
    let nLeft = nTimes;
    server.sabotage = ({ method, url }, response) => {
      if (method !== 'GET' || url?.includes('/batches/batch_') !== true || nLeft-- <= 0) return false;
      response.writeHead(500).end();
      return true;
    };
  };

  it('is waited for until the time to give up, however often it is polled', () =>
    withServer(allAnswered, async ({ open, server }) => {
      breakDown(server, 12);
      const retry = { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 2, giveUpAfterMs: 20_000 };
      assert.deepEqual(textsOf(await ask(await open({ retry }), ['a'])), ['a 0']);
    }));

  it('ends the run when it does not come back, with the batch kept for the next one', () =>
    withServer(allAnswered, async ({ open, server }) => {
      breakDown(server, Infinity);
      const retry = { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 2, giveUpAfterMs: 50 };
      const failure = await failureOf(ask(await open({ retry }), ['a']));
      assert.deepEqual([failure.scope, failure.code], ['endpoint', 'http-500']);
      breakDown(server, 0);
      assert.deepEqual(textsOf(await ask(await open(), ['a'])), ['a 0']);
      assert.equal(server.batches.length, 1);
    }));
});

describe('batches of the embedded server', () => {
  const room = new ServerRoom();
  afterEach(() => room.close());

  it('give what the same requests give one by one', async () => {
    const { client, engine, usage } = await room.start();
    const folder = await room.folder();
    const endpoint = await BatchEndpoint.open({
      client,
      retry: { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 2 },
      identity: 'embedded',
      folder,
      completionWindow: '24h',
      maxRequests: 10,
      maxBytes: 100_000,
      gatherMs: 10,
      pollMs: 10,
    });
    engine.add({ texts: ['3 = 3', '4 = 4'] }, { texts: ['5 = 5', '6 = 6'] });
    const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: endpoint.lookAhead });
    const asked = ['answer compute 1 + 2', 'answer compute 2 + 2'].map((name) =>
      chatModel.sample(request(name, { model: 'micro-seed', nSamples: 2 }), NEVER),
    );
    const texts = (await Promise.all(asked)).map((completions) => completions.map(({ text }) => text));
    assert.deepEqual(texts.flat().sort(), ['3 = 3', '4 = 4', '5 = 5', '6 = 6']);
    assert.equal((await usage()).completions.requests, 2);
    assert.deepEqual([chatModel.usage.requests, chatModel.usage.completions], [2, 4]);
    assert.equal((await client.batches.list()).data.length, 1);
  });

  it('fail with the reason where a request is wrong', async () => {
    const { client } = await room.start();
    const endpoint = await BatchEndpoint.open({
      client,
      retry: { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 2 },
      identity: 'embedded',
      folder: await room.folder(),
      completionWindow: '24h',
      maxRequests: 10,
      maxBytes: 100_000,
      gatherMs: 10,
      pollMs: 10,
    });
    const wrong = endpoint.sample(request('apples', { model: 'micro-seed' }), {
      idempotencyKey: 'wrong',
      signal: NEVER,
    });
    const error = await failureOf(wrong);
    assert.deepEqual([error.scope, error.code], ['request', 'http-400']);
    assert.match(error.message, /only words of its vocabulary/);
  });
});

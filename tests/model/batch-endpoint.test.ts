// Batches: gathered, split, joined by id, repeated where that helps.
import assert from 'node:assert/strict';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { allAnswered, ask, failureOf, idsOf, request, textsOf, withServer } from './batch-place.js';
import { answered, refused } from './batch-server.js';

describe('a batch endpoint', () => {
  it('gathers requests into one file and joins the results by id, whatever their order', () =>
    withServer(
      (lines) => ({ output: [...lines].reverse().map((line) => answered(line)) }),
      async ({ server, open, events }) => {
        const endpoint = await open();
        const answers = await ask(endpoint, ['a', 'b', 'c']);
        // The last event comes when all results are read.
        await endpoint.close();
        assert.deepEqual(textsOf(answers), ['a 0', 'b 0', 'c 0']);
        assert.deepEqual(answers[0], {
          completions: [{ text: 'a 0', finishReason: 'stop' }],
          promptTokens: 7,
          completionTokens: 3,
          retries: 0,
          errors: {},
        });
        assert.deepEqual(idsOf(server), [['key-a', 'key-b', 'key-c']]);
        const [batch] = server.batches;
        assert.equal(batch!.window, '24h');
        assert.equal(batch!.metadata.autodidact_batch, batch!.key);
        assert.deepEqual(batch!.lines[0], {
          custom_id: 'key-a',
          method: 'POST',
          url: '/v1/chat/completions',
          body: {
            model: 'm',
            messages: [{ role: 'user', content: 'a' }],
            temperature: 0.7,
            top_p: 0.9,
            max_tokens: 16,
            seed: 11,
          },
        });
        assert.deepEqual(
          events.map((event) =>
            event.kind === 'batch' ? [event.batchId, event.state, event.nRequests] : [],
          ),
          [
            ['batch_1', 'handed-in', 3],
            ['batch_1', 'in_progress', 3],
            ['batch_1', 'completed', 3],
          ],
        );
      },
    ));

  it('splits by number of requests, by bytes, and by model', () =>
    withServer(allAnswered, async ({ server, open }) => {
      const pairs = await open({ maxRequests: 2 });
      await ask(pairs, ['a', 'b', 'c']);
      assert.deepEqual(
        idsOf(server).sort((a, b) => b.length - a.length),
        [['key-a', 'key-b'], ['key-c']],
      );
      // A line has about 180 bytes, so that two fit into 400.
      const small = await open({ maxBytes: 400 });
      await ask(small, ['d', 'e', 'f']);
      assert.deepEqual(
        server.batches
          .slice(2)
          .map(({ lines }) => lines.length)
          .sort(),
        [1, 2],
      );
      const mixed = await open();
      await Promise.all(
        ['m', 'other'].map((model) =>
          mixed.sample(request('g', { model }), { idempotencyKey: `g-${model}`, signal: NEVER }),
        ),
      );
      assert.deepEqual(
        server.batches
          .slice(4)
          .map(({ lines }) => lines.map(({ body }) => body.model))
          .sort(),
        [['m'], ['other']],
      );
    }));

  it('counts results that belong to no request, and gives none of them away', () =>
    withServer(
      (lines) => ({
        output: [
          answered({ ...lines[0]!, custom_id: 'foreign' }, ['wrong']),
          ...lines.map((line) => answered(line)),
          answered(lines[0]!, ['late']),
          '{"custom_id": "key-a", "resp',
        ],
      }),
      async ({ open }) => {
        const endpoint = await open();
        assert.deepEqual(textsOf(await ask(endpoint, ['a', 'b'])), ['a 0', 'b 0']);
        await endpoint.close();
        assert.deepEqual(endpoint.strays, { nUnknown: 1, nDuplicate: 1, nUnreadable: 1 });
      },
    ));

  it('puts what is missing or failed in passing into the next batch, and that alone', () =>
    withServer(
      (lines, index) =>
        index > 0
          ? allAnswered(lines)
          : {
              output: lines.filter(({ custom_id: id }) => id === 'key-a').map((line) => answered(line)),
              errors: lines.filter(({ custom_id: id }) => id === 'key-b').map((line) => refused(line, 429)),
            },
      async ({ server, open }) => {
        const answers = await ask(await open(), ['a', 'b', 'c']);
        assert.deepEqual(textsOf(answers), ['a 0', 'b 0', 'c 0']);
        assert.deepEqual(idsOf(server), [
          ['key-a', 'key-b', 'key-c'],
          ['key-b', 'key-c'],
        ]);
        assert.notEqual(server.batches[0]?.key, server.batches[1]?.key);
        assert.deepEqual(
          answers.map(({ retries, errors }) => [retries, errors]),
          [
            [0, {}],
            [1, { 'http-429': 1 }],
            [1, { 'batch-missing': 1 }],
          ],
        );
      },
    ));

  it('gives a request up after three batches, which is its own failure where others were answered', () =>
    withServer(
      (lines) => ({
        output: lines.filter(({ custom_id: id }) => id !== 'key-b').map((line) => answered(line)),
        errors: lines.filter(({ custom_id: id }) => id === 'key-b').map((line) => refused(line, 500)),
      }),
      async ({ server, open }) => {
        // Long enough for company to be asked for while the failed request gathers anew.
        const endpoint = await open({ gatherMs: 100 });
        const bad = failureOf(ask(endpoint, ['b']));
        // Company for each of the three batches.
        for (const name of ['x', 'y', 'z']) await ask(endpoint, [name]);
        const error = await bad;
        assert.deepEqual(
          [error.scope, error.code, error.attempts],
          ['request', 'http-500', { 'http-500': 3 }],
        );
        assert.equal(idsOf(server).filter((ids) => ids.includes('key-b')).length, 3);
      },
    ));

  it('stops the run where three batches answered nothing at all', () =>
    withServer(
      () => ({}),
      async ({ server, open }) => {
        const error = await failureOf(ask(await open(), ['a', 'b']));
        assert.deepEqual([error.scope, error.code], ['endpoint', 'batch-missing']);
        assert.equal(server.batches.length, 3);
      },
    ));

  it('does not repeat a request that is refused for itself', () =>
    withServer(
      (lines) => ({
        output: lines.slice(1).map((line) => answered(line)),
        errors: lines.slice(0, 1).map((line) => refused(line, 400, 'the prompt is too long')),
      }),
      async ({ server, open }) => {
        const endpoint = await open();
        const bad = failureOf(ask(endpoint, ['a']));
        assert.deepEqual(textsOf(await ask(endpoint, ['b'])), ['b 0']);
        const error = await bad;
        assert.deepEqual([error.scope, error.code], ['request', 'context-length']);
        assert.match(error.message, /the prompt is too long/);
        assert.equal(server.batches.length, 1);
      },
    ));

  it('stops the run where the server refuses the whole batch, and asks anew in the next run', () =>
    withServer(
      (lines, index) => (index === 0 ? { status: 'failed', problems: ['token limit'] } : allAnswered(lines)),
      async ({ server, open }) => {
        const error = await failureOf(ask(await open(), ['a']));
        assert.deepEqual([error.scope, error.code], ['endpoint', 'batch-failed']);
        assert.match(error.message, /line 1: token limit/);
        assert.deepEqual(textsOf(await ask(await open(), ['a'])), ['a 0']);
        assert.notEqual(server.batches[0]?.key, server.batches[1]?.key);
      },
    ));

  it('takes what an expired batch has, and asks for the rest again', () =>
    withServer(
      (lines, index) =>
        index > 0
          ? allAnswered(lines)
          : {
              status: 'expired',
              output: [answered(lines[0]!)],
              errors: [
                { custom_id: 'key-b', response: null, error: { code: 'batch_expired', message: 'late' } },
              ],
            },
      async ({ server, open }) => {
        const answers = await ask(await open(), ['a', 'b', 'c']);
        assert.deepEqual(
          answers.map(({ errors }) => errors),
          [{}, { batch_expired: 1 }, { 'batch-expired': 1 }],
        );
        assert.deepEqual(idsOf(server)[1], ['key-b', 'key-c']);
      },
    ));

  it('stops where somebody cancelled the batch, keeping what it had', () =>
    withServer(
      (lines, index) =>
        index > 0 ? allAnswered(lines) : { status: 'cancelled', output: [answered(lines[0]!)] },
      async ({ server, open }) => {
        const endpoint = await open();
        const kept = ask(endpoint, ['a']);
        const error = await failureOf(ask(endpoint, ['b']));
        assert.deepEqual([error.scope, error.code], ['endpoint', 'batch-cancelled']);
        assert.deepEqual(textsOf(await kept), ['a 0']);
        const next = await open();
        assert.deepEqual(textsOf(await ask(next, ['a', 'b'])), ['a 0', 'b 0']);
        assert.deepEqual(idsOf(server)[1], ['key-b']);
      },
    ));

  it('asks once for the same request asked twice at once', () =>
    withServer(allAnswered, async ({ server, open }) => {
      assert.deepEqual(textsOf(await ask(await open(), ['a', 'a'])), ['a 0', 'a 0']);
      assert.deepEqual(idsOf(server), [['key-a']]);
    }));

  it('tells no key that a server repeats', () =>
    withServer(
      (lines) => ({ errors: lines.map((line) => refused(line, 400, 'bad key sk-secret-secret')) }),
      async ({ open }) => {
        const redact = (text: string): string => text.replaceAll('sk-secret-secret', '[hidden]');
        const error = await failureOf(ask(await open({ redact }), ['a']));
        assert.match(error.message, /bad key \[hidden\]/);
      },
    ));
});

import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import {
  ExportEndpoint,
  type ExportedRequest,
  type ExportEndpointOptions,
} from '../../lib/src/model/export-endpoint.js';
import {
  ChatModel,
  completionKeys,
  type ChatEndpoint,
  type SampleRequest,
} from '../../lib/src/model/index.js';
import { memoryCache, NEVER } from '../fixtures/scripted-endpoint.js';

const REQUEST: SampleRequest = {
  model: 'judge',
  messages: [{ role: 'user', content: 'q' }],
  sampling: { temperature: 1, topP: 1, maxTokens: 7 },
  nSamples: 3,
  seed: 11,
  promptVersion: 'p',
};
const KEYS = completionKeys('server:judge', REQUEST);
const completion = (text: string) => ({ text, finishReason: 'stop' });

/** An endpoint over an empty store, a model client over it, and what was written. */
function exporting(options: Partial<ExportEndpointOptions> = {}) {
  const store = memoryCache();
  const written: ExportedRequest[] = [];
  const endpoint = new ExportEndpoint({
    identityOf: (model) => `server:${model}`,
    lookUp: (partition, keys) => store.getAll(partition, keys),
    givenUpAs: () => null,
    write: (exported) => {
      written.push(exported);
      return Promise.resolve(true);
    },
    ...options,
  });
  const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: 4 });
  return { store, written, endpoint, ask: (request = REQUEST) => chatModel.sample(request, NEVER) };
}

const lostAs =
  (code: string) =>
  (thrown: unknown): boolean =>
    thrown instanceof ModelError && thrown.scope === 'request' && thrown.code === code;

describe('an exporting endpoint', () => {
  it('hands on a request that the store lacks, with the keys of its completions, and loses its input', async () => {
    const { written, endpoint, ask } = exporting();
    await assert.rejects(ask(), lostAs('exported'));
    assert.deepEqual(
      written.map(({ partition, keys, request }) => ({ partition, keys, request })),
      [{ partition: 'server:judge', keys: KEYS, request: REQUEST }],
    );
    assert.deepEqual(await endpoint.takeCounts(), { nWritten: 1, nTooLarge: 0, nGivenUp: 0 });
  });

  it('names a request by the key under which the engine sends it', async () => {
    const { written, ask } = exporting();
    await assert.rejects(ask());
    const sent: string[] = [];
    const online: ChatEndpoint = {
      honoursN: true,
      identityOf: (model) => `server:${model}`,
      sample: (_, { idempotencyKey }) => {
        sent.push(idempotencyKey);
        return Promise.reject(new Error('enough'));
      },
    };
    const engine = new ChatModel({ endpoint: online, cache: memoryCache(), lookAhead: 1 });
    await assert.rejects(engine.sample(REQUEST, NEVER));
    assert.deepEqual(
      written.map(({ customId }) => customId),
      sent,
    );
  });

  it('answers from the store what is there', async () => {
    const { store, written, endpoint, ask } = exporting();
    const completions = ['a', 'b', 'c'].map(completion);
    await store.put(
      'server:judge',
      KEYS.map((key, i) => ({ key, completion: completions[i]! })),
    );
    assert.deepEqual(await ask(), completions);
    assert.deepEqual(written, []);
    assert.deepEqual(await endpoint.takeCounts(), { nWritten: 0, nTooLarge: 0, nGivenUp: 0 });
  });

  it('asks for what a server left out one by one, as the engine asks servers that give one at a time', async () => {
    const { store, written, ask } = exporting();
    await store.put('server:judge', [{ key: KEYS[0]!, completion: completion('first') }]);
    await assert.rejects(ask(), lostAs('exported'));
    const sent: { customId: string; request: SampleRequest }[] = [];
    const oneByOne: ChatEndpoint = {
      honoursN: false,
      identityOf: (model) => `server:${model}`,
      sample: (request, { idempotencyKey }) => {
        sent.push({ customId: idempotencyKey, request });
        return Promise.resolve({
          completions: [completion('x')],
          promptTokens: 0,
          completionTokens: 0,
          retries: 0,
          errors: {},
        });
      },
    };
    await new ChatModel({ endpoint: oneByOne, cache: store, lookAhead: 1 }).sample(REQUEST, NEVER);
    assert.equal(sent.length, 2);
    assert.deepEqual(
      written.map(({ customId, request }) => ({ customId, request })),
      sent,
    );
    assert.deepEqual(
      written.map(({ keys }) => keys),
      [[KEYS[1]], [KEYS[2]]],
    );
  });

  it('hands on a request once, however often it is asked', async () => {
    const { written, endpoint, ask } = exporting();
    await assert.rejects(ask(), lostAs('exported'));
    await assert.rejects(ask(), lostAs('exported'));
    assert.equal(written.length, 1);
    assert.equal((await endpoint.takeCounts()).nWritten, 1);
    await assert.rejects(ask(), lostAs('exported'));
    assert.equal((await endpoint.takeCounts()).nWritten, 0);
  });

  it('passes over a request that failed for good, under its cause, and counts it once', async () => {
    const { written, endpoint, ask } = exporting({ givenUpAs: () => 'http-400' });
    await assert.rejects(ask(), lostAs('http-400'));
    await assert.rejects(ask(), lostAs('http-400'));
    assert.deepEqual(written, []);
    assert.deepEqual(await endpoint.takeCounts(), { nWritten: 0, nTooLarge: 0, nGivenUp: 1 });
  });

  it('counts a request that is too large apart', async () => {
    const { endpoint, ask } = exporting({ write: () => Promise.resolve(false) });
    await assert.rejects(ask(), lostAs('too-large'));
    assert.deepEqual(await endpoint.takeCounts(), { nWritten: 0, nTooLarge: 1, nGivenUp: 0 });
  });

  it('writes what was begun, also when the input that needs it is lost already', async () => {
    let finish: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (finish = resolve));
    const { endpoint, ask } = exporting({
      write: async () => {
        await begun;
        return true;
      },
    });
    const asked = assert.rejects(ask(), lostAs('exported'));
    const counted = endpoint.takeCounts();
    setImmediate(finish);
    assert.equal((await counted).nWritten, 1);
    await asked;
  });

  it('tells at the end what kept a request from being written', async () => {
    const { endpoint, ask } = exporting({ write: () => Promise.reject(new Error('disk full')) });
    await assert.rejects(ask(), /disk full/);
    await assert.rejects(endpoint.takeCounts(), /disk full/);
  });
});

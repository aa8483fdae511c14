import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import { ChatModel, completionKeys, type SampleRequest } from '../../lib/src/model/index.js';
import { kept } from '../../lib/src/schema/index.js';
import {
  collect,
  memoryCache,
  NEVER,
  ScriptedEndpoint,
  scriptedModel,
} from '../fixtures/scripted-endpoint.js';

const REQUEST: SampleRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'hello' }],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 16 },
  nSamples: 3,
  seed: 1,
  promptVersion: 'v1',
};

describe('the model client', () => {
  it('asks for the same completions once', async () => {
    const { chatModel, endpoint } = scriptedModel(() => ['a', 'b', 'c']);
    const first = await chatModel.sample(REQUEST, NEVER);
    assert.deepEqual(await chatModel.sample(REQUEST, NEVER), first);
    assert.equal(endpoint.requests.length, 1);
    assert.equal(chatModel.usage.completions, 3);
    assert.equal(chatModel.usage.cachedCompletions, 3);
  });

  it('keeps samples of one prompt apart', async () => {
    const { chatModel } = scriptedModel(() => ['a', 'b', 'c']);
    assert.deepEqual(
      (await chatModel.sample(REQUEST, NEVER)).map(({ text }) => text),
      ['a', 'b', 'c'],
    );
  });

  it('gives the same samples whatever the store held before', async () => {
    const byIndex = (_: string, { seed, nSamples }: SampleRequest): string[] =>
      Array.from({ length: nSamples }, (_unused, i) => `${seed}/${i}`);
    const texts = async (counts: number[]): Promise<string[]> => {
      const { chatModel } = scriptedModel(byIndex);
      let last: string[] = [];
      for (const nSamples of counts) {
        last = (await chatModel.sample({ ...REQUEST, nSamples }, NEVER)).map(({ text }) => text);
      }
      return last;
    };
    assert.deepEqual(await texts([1, 5]), await texts([5]));
    assert.deepEqual(await texts([5, 2]), (await texts([5])).slice(0, 2));
  });

  it('pays for nothing when fewer are wanted than are there', async () => {
    const { chatModel, endpoint } = scriptedModel(() => ['a', 'b', 'c']);
    await chatModel.sample(REQUEST, NEVER);
    await chatModel.sample({ ...REQUEST, nSamples: 2 }, NEVER);
    assert.equal(endpoint.requests.length, 1);
  });

  it('asks once for what is asked for twice at the same time', async () => {
    const { chatModel, endpoint } = scriptedModel(() => ['a', 'b', 'c']);
    const [one, two] = await Promise.all([
      chatModel.sample(REQUEST, NEVER),
      chatModel.sample(REQUEST, NEVER),
    ]);
    assert.deepEqual(one, two);
    assert.equal(endpoint.requests.length, 1);
  });

  it('goes on for a second caller when the first one is called off', async () => {
    const stop = new AbortController();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    class Waiting extends ScriptedEndpoint {
      override async sample(
        request: SampleRequest,
        options?: { signal: AbortSignal },
      ): ReturnType<ScriptedEndpoint['sample']> {
        await held;
        options?.signal.throwIfAborted();
        return super.sample(request);
      }
    }
    const endpoint = new Waiting(() => ['a', 'b', 'c']);
    const chatModel = new ChatModel({ endpoint, cache: memoryCache(), lookAhead: 1 });
    const first = chatModel.sample(REQUEST, stop.signal);
    const second = chatModel.sample(REQUEST, NEVER);
    await Promise.resolve();
    stop.abort(new Error('called off'));
    goOn();
    await assert.rejects(first, /called off/);
    assert.equal((await second).length, 3);
  });

  it('keeps each completion as it comes where a server gives one at a time', async () => {
    let nAnswered = 0;
    class OneByOne extends ScriptedEndpoint {
      override readonly honoursN = false;
    }
    const endpoint = new OneByOne((_, { seed }) =>
      nAnswered++ < 3 ? [`seed ${seed}`] : new Error('the server died'),
    );
    const cache = memoryCache();
    const chatModel = new ChatModel({ endpoint, cache, lookAhead: 1 });
    await assert.rejects(chatModel.sample({ ...REQUEST, nSamples: 5 }, NEVER), /died/);
    assert.equal(cache.entries.size, 3);
    nAnswered = 0;
    const five = await chatModel.sample({ ...REQUEST, nSamples: 5 }, NEVER);
    assert.equal(new Set(five.map(({ text }) => text)).size, 5);
    // Three that were answered, one that failed, one that was still waiting, and then the two that were missing.
    assert.equal(endpoint.requests.filter(({ nSamples }) => nSamples === 1).length, endpoint.requests.length);
    assert.equal(nAnswered, 2);
  });

  it('never takes a completion for one that anything could have changed', () => {
    const [key] = completionKeys('server:m', REQUEST);
    const variants: SampleRequest[] = [
      { ...REQUEST, seed: 2 },
      { ...REQUEST, promptVersion: 'v2' },
      { ...REQUEST, messages: [{ role: 'system', content: 'hello' }] },
      { ...REQUEST, sampling: { ...REQUEST.sampling, temperature: 0.8 } },
      { ...REQUEST, sampling: { ...REQUEST.sampling, topP: 1 } },
      { ...REQUEST, sampling: { ...REQUEST.sampling, maxTokens: 17 } },
      { ...REQUEST, sampling: { ...REQUEST.sampling, topLogprobs: 5 } },
      { ...REQUEST, sampling: { ...REQUEST.sampling, topLogprobs: 0 } },
    ];
    const keys = [
      ...variants.map((variant) => completionKeys('server:m', variant)[0]),
      completionKeys('other:m', REQUEST)[0],
    ];
    assert.equal(new Set([key, ...keys]).size, keys.length + 1);
    assert.equal(completionKeys('server:m', { ...REQUEST, nSamples: 15 })[0], key);
  });

  it('keeps nothing that is not durable', async () => {
    const endpoint = new ScriptedEndpoint(() => ['a', 'b', 'c']);
    const cache = { ...memoryCache(), put: () => Promise.reject(new Error('disk full')) };
    const chatModel = new ChatModel({ endpoint, cache, lookAhead: 1 });
    await assert.rejects(chatModel.sample(REQUEST, NEVER), /disk full/);
    await assert.rejects(chatModel.sample(REQUEST, NEVER), /disk full/);
    assert.equal(endpoint.requests.length, 2);
  });

  it('turns a failure of one request into a drop and lets a failure of the endpoint through', async () => {
    const { chatModel } = scriptedModel(() => []);
    const failure = (scope: 'request' | 'endpoint'): ModelError =>
      new ModelError({ subject: 'm', expected: 'x', remedy: 'y', scope, code: 'http-400' });
    const work = (input: number): Promise<ReturnType<typeof kept<number>>> =>
      input === 2 ? Promise.reject(failure('request')) : Promise.resolve(kept(input));
    const outcomes = await collect(chatModel.outcomes([1, 2, 3], work, { subjectOf: String, signal: NEVER }));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'kept' ? outcome.record : outcome.drop.reason)),
      [1, 'http-400', 3],
    );
    const fatal = chatModel.outcomes([1], () => Promise.reject(failure('endpoint')), {
      subjectOf: String,
      signal: NEVER,
    });
    await assert.rejects(collect(fatal), ModelError);
  });
});

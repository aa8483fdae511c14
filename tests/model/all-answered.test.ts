import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ModelError } from '../../lib/src/core/errors.js';
import { allAnswered, ChatModel, type AskOptions, type SampleRequest } from '../../lib/src/model/index.js';
import { kept } from '../../lib/src/schema/index.js';
import { collect, memoryCache, NEVER, ScriptedEndpoint } from '../fixtures/scripted-endpoint.js';

const failure = (scope: 'request' | 'endpoint'): ModelError =>
  new ModelError({ subject: 'm', expected: 'an answer', remedy: 'none', scope, code: `${scope}-failed` });

/** Refuses prompts of `refused` at once and answers others after a while, unless they are called off. */
class Slow extends ScriptedEndpoint {
  override async sample(
    request: SampleRequest,
    options?: AskOptions,
  ): ReturnType<ScriptedEndpoint['sample']> {
    if (request.messages[0]?.content === 'refused') throw failure('request');
    await nextTurn();
    options?.signal.throwIfAborted();
    return super.sample(request);
  }
}

describe('several requests for one input', () => {
  it('give their results in order', async () => {
    assert.deepEqual(await allAnswered([Promise.resolve(1), Promise.resolve('b')]), [1, 'b']);
  });

  it('are all kept but the one that was refused, though the input is dropped and the stage ends', async () => {
    const cache = memoryCache();
    const chatModel = new ChatModel({ endpoint: new Slow(() => ['an answer']), cache, lookAhead: 4 });
    const ask = (content: string, signal: AbortSignal): Promise<unknown> =>
      chatModel.sample(
        {
          model: 'm',
          messages: [{ role: 'user', content }],
          sampling: { temperature: 0, topP: 1, maxTokens: 4 },
          nSamples: 1,
          seed: 1,
          promptVersion: 'v',
        },
        signal,
      );
    const work = async (_: string, signal: AbortSignal): Promise<ReturnType<typeof kept>> =>
      kept(await allAnswered([ask('refused', signal), ask('answered', signal)]));
    const outcomes = await collect(chatModel.outcomes(['input'], work, { subjectOf: String, signal: NEVER }));
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['dropped'],
    );
    assert.equal(cache.entries.size, 1, 'what was paid for is in the store');
    assert.equal(chatModel.usage.completions, 1, 'and counted');
  });

  it('are not waited for when something stops the run', async () => {
    const never = new Promise<never>(() => undefined);
    await assert.rejects(
      allAnswered([Promise.reject(failure('request')), never, Promise.reject(failure('endpoint'))]),
      { code: 'endpoint-failed' },
    );
    await assert.rejects(allAnswered([never, Promise.reject(new Error('the disk is full'))]), /disk is full/);
  });
});

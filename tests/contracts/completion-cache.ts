// What every completion cache must do.
import assert from 'node:assert/strict';
import type { CompletionCache } from '../../lib/src/model/index.js';
import type { Completion } from '../../lib/src/schema/index.js';

/** Runs the contract against a cache that is made anew for each case. */
export function describeCompletionCache(
  name: string,
  use: (test: (cache: CompletionCache) => Promise<void>) => Promise<void>,
): void {
  const completion = { text: 'a "quoted"\nline \u2028 [[A]]', finishReason: 'stop' };

  describe(`${name} as a completion cache`, () => {
    it('has nothing before something is put in', () =>
      use(async (cache) => {
        assert.deepEqual(await cache.getAll('model', ['key']), [null]);
      }));

    it('gives back exactly what was put in', () =>
      use(async (cache) => {
        await cache.put('model', [{ key: 'key', completion }]);
        assert.deepEqual(await cache.getAll('model', ['key']), [completion]);
      }));

    it('gives back the tokens with their log-probabilities, where there are any', () =>
      use(async (cache) => {
        const tokens = [
          { text: '[[', logprob: -0.5, alternatives: [] },
          { text: 'A', logprob: -1e-9, alternatives: [{ text: 'B', logprob: -20.25 }] },
        ];
        const withTokens = { ...completion, tokens };
        await cache.put('model', [
          { key: 'with', completion: withTokens },
          { key: 'without', completion },
        ]);
        assert.deepEqual(await cache.getAll('model', ['with', 'without']), [withTokens, completion]);
      }));

    it('keeps models apart', () =>
      use(async (cache) => {
        await cache.put('one', [{ key: 'key', completion }]);
        assert.deepEqual(await cache.getAll('other', ['key']), [null]);
      }));

    it('answers in the order of the keys, with null where there is none, and a key twice where it is asked twice', () =>
      use(async (cache) => {
        const texts = (i: number): Completion => ({ text: `text ${i}`, finishReason: 'stop' });
        await cache.put('model', [
          { key: 'one', completion: texts(1) },
          { key: 'two', completion: texts(2) },
        ]);
        await cache.put('model', [{ key: 'three', completion: texts(3) }]);
        assert.deepEqual(await cache.getAll('model', ['three', 'none', 'two', 'one', 'two']), [
          texts(3),
          null,
          texts(2),
          texts(1),
          texts(2),
        ]);
        assert.deepEqual(await cache.getAll('model', []), []);
      }));

    it('gives what was put last under a key', () =>
      use(async (cache) => {
        for (const text of ['first', 'second'])
          await cache.put('model', [{ key: 'key', completion: { text, finishReason: 'stop' } }]);
        assert.deepEqual(await cache.getAll('model', ['key']), [{ text: 'second', finishReason: 'stop' }]);
      }));

    it('grants what nobody else has claimed, again once it was given back, and takes it back twice', () =>
      use(async (cache) => {
        const { signal } = new AbortController();
        for (const name of ['name', 'name', 'other']) {
          const { release } = await cache.claim('model', name, signal);
          await cache.put('model', [{ key: name, completion }]);
          release();
          release();
        }
        assert.deepEqual(await cache.getAll('model', ['name', 'other']), [completion, completion]);
      }));

    it('takes many writers at once', () =>
      use(async (cache) => {
        const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
        await Promise.all(
          keys.map((key) => cache.put('model', [{ key, completion: { text: key, finishReason: 'stop' } }])),
        );
        const texts = (await cache.getAll('model', keys)).map((found) => found?.text);
        assert.deepEqual(texts, keys);
      }));
  });
}

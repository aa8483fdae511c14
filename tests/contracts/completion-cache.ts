// What every completion cache must do.
import assert from 'node:assert/strict';
import type { CompletionCache } from '../../lib/src/model/index.js';

/** Runs the contract against a cache that is made anew for each case. */
export function describeCompletionCache(
  name: string,
  use: (test: (cache: CompletionCache) => Promise<void>) => Promise<void>,
): void {
  const completion = { text: 'a "quoted"\nline \u2028 [[A]]', finishReason: 'stop' };

  describe(`${name} as a completion cache`, () => {
    it('has nothing before something is put in', () =>
      use(async (cache) => {
        assert.equal(await cache.get('model', 'key'), null);
      }));

    it('gives back exactly what was put in', () =>
      use(async (cache) => {
        await cache.put('model', [{ key: 'key', completion }]);
        assert.deepEqual(await cache.get('model', 'key'), completion);
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
        assert.deepEqual(await cache.get('model', 'with'), withTokens);
        assert.deepEqual(await cache.get('model', 'without'), completion);
      }));

    it('keeps models apart', () =>
      use(async (cache) => {
        await cache.put('one', [{ key: 'key', completion }]);
        assert.equal(await cache.get('other', 'key'), null);
      }));

    it('takes many writers at once', () =>
      use(async (cache) => {
        const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
        await Promise.all(
          keys.map((key) => cache.put('model', [{ key, completion: { text: key, finishReason: 'stop' } }])),
        );
        for (const key of keys) assert.equal((await cache.get('model', key))?.text, key);
      }));
  });
}

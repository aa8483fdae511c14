import assert from 'node:assert/strict';
import { RoutedEndpoint, type ChatEndpoint } from '../../lib/src/model/index.js';
import { NEVER, ScriptedEndpoint } from '../fixtures/scripted-endpoint.js';

const request = (model: string): Parameters<ChatEndpoint['sample']>[0] => ({
  model,
  messages: [{ role: 'user', content: 'question' }],
  sampling: { temperature: 0, topP: 1, maxTokens: 8 },
  nSamples: 1,
  seed: 1,
  promptVersion: 'v',
});
const ask = { idempotencyKey: 'key', signal: NEVER };

/** The honoursN of endpoints together. */
function together(usual: boolean | null, other: boolean | null): boolean | null {
  const of = (honoursN: boolean | null): ChatEndpoint => ({
    honoursN,
    identityOf: (model) => model,
    sample: () => Promise.reject(new Error('not asked')),
  });
  const routed = new RoutedEndpoint(of(usual));
  routed.route('other', of(other));
  return routed.honoursN;
}

describe('an endpoint that asks some models elsewhere', () => {
  it('asks each model where it is served, and names it after that place', async () => {
    const usual = new ScriptedEndpoint(() => ['usual']);
    const other = new ScriptedEndpoint(() => ['other']);
    const routed = new RoutedEndpoint(usual);
    routed.route('generator', other);
    const texts: string[] = [];
    for (const model of ['judge', 'generator', 'judge']) {
      const { completions } = await routed.sample(request(model), ask);
      texts.push(...completions.map(({ text }) => text));
    }
    assert.deepEqual(texts, ['usual', 'other', 'usual']);
    assert.deepEqual([usual.requests.length, other.requests.length], [2, 1]);
    assert.equal(routed.identityOf('generator'), other.identityOf('generator'));
  });

  it('asks one completion at a time as soon as one of its servers wants that', () => {
    assert.equal(together(true, false), false);
    assert.equal(together(null, true), null);
    assert.equal(together(true, true), true);
  });
});

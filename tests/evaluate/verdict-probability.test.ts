import assert from 'node:assert/strict';
import { evaluateJudge } from '../../lib/src/evaluate/index.js';
import { startServer } from '../../lib/src/micro/server/start.js';
import { ChatModel, connectServers } from '../../lib/src/model/index.js';
import { loadPack } from '../../lib/src/prompt/index.js';
import { evaluatedItemSchema, type EvaluatedItem } from '../../lib/src/schema/index.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { collect, NEVER, scriptedModel } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const item = {
  itemId: 'x',
  instruction: 'compute 7 + 2 * 6 - 3 * 4',
  slice: 'math',
  errorKind: 'random',
  winner: '7',
  loser: '4',
};

const greedy = { model: 'micro-seed', maxTokens: 24, seed: 1, signal: NEVER };

describe('the probability of a verdict in an evaluation', () => {
  it('comes from the embedded model, agrees with its greedy verdict, and survives in the store', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startServer({ stateFolder: `${folder}/embedded`, nWorkers: 1 });
      const endpoint = connectServers({
        baseUrls: [server.baseUrl],
        apiKey: undefined,
        identity: 'embedded',
        timeoutMs: 10_000,
        concurrency: 2,
      });
      const pack = await loadPack('micro');
      const evaluate = async (
        segmentName: string,
        options: { topLogprobs?: number },
      ): Promise<{ evaluated: EvaluatedItem; chatModel: ChatModel }> => {
        const cache = new CompletionStore({ folder: `${folder}/completions`, segmentName });
        const chatModel = new ChatModel({ endpoint, cache, lookAhead: 2 });
        const [outcome] = await collect(evaluateJudge([item], { ...greedy, ...options, chatModel, pack }));
        await cache.close();
        assert.ok(outcome?.kind === 'kept');
        return { evaluated: evaluatedItemSchema.parse(outcome.record), chatModel };
      };
      try {
        const { evaluated } = await evaluate('one', { topLogprobs: 20 });
        assert.equal(evaluated.orders.length, 2);
        for (const { verdict, probabilityOfA } of evaluated.orders) {
          assert.ok(probabilityOfA !== undefined);
          assert.ok(verdict.kind === 'A' || verdict.kind === 'B');
          assert.equal(probabilityOfA > 0.5 ? 'A' : 'B', verdict.kind);
        }
        const again = await evaluate('two', { topLogprobs: 20 });
        assert.deepEqual(again.evaluated, evaluated);
        assert.equal(again.chatModel.usage.requests, 0);
        const without = await evaluate('three', {});
        assert.equal(without.chatModel.usage.requests, 2);
        assert.deepEqual(
          without.evaluated.orders,
          evaluated.orders.map(({ order, text, verdict }) => ({ order, text, verdict })),
        );
      } finally {
        await server.close();
      }
    }));

  it('is asked for in greedy judgments alone, never in votes', async () => {
    const { chatModel, endpoint } = scriptedModel((_, { nSamples }) => Array<string>(nSamples).fill('[[A]]'));
    const vote = { samples: 3, temperature: 0.7, topP: 0.9, maxTokens: 8 };
    const options = { ...greedy, chatModel, pack: await loadPack('micro'), vote, topLogprobs: 5 };
    const [outcome] = await collect(evaluateJudge([item], options));
    const asked = endpoint.requests.map(({ sampling, nSamples }) => [nSamples, sampling.topLogprobs]);
    assert.deepEqual(
      asked.sort(([a = 0], [b = 0]) => a - b),
      [
        [1, 5],
        [1, 5],
        [3, undefined],
        [3, undefined],
      ],
    );
    // This endpoint does not tell.
    assert.ok(outcome?.kind === 'kept');
    assert.deepEqual(
      outcome.record.orders.map((order) => 'probabilityOfA' in order),
      [false, false],
    );
  });
});

import assert from 'node:assert/strict';
import { evaluateJudge } from '../../lib/src/evaluate/index.js';
import { loadPack } from '../../lib/src/prompt/index.js';
import { collect, NEVER, scriptedModel } from '../fixtures/scripted-endpoint.js';

const item = {
  itemId: 'x',
  instruction: 'compute x',
  slice: 'math',
  errorKind: 'random',
  winner: 'W',
  loser: 'L',
};

describe('evaluation', () => {
  it('asks greedily in both orders and samples votes with the given parameters', async () => {
    const { chatModel, endpoint } = scriptedModel((prompt, { nSamples }) =>
      Array.from({ length: nSamples }, (_, i) =>
        prompt.startsWith('judge W') && i !== 1 ? '[[A]]' : '[[B]]',
      ),
    );
    const [outcome] = await collect(
      evaluateJudge([item], {
        chatModel,
        pack: await loadPack('micro'),
        model: 'judge',
        maxTokens: 8,
        vote: { samples: 3, temperature: 0.7, topP: 0.9, maxTokens: 8 },
        seed: 1,
        signal: NEVER,
      }),
    );
    assert.ok(outcome?.kind === 'kept');
    const [winnerFirst, loserFirst] = outcome.record.orders;
    assert.deepEqual([winnerFirst!.verdict, loserFirst!.verdict], [{ kind: 'A' }, { kind: 'B' }]);
    assert.deepEqual(winnerFirst!.votes, { A: 2, B: 1, tie: 0, unparsed: 0 });
    assert.deepEqual(loserFirst!.votes, { A: 0, B: 3, tie: 0, unparsed: 0 });
    const temperatures = endpoint.requests.map(({ sampling, nSamples }) => [sampling.temperature, nSamples]);
    assert.deepEqual(temperatures.sort(), [
      [0, 1],
      [0, 1],
      [0.7, 3],
      [0.7, 3],
    ]);
  });
});

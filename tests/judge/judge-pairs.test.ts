import assert from 'node:assert/strict';
import { judgePairs } from '../../lib/src/judge/index.js';
import { loadPack } from '../../lib/src/prompt/index.js';
import type { JudgedPair, ResponsePair } from '../../lib/src/schema/index.js';
import { collect, NEVER, scriptedModel } from '../fixtures/scripted-endpoint.js';

const pairs: ResponsePair[] = ['p0', 'p1', 'p2', 'p3'].map((pairId) => ({
  pairId,
  instructionId: `i-${pairId}`,
  instruction: `compute ${pairId}`,
  slice: 'math',
  winner: { text: 'W', model: 'm', method: 'answer' },
  loser: { text: 'L', model: 'm', method: 'answer-to-modified-instruction', modifiedInstruction: 'x' },
}));

async function judge(
  orders: 'both' | 'balanced' | 'winner-first',
  samples = 2,
): Promise<{ judged: JudgedPair[]; prompts: string[] }> {
  const { chatModel, endpoint } = scriptedModel(() => ['9 = 3 [[A]]', 'no verdict', '[[B]]']);
  const outcomes = await collect(
    judgePairs(pairs, {
      chatModel,
      pack: await loadPack('micro'),
      model: 'judge',
      sampling: { temperature: 0.7, topP: 0.9, maxTokens: 8 },
      samples,
      orders,
      seed: 1,
      signal: NEVER,
    }),
  );
  return {
    judged: outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record] : [])),
    prompts: endpoint.requests.map(({ messages }) => messages[0]!.content),
  };
}

describe('judging', () => {
  it('shows every pair in both orders when asked to', async () => {
    const { judged, prompts } = await judge('both');
    assert.deepEqual(prompts.slice(0, 2), [
      'judge W [[A]] L [[B]] compute p0',
      'judge L [[A]] W [[B]] compute p0',
    ]);
    assert.deepEqual(
      judged[0]!.judgments.map(({ order, sampleIndex }) => [order, sampleIndex]),
      [
        ['winner-first', 0],
        ['winner-first', 1],
        ['loser-first', 0],
        ['loser-first', 1],
      ],
    );
  });

  it('shows the winner first in every pair where a position shortcut is planted', async () => {
    const { prompts } = await judge('winner-first');
    assert.deepEqual(
      prompts,
      ['p0', 'p1', 'p2', 'p3'].map((pairId) => `judge W [[A]] L [[B]] compute ${pairId}`),
    );
  });

  it('shows each pair in one order when balanced, the winner first in every other pair', async () => {
    const { judged } = await judge('balanced');
    assert.deepEqual(
      judged.map(({ judgments }) => judgments[0]!.order),
      ['winner-first', 'loser-first', 'winner-first', 'loser-first'],
    );
  });

  it('keeps order and slice apart when balanced', async () => {
    const { chatModel } = scriptedModel(() => ['[[A]]']);
    const mixed = Array.from({ length: 8 }, (_, i) => ({
      ...pairs[0]!,
      pairId: `p${i}`,
      slice: i % 2 === 0 ? 'code' : 'math',
    }));
    const options = {
      chatModel,
      pack: await loadPack('micro'),
      model: 'j',
      samples: 1,
      orders: 'balanced',
      seed: 1,
    } as const;
    const sampling = { temperature: 1, topP: 1, maxTokens: 8 };
    const outcomes = await collect(judgePairs(mixed, { ...options, sampling, signal: NEVER }));
    const orders = outcomes.map((outcome) =>
      outcome.kind === 'kept' ? outcome.record.judgments[0]!.order : '',
    );
    for (const slice of [0, 1]) {
      const ofSlice = orders.filter((_, i) => i % 2 === slice);
      assert.equal(ofSlice.filter((order) => order === 'winner-first').length, 2);
    }
  });

  it('keeps judgments without a verdict as what they are', async () => {
    const { judged } = await judge('balanced', 3);
    assert.deepEqual(
      judged[0]!.judgments.map(({ verdict }) => verdict),
      [{ kind: 'A' }, { kind: 'unparsed', reason: 'no-marker' }, { kind: 'B' }],
    );
  });

  it('asks for the two orders of a pair with different seeds', async () => {
    const { chatModel, endpoint } = scriptedModel(() => ['[[A]]']);
    const options = {
      chatModel,
      pack: await loadPack('micro'),
      model: 'j',
      samples: 1,
      orders: 'both',
      seed: 1,
      signal: NEVER,
    } as const;
    await collect(judgePairs(pairs, { ...options, sampling: { temperature: 1, topP: 1, maxTokens: 8 } }));
    assert.equal(new Set(endpoint.requests.map(({ seed }) => seed)).size, 8);
  });
});

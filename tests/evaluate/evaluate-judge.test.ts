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

  it('records lengths, authors and how the benchmark lists a pair, and shows a reference answer', async () => {
    const { chatModel, endpoint } = scriptedModel(() => ['[[A]]']);
    const [outcome] = await collect(
      evaluateJudge(
        [{ ...item, winner: 'longer', givenFirst: 'loser', winnerModel: 'm', reference: 'forty-two' }],
        { chatModel, pack: await loadPack('general'), model: 'judge', maxTokens: 8, seed: 1, signal: NEVER },
      ),
    );
    assert.ok(outcome?.kind === 'kept');
    const { winner, loser, givenFirst } = outcome.record;
    assert.deepEqual(
      [winner, loser, givenFirst],
      [{ nCharacters: 6, model: 'm' }, { nCharacters: 1 }, 'loser'],
    );
    for (const { messages } of endpoint.requests)
      assert.match(
        messages.at(-1)!.content,
        /compute x\s+<reference_answer>\s+forty-two\s+<\/reference_answer>/,
      );
  });

  it('draws one order by item where one is asked for, the same for every judge and seed', async () => {
    const items = Array.from({ length: 40 }, (_, i) => ({ ...item, itemId: `item-${i}` }));
    const ordersOf = async (seed: number, orderSeed: number): Promise<string[]> => {
      const outcomes = await collect(
        evaluateJudge(items, {
          chatModel: scriptedModel(() => ['[[A]]']).chatModel,
          pack: await loadPack('micro'),
          model: `judge-${seed}`,
          maxTokens: 8,
          orders: 'one',
          orderSeed,
          seed,
          signal: NEVER,
        }),
      );
      return outcomes.map((outcome) => {
        assert.ok(outcome.kind === 'kept');
        assert.equal(outcome.record.orders.length, 1);
        return outcome.record.orders[0]!.order;
      });
    };
    const drawn = await ordersOf(1, 1);
    assert.deepEqual(await ordersOf(2, 1), drawn);
    assert.notDeepEqual(await ordersOf(1, 2), drawn);
    // 40 fair draws: fewer than 8 of a kind has a chance of 2 in 100,000.
    const nWinnerFirst = drawn.filter((order) => order === 'winner-first').length;
    assert.ok(nWinnerFirst >= 8 && nWinnerFirst <= 32, String(nWinnerFirst));
  });

  it('grades each response alone where asked to: the higher grade wins in both orders', async () => {
    const grades: Record<string, string> = {
      W: 'good [[8]]',
      L: 'poor [[3]]',
      V: 'good, too [[8]]',
      X: 'no grade',
    };
    const { chatModel, endpoint } = scriptedModel((prompt) => {
      const response = /<response>\s+(\w)\s+<\/response>/.exec(prompt)?.[1] ?? '';
      return [grades[response] ?? ''];
    });
    const outcomes = await collect(
      evaluateJudge(
        [item, { ...item, itemId: 'even', loser: 'V' }, { ...item, itemId: 'unread', loser: 'X' }],
        {
          chatModel,
          pack: await loadPack('mt-bench'),
          model: 'judge',
          maxTokens: 8,
          method: 'single-grading',
          seed: 1,
          signal: NEVER,
        },
      ),
    );
    const verdicts = outcomes.map((outcome) => {
      assert.ok(outcome.kind === 'kept');
      return outcome.record.orders.map(({ verdict }) => verdict.kind);
    });
    assert.deepEqual(verdicts, [
      ['A', 'B'],
      ['tie', 'tie'],
      ['unparsed', 'unparsed'],
    ]);
    assert.ok(outcomes[0]?.kind === 'kept');
    assert.deepEqual(outcomes[0].record.grades, {
      winner: { text: 'good [[8]]', grade: 8 },
      loser: { text: 'poor [[3]]', grade: 3 },
    });
    // The winner is the same response in all three, and asked for once.
    assert.equal(endpoint.requests.length, 4);
  });
});

import assert from 'node:assert/strict';
import { goldLabelsSchema, goldOfLabel } from '../../lib/src/evaluate/gold-label.js';
import { recordedJudgmentSchema } from '../../lib/src/schema/index.js';

describe('a label that is not known', () => {
  for (const [label, advice] of [
    ['response_b', /columns\.labels \(first, second, tie\), perhaps \{"second": \["response_b"\]\}$/],
    ['Model 1', /perhaps \{"first": \["Model 1"\]\}$/],
    ['both', /perhaps \{"tie": \["both"\]\}$/],
    ['banana', /\(first, second, tie\), or of numbers set labels\.threshold$/],
  ] as const)
    it(`comes with what ${label} may mean`, () => {
      const labels = goldLabelsSchema.parse({});
      assert.throws(() => goldOfLabel(label, { labels, column: 'vote' }), advice);
    });

  it('comes with what to write for it in a recorded judgment', () => {
    const problemOf = (gold: unknown): string | undefined =>
      recordedJudgmentSchema.safeParse({ itemId: 'a', gold, text: '[[A]]' }).error?.issues[0]?.message;
    const expected = 'expected first, second or tie, of the responses as they are listed';
    assert.equal(problemOf('b'), `${expected}: for "b" write "second"`);
    assert.equal(problemOf(7), expected);
  });
});

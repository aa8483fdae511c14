import assert from 'node:assert/strict';
import { formatOfRow, judgmentsOf, refusalOf } from './reading.js';

describe('recorded judgments of PandaLM', () => {
  it('are numbers or texts: 1 and 2 name a response, 0 and Tie none', () => {
    const kinds = [1, 2, 0, '1', '2', '0', 'Tie', 'tie', '1\nbecause', 'Response 1', 3, ''].map(
      (gpt_result) => judgmentsOf('pandalm', { idx: 3, gpt_result })[0]?.verdict.kind,
    );
    assert.deepEqual(kinds, [
      ...['A', 'B', 'tie', 'A', 'B', 'tie', 'tie', 'tie', 'A'],
      ...['unparsed', 'unparsed', 'unparsed'],
    ]);
  });

  it('are of the judge that a column is named after, on the pair as it is listed', () => {
    const row = { idx: 3, gpt_result: '1', gpt_reason: 'short', other_judge_result: 2 };
    assert.equal(formatOfRow(row), 'pandalm');
    const common = {
      kind: 'judgment',
      subset: 'all',
      item: { itemId: '3', gold: null },
      shown: 'given',
      rule: 'pandalm',
      // parse_pandalm_response takes all that it cannot read for a tie.
    };
    assert.deepEqual(judgmentsOf('pandalm', row), [
      { ...common, judge: 'gpt', text: '1', verdict: { kind: 'A' } },
      { ...common, judge: 'other_judge', text: '2', verdict: { kind: 'B' } },
    ]);
    assert.equal(judgmentsOf('pandalm', { idx: 3, gpt_result: 1 }, { judge: 'me' })[0]?.judge, 'me');
  });

  it('take their gold label from the items of the benchmark', () => {
    const humanVotes = { first: 1, second: 2, tie: 0 };
    const item = { itemId: '3', subset: 'all', gold: 'second' as const, humanVotes };
    const [judgment] = judgmentsOf('pandalm', { idx: 3, gpt_result: 1 }, { items: [item] });
    assert.equal(judgment?.item, item);
  });

  it('cannot be used without a number and results that are texts or whole numbers', () => {
    for (const bad of [
      { idx: 3 },
      { idx: '3', gpt_result: 1 },
      { idx: -1, gpt_result: 1 },
      { idx: 3, gpt_result: null },
      { idx: 3, gpt_result: 1.5 },
      { idx: 3, gpt_result: true },
      { idx: 3, gpt_result: 1, other_result: [] },
      { gpt_result: 1 },
    ])
      assert.equal(refusalOf('pandalm', bad), 'wrong-shape', JSON.stringify(bad));
  });
});

describe('the format of a row', () => {
  it('is told by its columns, and by none where it fits none', () => {
    assert.equal(formatOfRow({ idx: 1, response1: 'a', response2: 'b' }), undefined);
    assert.equal(formatOfRow({}), undefined);
    assert.equal(formatOfRow({ label: 1, results: 'text' }), undefined);
    assert.equal(formatOfRow({ question_id: 1, judgment: 'text' }), undefined);
    assert.equal(formatOfRow({ itemId: 'x', answer: 'A' }), undefined);
  });
});

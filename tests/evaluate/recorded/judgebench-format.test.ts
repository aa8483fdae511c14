import assert from 'node:assert/strict';
import { judgmentsOf, refusalOf } from './reading.js';

const texts = ['My final verdict is [[B>A]]', 'My final verdict is [[A>>B]]'];
const row = {
  pair_id: 'p',
  source: 'mmlu-pro-law',
  label: 'B>A',
  judge_name: 'arena_hard',
  judgments: [
    { judgment: { judge_model: 'm', prompt: '…', response: texts[0] }, decision: 'B>A' },
    { judgment: { judge_model: 'm', prompt: '…', response: texts[1] }, decision: 'A=B' },
  ],
};
const common = { kind: 'judgment', judge: 'm', subset: 'all', item: { itemId: 'p', gold: 'second' } };

describe('recorded judgments of JudgeBench', () => {
  it('are texts in both orders, with the recorded decision beside them', () => {
    assert.deepEqual(judgmentsOf('judgebench', row), [
      {
        ...common,
        shown: 'given',
        rule: 'arena-hard',
        verdict: { kind: 'B', strength: 'slight' },
        text: texts[0],
        recorded: 'B',
      },
      {
        ...common,
        shown: 'swapped',
        rule: 'arena-hard',
        verdict: { kind: 'A', strength: 'significant' },
        text: texts[1],
        recorded: 'tie',
      },
    ]);
  });

  it('are scores of a reward model, or decisions alone', () => {
    const scored = [
      [1, 2.5],
      [2.5, 1],
      [3, 3],
    ].map((scores) => ({ judgment: { scores }, decision: 'B>A' }));
    assert.deepEqual(
      [scored.slice(0, 2), scored.slice(2)].flatMap((judgments) =>
        judgmentsOf('judgebench', { ...row, judge_name: 'reward_model', judgments }).map(
          ({ judge, rule, verdict }) => [judge, rule, verdict.kind],
        ),
      ),
      [
        ['reward_model', 'scores', 'B'],
        ['reward_model', 'scores', 'A'],
        ['reward_model', 'scores', 'tie'],
      ],
    );
    const decided = { ...row, judge_name: 'other', judgments: [{ decision: 'A>B' }, { decision: null }] };
    assert.deepEqual(
      judgmentsOf('judgebench', decided).map(({ rule, verdict, recorded }) => [rule, verdict.kind, recorded]),
      [
        ['recorded', 'A', undefined],
        ['recorded', 'unparsed', undefined],
      ],
    );
  });

  it('are read by the rule of their judge, and decide nothing where the decision is no label', () => {
    const texts: [string, string, string][] = [
      ['compass_judger', '[[A<B]]', 'A<B'],
      ['auto_j', 'The final decision is Response 1.', 'A>B'],
      ['judge_lm', '3 9', 'B>A'],
      ['panda_lm', 'Tie', 'A=B'],
      ['vanilla', 'Output (b)', 'B>A'],
      ['prometheus_2', 'Sound. [RESULT] B', 'B>A'],
      ['skywork_critic', '[[B]]', 'A>B'],
      ['chat_eval', '', 'A<B'],
    ];
    assert.deepEqual(
      texts.flatMap(([judge_name, response, decision]) =>
        judgmentsOf('judgebench', {
          ...row,
          judge_name,
          judgments: [{ judgment: { response }, decision }],
        }).map(({ rule, verdict, recorded }) => [rule, verdict.kind, recorded]),
      ),
      [
        ['arena-hard', 'unparsed', 'unparsed'],
        ['auto-j', 'A', 'A'],
        ['two-scores', 'B', 'B'],
        ['pandalm', 'tie', 'tie'],
        ['llmbar-label', 'B', 'B'],
        ['result', 'B', 'B'],
        ['recorded', 'A', undefined],
        ['recorded', 'unparsed', undefined],
      ],
    );
  });

  it('are refused where their label is not that of the benchmark', () => {
    const items = [{ itemId: 'p', gold: 'first' as const, subset: 'knowledge' }];
    assert.equal(refusalOf('judgebench', row, { items }), 'gold-differs');
  });
});

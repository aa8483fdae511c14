import assert from 'node:assert/strict';
import type { KnownItem } from '../../../lib/src/evaluate/index.js';
import { formatOfRow, gradesOf, judgmentsOf, refusalOf } from './reading.js';

const pair = {
  question_id: 90,
  model_1: 'm',
  model_2: 'n',
  g1_judgment: 'so [[A]]',
  g2_judgment: 'so [[C]]',
  g1_winner: 'model_1',
  g2_winner: 'tie',
  judge: ['gpt-9', 'pair-v2'],
  turn: 1,
};

describe('recorded pair judgments of MT-Bench', () => {
  it('are read in both orders: the second game shows the second model first', () => {
    assert.equal(formatOfRow(pair), 'mt-bench');
    const judgments = judgmentsOf('mt-bench', pair);
    const common = {
      kind: 'judgment',
      judge: 'gpt-9',
      subset: 'turn 1',
      item: { itemId: '90/m/n/1', gold: null, cluster: '90', responses: [{ model: 'm' }, { model: 'n' }] },
      rule: 'mt-bench',
    };
    assert.deepEqual(judgments, [
      { ...common, shown: 'given', text: pair.g1_judgment, verdict: { kind: 'A' }, recorded: 'A' },
      { ...common, shown: 'swapped', text: pair.g2_judgment, verdict: { kind: 'tie' }, recorded: 'tie' },
    ]);
  });

  it('turn the recorded winners into what was shown', () => {
    const recordedOf = (g1_winner: string, g2_winner: string): unknown[] =>
      judgmentsOf('mt-bench', { ...pair, g1_winner, g2_winner }).map(({ recorded }) => recorded);
    assert.deepEqual(recordedOf('model_1', 'model_1'), ['A', 'B']);
    assert.deepEqual(recordedOf('model_2', 'model_2'), ['B', 'A']);
    assert.deepEqual(recordedOf('error', 'tie'), ['unparsed', 'tie']);
    const without = { ...pair, g1_winner: undefined, g2_winner: undefined };
    assert.deepEqual(
      judgmentsOf('mt-bench', without).map((judgment) => 'recorded' in judgment),
      [false, false],
    );
  });

  it('take gold and votes from the items of the benchmark, also where these list the models the other way', () => {
    const item: KnownItem = {
      itemId: '90/n/m/1',
      subset: 'turn 1',
      gold: 'first',
      responses: [
        { model: 'n', nCharacters: 1 },
        { model: 'm', nCharacters: 2 },
      ],
      humanVotes: { first: 3, second: 1, tie: 2 },
    };
    const [judgment] = judgmentsOf('mt-bench', pair, { items: [item] });
    assert.deepEqual(judgment?.item, {
      itemId: '90/m/n/1',
      gold: 'second',
      cluster: '90',
      responses: [
        { model: 'm', nCharacters: 2 },
        { model: 'n', nCharacters: 1 },
      ],
      humanVotes: { first: 1, second: 3, tie: 2 },
    });
    const [tie] = judgmentsOf('mt-bench', pair, { items: [{ ...item, gold: 'tie' }] });
    assert.equal(tie?.item.gold, 'tie');
    const [sameWay] = judgmentsOf('mt-bench', pair, { items: [{ ...item, itemId: '90/m/n/1' }] });
    assert.deepEqual([sameWay?.item.gold, sameWay?.item.humanVotes], ['first', item.humanVotes]);
    const [otherTurn] = judgmentsOf('mt-bench', { ...pair, turn: 2 }, { items: [item] });
    assert.deepEqual([otherTurn?.item.gold, otherTurn?.subset], [null, 'turn 2']);
  });

  it('are of the judge and by the rule that the command names', () => {
    const both = { ...pair, g1_judgment: '[[A]] then [[B]]' };
    const [judgment] = judgmentsOf('mt-bench', both, { judge: 'me', rule: 'last-marker' });
    assert.deepEqual([judgment?.judge, judgment?.rule, judgment?.verdict.kind], ['me', 'last-marker', 'B']);
    assert.equal(judgmentsOf('mt-bench', both)[0]?.verdict.kind, 'A');
  });

  it('cannot be used where something is missing or of another type', () => {
    for (const bad of [
      { ...pair, g2_judgment: undefined },
      { ...pair, g1_judgment: null },
      { ...pair, g1_winner: 'm' },
      { ...pair, judge: 'gpt-9' },
      { ...pair, model_2: 4 },
      { ...pair, turn: 0 },
      { ...pair, question_id: 1.5 },
    ])
      assert.equal(refusalOf('mt-bench', bad), 'wrong-shape', JSON.stringify(bad));
  });
});

describe('recorded grades of MT-Bench', () => {
  const graded = {
    question_id: 90,
    model: 'm',
    judgment: 'Rating: [[7]]',
    score: 7,
    judge: ['gpt-9', 'single-v1'],
    turn: 2,
  };

  it('are read again from the text', () => {
    assert.equal(formatOfRow(graded), 'mt-bench');
    assert.deepEqual(gradesOf('mt-bench', graded), [
      {
        kind: 'grade',
        judge: 'gpt-9',
        model: 'm',
        turn: 2,
        itemId: '90',
        rule: 'mt-bench',
        grade: 7,
        recorded: 7,
      },
    ]);
    assert.equal(gradesOf('mt-bench', { ...graded, judgment: 'so [8.5]', score: undefined })[0]?.grade, 8.5);
  });

  it('are none where the text has none or one beyond the scale; -1 is how that was recorded', () => {
    const [nothing] = gradesOf('mt-bench', { ...graded, judgment: 'seven', score: -1 });
    assert.deepEqual([nothing?.grade, nothing?.recorded], [null, null]);
    const [beyond] = gradesOf('mt-bench', { ...graded, judgment: '[[11]]', score: 11 });
    assert.deepEqual([beyond?.grade, beyond?.recorded], [null, 11]);
  });

  it('cannot be used where something is missing or of another type', () => {
    for (const bad of [
      { ...graded, judgment: 7 },
      { ...graded, model: null },
      { ...graded, score: '7' },
      { ...graded, judge: ['gpt-9'] },
    ])
      assert.equal(refusalOf('mt-bench', bad), 'wrong-shape', JSON.stringify(bad));
  });
});

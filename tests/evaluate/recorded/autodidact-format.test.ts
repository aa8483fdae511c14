import assert from 'node:assert/strict';
import type { KnownItem } from '../../../lib/src/evaluate/index.js';
import type { EvaluatedItem } from '../../../lib/src/schema/index.js';
import { formatOfRow, judgmentsOf, refusalOf } from './reading.js';

const known: KnownItem = {
  itemId: 'x',
  subset: 'math',
  gold: 'second',
  responses: [{ nCharacters: 3 }, { nCharacters: 5 }],
  humanVotes: { first: 0, second: 2, tie: 1 },
};

describe("this project's recorded judgments", () => {
  it('need no more than an item and a text', () => {
    const row = { itemId: 'x', text: 'so [[B]]' };
    assert.equal(formatOfRow(row), 'autodidact');
    assert.deepEqual(judgmentsOf('autodidact', row), [
      {
        kind: 'judgment',
        judge: 'judge-1',
        subset: 'all',
        item: { itemId: 'x', gold: null },
        shown: 'given',
        rule: 'strict',
        text: 'so [[B]]',
        verdict: { kind: 'B' },
        recorded: undefined,
      },
    ]);
  });

  it('say who judged, what, in which order, and what was recorded then', () => {
    const [judgment] = judgmentsOf('autodidact', {
      itemId: 'x',
      text: '[[A]]',
      judge: 'j',
      subset: 's',
      gold: 'tie',
      shown: 'swapped',
      verdict: 'unparsed',
    });
    assert.deepEqual(
      [judgment?.judge, judgment?.subset, judgment?.item.gold, judgment?.shown, judgment?.recorded],
      ['j', 's', 'tie', 'swapped', 'unparsed'],
    );
  });

  it('take what they do not say from the items of the benchmark', () => {
    const [judgment] = judgmentsOf('autodidact', { itemId: 'x', text: '[[A]]' }, { items: [known] });
    assert.equal(judgment?.subset, 'math');
    const { gold, responses, humanVotes } = judgment.item;
    assert.deepEqual(
      { gold, responses, humanVotes },
      {
        gold: 'second',
        responses: known.responses,
        humanVotes: known.humanVotes,
      },
    );
  });

  it('are named by the command before the row, and by the file last', () => {
    const row = { itemId: 'x', text: '' };
    assert.equal(judgmentsOf('autodidact', { ...row, judge: 'j' }, { judge: 'k' })[0]?.judge, 'k');
    for (const file of ['a/my-judge.jsonl', 'my-judge.jsonl.gz', 'my-judge.json'])
      assert.equal(judgmentsOf('autodidact', row, { file })[0]?.judge, 'my-judge');
  });

  it('are read by another rule where one is named, and cut ones as cut', () => {
    const both = { itemId: 'x', text: '[[A]] or [[B]]' };
    assert.equal(judgmentsOf('autodidact', both)[0]?.verdict.kind, 'unparsed');
    const [lastMarker] = judgmentsOf('autodidact', both, { rule: 'last-marker' });
    assert.deepEqual([lastMarker?.verdict.kind, lastMarker?.rule], ['B', 'last-marker']);
    const [cut] = judgmentsOf('autodidact', { itemId: 'x', text: '[[A]]', finishReason: 'length' });
    assert.deepEqual(cut?.verdict, { kind: 'unparsed', reason: 'truncated' });
  });

  it("may be verdicts without text, with numbers as ids and columns of one's own", () => {
    const [verdict] = judgmentsOf('autodidact', {
      itemId: 7,
      verdict: 'tie',
      shown: 'swapped',
      note: 'mine',
    });
    assert.deepEqual(
      [verdict?.item.itemId, verdict?.shown, verdict?.rule, verdict?.verdict, verdict?.text],
      ['7', 'swapped', 'recorded', { kind: 'tie' }, undefined],
    );
    const [none] = judgmentsOf('autodidact', { itemId: 'x', verdict: 'unparsed' });
    assert.deepEqual(none?.verdict, { kind: 'unparsed', reason: 'no-marker' });
  });

  it('cannot be used where a field is missing or of another type, or gold is another', () => {
    for (const row of [
      { itemId: 'x' },
      { text: '[[A]]' },
      { itemId: '', text: '' },
      { itemId: true, text: '' },
      { itemId: 'x', text: null },
      { itemId: 'x', text: '', shown: 'A' },
      { itemId: 'x', text: '', gold: 'A' },
      { itemId: 'x', text: '', verdict: 'C' },
    ])
      assert.equal(refusalOf('autodidact', row), 'wrong-shape', JSON.stringify(row));
    const row = { itemId: 'x', text: '', gold: 'first' };
    assert.equal(refusalOf('autodidact', row, { items: [known] }), 'gold-differs');
    assert.equal(refusalOf('autodidact', { ...row, gold: 'second' }, { items: [known] }), 'none');
  });
});

describe('the evaluated items of a run', () => {
  const evaluated: EvaluatedItem = {
    itemId: 'x',
    slice: 'math',
    errorKind: 'e',
    winner: { nCharacters: 5 },
    loser: { nCharacters: 3 },
    orders: [
      { order: 'winner-first', text: '[[A]]', verdict: { kind: 'A' } },
      { order: 'loser-first', text: 'cut [[A]]', verdict: { kind: 'unparsed', reason: 'truncated' } },
    ],
  };

  it('are two judgments of a pair with the winner listed first', () => {
    assert.equal(formatOfRow(evaluated), 'autodidact');
    const judgments = judgmentsOf('autodidact', evaluated);
    assert.deepEqual(
      judgments.map(({ shown, verdict, recorded, subset, judge }) => [
        shown,
        verdict.kind,
        recorded,
        subset,
        judge,
      ]),
      [
        ['given', 'A', 'A', 'math', 'judge-1'],
        // It was cut then, so that its marker says nothing now either.
        ['swapped', 'unparsed', 'unparsed', 'math', 'judge-1'],
      ],
    );
    const { gold, responses } = judgments[0]!.item;
    assert.deepEqual([gold, responses], ['first', [{ nCharacters: 5 }, { nCharacters: 3 }]]);
  });

  it('are turned into the order in which the benchmark lists them', () => {
    const judgments = judgmentsOf('autodidact', { ...evaluated, givenFirst: 'loser' });
    assert.deepEqual(
      judgments.map(({ shown, item }) => [shown, item.gold, item.responses?.[0].nCharacters]),
      [
        ['swapped', 'second', 3],
        ['given', 'second', 3],
      ],
    );
    assert.equal(judgmentsOf('autodidact', { ...evaluated, goldTie: true })[0]?.item.gold, 'tie');
  });

  it('take the votes of people and the subset from the items of the benchmark', () => {
    const row = { ...evaluated, slice: 'other', givenFirst: 'loser' };
    const [judgment] = judgmentsOf('autodidact', row, { items: [known] });
    assert.deepEqual([judgment?.subset, judgment?.item.humanVotes], ['math', known.humanVotes]);
  });

  it('cannot be used where the benchmark has another gold label, or an order is none', () => {
    assert.equal(refusalOf('autodidact', evaluated, { items: [known] }), 'gold-differs');
    assert.equal(refusalOf('autodidact', { ...evaluated, orders: [] }), 'wrong-shape');
    assert.equal(refusalOf('autodidact', { ...evaluated, orders: 'both' }), 'wrong-shape');
    const [order] = evaluated.orders;
    assert.equal(
      refusalOf('autodidact', { ...evaluated, orders: [{ ...order, order: 'given' }] }),
      'wrong-shape',
    );
  });
});

import assert from 'node:assert/strict';
import {
  byConvention,
  countedAs,
  labelOf,
  namedBy,
  pooledSubsets,
  scoreSumOf,
  VerdictTable,
} from '../../lib/src/evaluate/index.js';
import { tableFrom } from './tables.js';

describe('a verdict table', () => {
  it('counts verdicts by item, order and kind, and keeps items in the order in which they came', () => {
    const table = tableFrom({
      y: { gold: 'second', given: 'AAB-', swapped: 'C' },
      x: { gold: null, swapped: 'B' },
    });
    assert.equal(table.nItems, 2);
    assert.deepEqual(
      [...table.items()],
      [
        ['y', 0],
        ['x', 1],
      ],
    );
    assert.deepEqual(table.votesOf(0, 'given'), { A: 2, B: 1, tie: 0, unparsed: 1 });
    assert.deepEqual(table.votesOf(0, 'swapped'), { A: 0, B: 0, tie: 1, unparsed: 0 });
    assert.equal(table.countOf(1, 'swapped', 'B'), 1);
    assert.deepEqual([table.goldOf(0), table.goldOf(1)], ['second', null]);
    assert.equal(table.find('z'), undefined);
  });

  it('grows beyond its first 64 items, several times, and loses nothing', () => {
    const table = new VerdictTable();
    const golds = ['first', 'second', 'tie'] as const;
    for (let i = 0; i < 300; i++) {
      table.addItem({ itemId: `item ${i}`, gold: golds[i % 3]! });
      table.addVerdicts(`item ${i}`, 'given', { kind: 'A', times: i + 1 });
      table.addVerdicts(`item ${i}`, 'swapped', { kind: 'unparsed', times: 2 });
    }
    assert.equal(table.nItems, 300);
    for (let i = 0; i < 300; i++) {
      const index = table.find(`item ${i}`)!;
      assert.equal(table.goldOf(index), golds[i % 3]);
      assert.deepEqual(table.votesOf(index, 'given'), { A: i + 1, B: 0, tie: 0, unparsed: 0 });
      assert.deepEqual(table.votesOf(index, 'swapped'), { A: 0, B: 0, tie: 0, unparsed: 2 });
    }
  });

  it('takes verdicts before it knows the gold label, and a label before verdicts', () => {
    const table = new VerdictTable();
    table.addVotes('x', 'given', { A: 3, B: 1, tie: 0, unparsed: 0 });
    assert.deepEqual(scoreSumOf(table, 0, 'given'), { sum: 0, size: 0 });
    assert.equal(table.addItem({ itemId: 'x', gold: 'first' }), true);
    assert.deepEqual(scoreSumOf(table, 0, 'given'), { sum: 3, size: 4 });
  });

  it('refuses another gold label for an item and keeps all that it knew', () => {
    const table = new VerdictTable();
    const responses = [{ model: 'm' }, { model: 'n' }] as const;
    assert.equal(table.addItem({ itemId: 'x', gold: 'first', responses }), true);
    assert.equal(
      table.addItem({
        itemId: 'x',
        gold: 'tie',
        responses: [{}, {}],
        humanVotes: { first: 0, second: 0, tie: 1 },
      }),
      false,
    );
    assert.equal(table.goldOf(0), 'first');
    assert.equal(table.responsesOf(0), responses);
    assert.equal(table.humanVotesOf(0), undefined);
    assert.equal(table.addItem({ itemId: 'x', gold: null }), true);
    assert.equal(table.addItem({ itemId: 'x', gold: 'first' }), true);
    assert.equal(table.goldOf(0), 'first');
  });

  it('holds 65,535 verdicts of a kind, and refuses one more rather than starting at 0 again', () => {
    const table = new VerdictTable();
    table.addVerdicts('x', 'given', { kind: 'A', times: 65_535 });
    assert.throws(() => table.addVerdicts('x', 'given', { kind: 'A' }), /x: expected at most 65535/);
    assert.deepEqual(table.votesOf(0, 'given'), { A: 65_535, B: 0, tie: 0, unparsed: 0 });
  });

  it('knows of responses only where something was said of them', () => {
    assert.equal(tableFrom({ x: { gold: 'first' } }).knowsResponses, false);
    assert.equal(tableFrom({ x: { gold: 'first', responses: [{}, {}] } }).knowsResponses, true);
  });
});

describe('the score of a verdict', () => {
  it('is 1 for the gold label, 0 for the other, a half for a tie, and none where there is no verdict', () => {
    const table = tableFrom({ x: { gold: 'first', given: 'AAB', swapped: 'ABC-' } });
    assert.deepEqual(scoreSumOf(table, 0, 'given'), { sum: 2, size: 3 });
    // Swapped, the first response is B: one B and half a tie, of three verdicts.
    assert.deepEqual(scoreSumOf(table, 0, 'swapped'), { sum: 1.5, size: 3 });
  });

  it('is 1 for a tie alone where gold is a tie', () => {
    const table = tableFrom({ x: { gold: 'tie', given: 'ABCC' } });
    assert.deepEqual(scoreSumOf(table, 0, 'given'), { sum: 2, size: 4 });
  });

  it('does not exist where no gold label is known', () => {
    assert.deepEqual(scoreSumOf(tableFrom({ x: { gold: null, given: 'AB' } }), 0, 'given'), {
      sum: 0,
      size: 0,
    });
  });

  it('follows the order in which the pair was shown', () => {
    assert.deepEqual(
      [labelOf('first', 'given'), labelOf('first', 'swapped'), labelOf('second', 'given')],
      ['A', 'B', 'B'],
    );
    assert.deepEqual([labelOf('second', 'swapped'), labelOf('tie', 'swapped')], ['A', 'tie']);
    assert.deepEqual([namedBy('A', 'given'), namedBy('A', 'swapped')], ['first', 'second']);
    assert.deepEqual([namedBy('B', 'given'), namedBy('B', 'swapped')], ['second', 'first']);
    assert.deepEqual([namedBy('tie', 'swapped'), namedBy('unparsed', 'given')], ['tie', null]);
  });
});

describe('pooling of verdict tables', () => {
  it('counts ties and what cannot be read as a convention says, and nothing else', () => {
    const table = tableFrom({
      x: { gold: 'first', given: 'C', swapped: '-' },
      y: { gold: 'second', given: 'A' },
    });
    const counted = byConvention(table, { tie: 'B', unparsed: 'A' });
    assert.deepEqual(counted.votesOf(0, 'given'), { A: 0, B: 1, tie: 0, unparsed: 0 });
    assert.deepEqual(counted.votesOf(0, 'swapped'), { A: 1, B: 0, tie: 0, unparsed: 0 });
    assert.deepEqual(counted.votesOf(1, 'given'), { A: 1, B: 0, tie: 0, unparsed: 0 });
    assert.deepEqual(counted.votesOf(1, 'swapped'), { A: 0, B: 0, tie: 0, unparsed: 0 });
    assert.equal(counted.goldOf(0), 'first');
    // The table itself stays as it was, and is enough where nothing is counted otherwise.
    assert.deepEqual(table.votesOf(0, 'given'), { A: 0, B: 0, tie: 1, unparsed: 0 });
    assert.equal(byConvention(table, {}), table);
    assert.deepEqual([countedAs('tie', {}), countedAs('A', { tie: 'B' })], ['tie', 'A']);
  });

  it('takes the majority of samples before the convention, which has no say while a verdict was read', () => {
    const counted = byConvention(tableFrom({ x: { gold: 'first', given: 'AA---' } }), { unparsed: 'tie' });
    assert.deepEqual(counted.votesOf(0, 'given'), { A: 1, B: 0, tie: 0, unparsed: 0 });
  });

  it('keeps items of the same id in different subsets apart', () => {
    const humanVotes = { first: 0, second: 2, tie: 0 };
    const all = pooledSubsets(
      new Map([
        ['math', tableFrom({ 1: { gold: 'first', given: 'A' } })],
        ['code', tableFrom({ 1: { gold: 'second', given: 'B-', swapped: 'C', humanVotes } })],
      ]),
    );
    assert.deepEqual([all.nItems, all.goldOf(0), all.goldOf(1)], [2, 'first', 'second']);
    assert.deepEqual(all.votesOf(1, 'given'), { A: 0, B: 1, tie: 0, unparsed: 1 });
    assert.deepEqual(all.votesOf(1, 'swapped'), { A: 0, B: 0, tie: 1, unparsed: 0 });
    assert.equal(all.humanVotesOf(1), humanVotes);
    const only = tableFrom({ x: { gold: 'first' } });
    assert.equal(pooledSubsets(new Map([['all', only]])), only);
    assert.equal(pooledSubsets(new Map()).nItems, 0);
  });
});

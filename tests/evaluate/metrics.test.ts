import assert from 'node:assert/strict';
import { compareJudges, countVotes, judgeMetrics, majority } from '../../lib/src/evaluate/index.js';
import {
  judgeMetricsSchema,
  verdictScore,
  type EvaluatedItem,
  type Verdict,
} from '../../lib/src/schema/index.js';

const VERDICTS: Record<string, Verdict> = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  C: { kind: 'tie' },
  '-': { kind: 'unparsed', reason: 'no-marker' },
};

/** `item('x', 'AB')`: A with the winner first (right), B with the loser first (right). */
function item(itemId: string, verdicts: string, slice = 'math'): EvaluatedItem {
  return {
    itemId,
    slice,
    errorKind: 'off-by-one',
    orders: [
      { order: 'winner-first', text: '', verdict: VERDICTS[verdicts[0]!]! },
      { order: 'loser-first', text: '', verdict: VERDICTS[verdicts[1]!]! },
    ],
  };
}

describe('judge metrics', () => {
  it('count a judge that is always right, one that always says A, and one that is half right', () => {
    assert.equal(judgeMetrics([item('x', 'AB'), item('y', 'AB')]).accuracy.value, 1);
    const alwaysA = judgeMetrics([item('x', 'AA'), item('y', 'AA')]);
    assert.deepEqual(
      [
        alwaysA.accuracy.value,
        alwaysA.shareOfA.value,
        alwaysA.positionConsistency.value,
        alwaysA.bothOrdersCorrect.value,
      ],
      [0.5, 1, 0, 0],
    );
    const half = judgeMetrics([item('x', 'AB'), item('y', 'BA')]);
    assert.deepEqual(
      [half.accuracy.value, half.positionConsistency.value, half.bothOrdersCorrect.value],
      [0.5, 1, 0.5],
    );
  });

  it('keep what has no verdict out of every share, and count it', () => {
    const metrics = judgeMetrics([item('x', 'A-'), item('y', 'AB')]);
    assert.deepEqual([metrics.accuracy.value, metrics.accuracy.n, metrics.accuracy.unscored], [1, 3, 1]);
    assert.deepEqual([metrics.positionConsistency.n, metrics.positionConsistency.unscored], [1, 1]);
    assert.deepEqual([metrics.bothOrdersCorrect.n, metrics.bothOrdersCorrect.unscored], [1, 1]);
    assert.equal(metrics.nUnparsed, 1);
  });

  it('count items that could not be judged at all as unscored', () => {
    const metrics = judgeMetrics([item('x', 'AB')], { nDropped: 2 });
    assert.deepEqual([metrics.accuracy.value, metrics.accuracy.n, metrics.accuracy.unscored], [1, 2, 4]);
    assert.deepEqual([metrics.nItems, metrics.bothOrdersCorrect.unscored], [3, 2]);
  });

  it('give a tie half a point', () => {
    assert.equal(verdictScore({ kind: 'tie' }, 'winner-first'), 0.5);
    assert.equal(judgeMetrics([item('x', 'CC')]).accuracy.value, 0.5);
  });

  it('have no value for no items, never 0', () => {
    const metrics = judgeMetrics([]);
    assert.deepEqual([metrics.accuracy.value, metrics.accuracy.low, metrics.accuracy.n], [null, null, 0]);
    assert.deepEqual(judgeMetricsSchema.parse(JSON.parse(JSON.stringify(metrics))), metrics);
  });

  it('are split by slice and by kind of error', () => {
    const { accuracyBySlice, accuracyByErrorKind } = judgeMetrics([
      item('x', 'AB', 'math'),
      item('y', 'BA', 'code'),
    ]);
    assert.equal(accuracyBySlice.math?.value, 1);
    assert.equal(accuracyBySlice.code?.value, 0);
    assert.deepEqual(Object.keys(accuracyByErrorKind), ['code/off-by-one', 'math/off-by-one']);
  });

  it('take the majority of votes, a tie where A and B are even, and nothing where nobody voted', () => {
    const vote = (letters: string): string =>
      majority(countVotes([...letters].map((letter) => VERDICTS[letter]!))).kind;
    assert.deepEqual(['AAB', 'ABB-', 'AB', 'AB-', '--', 'CCA'].map(vote), [
      'A',
      'B',
      'tie',
      'tie',
      'unparsed',
      'tie',
    ]);
  });
});

describe('comparison of two judges', () => {
  it('pairs items by id and skips what either could not score', () => {
    const earlier = [item('x', 'AA'), item('y', '--'), item('z', 'BA')];
    const later = [item('z', 'AB'), item('x', 'AB'), item('y', 'AB')];
    const { difference, n, unscored } = compareJudges(earlier, later, { seed: 1 });
    // x: 1 - 0.5, z: 1 - 0, y is out.
    assert.deepEqual([difference, n, unscored], [0.75, 2, 1]);
  });

  it('counts items that only one of them has as unscored', () => {
    const { n, unscored } = compareJudges(
      [item('x', 'AB'), item('y', 'AB')],
      [item('x', 'AB'), item('z', 'AB')],
      { seed: 1 },
    );
    assert.deepEqual([n, unscored], [1, 2]);
  });

  it('compares only the orders that both scored', () => {
    assert.equal(compareJudges([item('x', 'B-')], [item('x', 'AA')], { seed: 1 }).difference, 1);
  });

  it('finds no difference between a judge and itself', () => {
    const items = [item('x', 'AB'), item('y', 'AA')];
    const { difference, pValue, low, high } = compareJudges(items, items, { seed: 1 });
    assert.deepEqual([difference, pValue, low, high], [0, 1, 0, 0]);
  });

  it('has no value where nothing can be paired', () => {
    assert.equal(compareJudges([], [item('x', 'AB')], { seed: 1 }).difference, null);
  });
});

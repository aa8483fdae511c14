import assert from 'node:assert/strict';
import { compareJudges, compareTables } from '../../lib/src/evaluate/index.js';
import type { EvaluatedItem, Verdict } from '../../lib/src/schema/index.js';
import { tableFrom } from './tables.js';

const VERDICTS: Record<string, Verdict> = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  '-': { kind: 'unparsed', reason: 'no-marker' },
};

/** `item('x', 'AB')`: A with the winner first (right), B with the loser first (right). */
function item(itemId: string, verdicts: string): EvaluatedItem {
  return {
    itemId,
    slice: 'math',
    errorKind: 'off-by-one',
    orders: [
      { order: 'winner-first', text: '', verdict: VERDICTS[verdicts[0]!]! },
      { order: 'loser-first', text: '', verdict: VERDICTS[verdicts[1]!]! },
    ],
  };
}

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
    // No difference shows no spread: an interval of no width would be certain.
    assert.deepEqual([difference, pValue, low, high], [0, 1, null, null]);
  });

  it('has no value where nothing can be paired', () => {
    assert.equal(compareJudges([], [item('x', 'AB')], { seed: 1 }).difference, null);
  });
});

describe('comparison of two tables', () => {
  it('takes the mean over the samples of an order before it takes the difference', () => {
    const earlier = tableFrom({ x: { gold: 'first', given: 'AAB', swapped: 'BA' } });
    const later = tableFrom({ x: { gold: 'first', given: 'A', swapped: 'AAAB' } });
    // As given 1 - 2/3, swapped 1/4 - 1/2: their mean is (1/3 - 1/4) / 2 = 1/24.
    const { difference, n } = compareTables(earlier, later, { seed: 1 });
    assert.ok(Math.abs(difference! - 1 / 24) < 1e-12);
    assert.equal(n, 1);
  });

  it('leaves items out that one of them has no gold label for', () => {
    const earlier = tableFrom({ x: { gold: null, given: 'A' }, y: { gold: 'first', given: 'A' } });
    const later = tableFrom({ x: { gold: 'first', given: 'A' }, y: { gold: 'first', given: 'A' } });
    const { n, unscored } = compareTables(earlier, later, { seed: 1 });
    assert.deepEqual([n, unscored], [1, 1]);
  });

  it('has the p of all sign patterns, and no interval where all items differ alike', () => {
    const names = ['x', 'y', 'z'];
    const earlier = tableFrom(Object.fromEntries(names.map((id) => [id, { gold: 'first', given: 'B' }])));
    const later = tableFrom(Object.fromEntries(names.map((id) => [id, { gold: 'first', given: 'A' }])));
    const { difference, pValue, low, high, method } = compareTables(earlier, later, { seed: 1 });
    // Of 2^3 sign patterns two are as extreme: all plus and all minus.
    assert.deepEqual([difference, low, high], [1, null, null]);
    assert.equal(method, 'no interval: 3 clusters, all alike; two-sided sign-flip test of whole clusters');
    assert.ok(Math.abs(pValue! - 0.25) < 1e-12);
  });

  it('says what difference so many items could show', () => {
    const earlier = tableFrom({ x: { gold: 'first', given: 'B' }, y: { gold: 'first', given: 'A' } });
    const later = tableFrom({ x: { gold: 'first', given: 'A' }, y: { gold: 'first', given: 'A' } });
    // Differences 1 and 0: standard deviation sqrt(1/2). (1.959964 + 0.841621) * sqrt(1/2) / sqrt(2), from the quantiles at 97.5% and 80%.
    const { minimumDetectable } = compareTables(earlier, later, { seed: 1 });
    assert.ok(Math.abs(minimumDetectable! - 1.400793) < 1e-5);
    const one = tableFrom({ x: { gold: 'first', given: 'B' } });
    assert.equal(compareTables(one, later, { seed: 1 }).minimumDetectable, null);
  });

  it('is the same for the same seed, whatever the order of items', () => {
    const judged = (letters: string): [string, { gold: 'first'; given: string }][] =>
      [...letters].map((given, i) => [`item ${i}`, { gold: 'first', given }]);
    const earlier = judged('ABABABBBAB');
    const later = judged('AAABABABBB');
    const compared = (seed: number, isReversed: boolean): unknown =>
      compareTables(
        tableFrom(Object.fromEntries(isReversed ? earlier.toReversed() : earlier)),
        tableFrom(Object.fromEntries(later)),
        { seed, nResamples: 200 },
      );
    assert.deepEqual(compared(7, false), compared(7, true));
  });

  it('has no number at all where the two share nothing', () => {
    const compared = compareTables(tableFrom({ x: { gold: 'first', given: 'A' } }), tableFrom({}), {
      seed: 1,
    });
    assert.deepEqual(compared, {
      method: compared.method,
      difference: null,
      n: 0,
      nClusters: 0,
      unscored: 1,
      low: null,
      high: null,
      pValue: null,
      minimumDetectable: null,
    });
  });
});

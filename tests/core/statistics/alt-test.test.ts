import assert from 'node:assert/strict';
import { altTest, benjaminiYekutieli } from '../../../lib/src/core/statistics/index.js';

/** Labels of the items 0, 1, 2, ... from a word with a letter for each. */
function labelsOf(word: string): Map<string, string> {
  return new Map([...word].flatMap((label, i) => (label === '-' ? [] : [[String(i), label]])));
}

function tested(annotators: Record<string, string>, judge: string, epsilon = 0.2) {
  return altTest(
    new Map(Object.entries(annotators).map(([name, word]) => [name, labelsOf(word)])),
    labelsOf(judge),
    { epsilon, leastItems: 4 },
  );
}

describe('the alternative annotator test', () => {
  it('is passed by a judge that agrees with all, and failed by one that agrees with none', () => {
    const people = { ann: 'ABAB', bob: 'ABAB', cal: 'ABAB' };
    // Both agree with the others throughout: the difference is 0 on every item, below 0.2 without a doubt.
    const alike = tested(people, 'ABAB');
    assert.equal(alike.winningRate, 1);
    assert.equal(alike.advantageProbability, 1);
    const unlike = tested(people, 'BABA');
    assert.equal(unlike.winningRate, 0);
    assert.equal(unlike.advantageProbability, 0);
  });

  it('holds a judge against each annotator by a t test', () => {
    // The differences human - judge are 0
    // but 1 on one item of n; their mean 1/n, t = (1/n - 0.2) / sqrt(1/n (1 - 1/n) / (n - 1)).
    const ofLength = (n: number) =>
      tested({ ann: 'A'.repeat(n), bob: 'A'.repeat(n), cal: 'A'.repeat(n) }, `B${'A'.repeat(n - 1)}`);
    // n = 6: t = -0.2, p about 0.42; n = 40: t = -7, p below 1e-7. Times 11/6 for three tests that are alike.
    assert.ok(ofLength(6).annotators.every(({ pValue, isBeaten }) => pValue > 0.7 && !isBeaten));
    assert.ok(ofLength(40).annotators.every(({ pValue, isBeaten }) => pValue < 1e-6 && isBeaten));
    assert.equal(ofLength(40).advantageProbability, 39 / 40);
  });

  it('leaves out annotators with few items, and items of one annotator', () => {
    const { annotators, leftOut } = tested({ ann: 'ABABA', bob: 'ABAB-', cal: 'A----' }, 'ABABA');
    assert.deepEqual(
      annotators.map(({ annotator, nItems }) => [annotator, nItems]),
      [
        ['ann', 4],
        ['bob', 4],
      ],
    );
    assert.deepEqual(leftOut, [{ annotator: 'cal', nItems: 1 }]);
    assert.deepEqual(tested({ ann: 'ABAB' }, 'ABAB'), {
      annotators: [],
      leftOut: [{ annotator: 'ann', nItems: 0 }],
      winningRate: null,
      advantageProbability: null,
    });
    assert.throws(
      () => tested({ ann: 'A' }, 'A', 1),
      /altTest\(epsilon\): expected a number from 0 to below 1/,
    );
  });
});

describe('the adjustment of Benjamini and Yekutieli', () => {
  it('multiplies by the harmonic sum and m over the rank, and never falls with p', () => {
    // m = 3, 1 + 1/2 + 1/3 = 11/6: 0.01 * 3 * 11/6 = 0.055; 0.02 * 3/2 * 11/6 = 0.055; 0.9 * 11/6 > 1.
    assert.deepEqual(
      benjaminiYekutieli([0.9, 0.01, 0.02]).map((p) => Number(p.toFixed(6))),
      [1, 0.055, 0.055],
    );
    assert.deepEqual(benjaminiYekutieli([]), []);
    assert.throws(() => benjaminiYekutieli([2]), /expected a number from 0 to 1 at index 0/);
  });
});

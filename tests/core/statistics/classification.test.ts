import assert from 'node:assert/strict';
import { ConfusionMatrix } from '../../../lib/src/core/statistics/classification.js';
import { near } from './near.js';

describe('classification', () => {
  it("equals scikit-learn's example", () => {
    // precision_recall_fscore_support([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], average='macro') = 0.22, 0.33, 0.26;
    // by hand: class 0 has precision 2/3, recall 1 and F1 4/5, the others 0.
    const matrix = new ConfusionMatrix<number>();
    const predicted = [0, 2, 1, 0, 0, 1];
    [0, 1, 2, 0, 1, 2].forEach((gold, i) => matrix.add(gold, predicted[i]!));
    const macro = matrix.macro();
    assert.ok(macro);
    near(macro.precision, 2 / 9, 1e-15);
    near(macro.recall, 1 / 3, 1e-15);
    near(macro.f1, 4 / 15, 1e-15);
    near(matrix.accuracy(), 1 / 3, 1e-15);
  });

  it('counts each class', () => {
    const matrix = new ConfusionMatrix<string>();
    matrix.add('tie', 'A', 2);
    matrix.add('A', 'A', 3);
    matrix.add('A', 'B');
    assert.equal(matrix.n, 6);
    assert.equal(matrix.count('tie', 'A'), 2);
    assert.equal(matrix.count('B', 'A'), 0);
    // A: precision 3/5, recall 3/4, F1 6/9. B is only ever predicted, tie never: 0 where the denominator is 0.
    assert.deepEqual(matrix.perClass(), [
      {
        label: 'A',
        truePositives: 3,
        falsePositives: 2,
        falseNegatives: 1,
        support: 4,
        precision: 0.6,
        recall: 0.75,
        f1: 6 / 9,
      },
      {
        label: 'B',
        truePositives: 0,
        falsePositives: 1,
        falseNegatives: 0,
        support: 0,
        precision: 0,
        recall: 0,
        f1: 0,
      },
      {
        label: 'tie',
        truePositives: 0,
        falsePositives: 0,
        falseNegatives: 2,
        support: 2,
        precision: 0,
        recall: 0,
        f1: 0,
      },
    ]);
    near(matrix.macro()!.f1, 6 / 9 / 3, 1e-15);
  });

  it('sorts labels by value', () => {
    const matrix = new ConfusionMatrix<number>();
    matrix.add(10, 9);
    matrix.add(2, 10);
    assert.deepEqual(matrix.labels(), [2, 9, 10]);
  });

  it('has no value for no items', () => {
    const matrix = new ConfusionMatrix<string>();
    matrix.add('A', 'B', 0);
    assert.equal(matrix.accuracy(), null);
    assert.equal(matrix.macro(), null);
    assert.deepEqual(matrix.perClass(), []);
    assert.throws(() => matrix.add('A', 'B', 0.5), RangeError);
  });

  it('counts classes that it was told of, even where none of their items are there', () => {
    const matrix = new ConfusionMatrix<string>(['a', 'b']);
    matrix.add('a', 'a');
    // Class b: 0 by convention, so the mean is 1/2 rather than 1.
    assert.equal(matrix.macro()?.f1, 0.5);
  });
});

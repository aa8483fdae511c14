import assert from 'node:assert/strict';
import { GradeTable } from '../../lib/src/evaluate/grade-table.js';
import type { ReadGrade } from '../../lib/src/evaluate/index.js';
import { gradeSetSchema } from '../../lib/src/schema/index.js';
import { brief } from './tables.js';

const grade = (itemId: string, value: number | null, more: Partial<ReadGrade> = {}): ReadGrade => ({
  kind: 'grade',
  judge: 'j',
  model: 'm',
  turn: 1,
  itemId,
  rule: 'mt-bench',
  grade: value,
  ...more,
});

function setsOf(grades: readonly ReadGrade[]): ReturnType<GradeTable['sets']> {
  const table = new GradeTable();
  for (const one of grades) table.add(one);
  return table.sets();
}

describe('grades', () => {
  it('have a mean by judge, model and turn', () => {
    const sets = setsOf([
      grade('x', 9, { turn: 2 }),
      grade('x', 4),
      grade('y', 8.5),
      grade('x', 1, { judge: 'i' }),
      grade('x', 2, { model: 'l' }),
    ]);
    assert.deepEqual(
      sets.map(({ judge, model, turn, meanGrade }) => [judge, model, turn, brief(meanGrade)]),
      [
        ['i', 'm', 1, [1, 1, 0]],
        ['j', 'l', 1, [2, 1, 0]],
        ['j', 'm', 1, [6.25, 2, 0]],
        ['j', 'm', 2, [9, 1, 0]],
      ],
    );
    for (const set of sets) assert.deepEqual(gradeSetSchema.parse(JSON.parse(JSON.stringify(set))), set);
  });

  it('count what has no grade apart, and have no mean of nothing', () => {
    assert.deepEqual(brief(setsOf([grade('x', 4), grade('y', null)])[0]?.meanGrade), [4, 1, 1]);
    const [nothing] = setsOf([grade('x', null)]);
    assert.deepEqual(brief(nothing?.meanGrade), [null, 0, 1]);
    assert.deepEqual([nothing?.meanGrade.low, nothing?.meanGrade.high], [null, null]);
    assert.deepEqual(setsOf([]), []);
  });

  it('take the samples of one question for one observation in the interval', () => {
    // One question only: however many grades it has, nothing shows how questions differ.
    const [samples] = setsOf([grade('x', 2), grade('x', 4), grade('x', 9)]);
    assert.deepEqual(brief(samples?.meanGrade), [5, 3, 0]);
    assert.deepEqual([samples?.meanGrade.low, samples?.meanGrade.high], [null, null]);
    // Two questions: some resamples hold one of them twice, which are more than 2.5% of them either way.
    const [questions] = setsOf([grade('x', 2), grade('y', 8)]);
    assert.deepEqual([questions?.meanGrade.low, questions?.meanGrade.high], [2, 8]);
  });

  it('have the same interval every time, whatever the order of the rows', () => {
    const grades = [3, 5, 7, 8, 10].map((value, i) => grade(`q${i}`, value));
    assert.deepEqual(setsOf(grades), setsOf(grades.toReversed()));
  });
});

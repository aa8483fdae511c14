import assert from 'node:assert/strict';
import { bradleyTerry } from '../../../lib/src/evaluate/pair-votes/bradley-terry.js';

const rounded = (ratings: readonly number[]): number[] => ratings.map((rating) => Math.round(rating));

describe('Bradley-Terry ratings', () => {
  it('are those of odds: ten wins to one are 400 points, less what the imagined tie takes', () => {
    const [first = 0, second = 0] = bradleyTerry([
      [0, 100_000],
      [10_000, 0],
    ]);
    assert.ok(Math.abs(first - second - 400) < 0.1);
    assert.ok(Math.abs(first + second - 2000) < 1e-6);
  });

  it('are equal for equal points, however often they were compared, and 1000 for one that was not compared', () => {
    assert.deepEqual(
      rounded(
        bradleyTerry([
          [0, 5, 2, 0],
          [5, 0, 1, 0],
          [2, 1, 0, 0],
          [0, 0, 0, 0],
        ]),
      ),
      [1000, 1000, 1000, 1000],
    );
  });

  it('satisfy the equations of the maximum: the points of each are those expected', () => {
    const points = [
      [0, 7, 9],
      [3, 0, 6.5],
      [1, 3.5, 0],
    ];
    const strengths = bradleyTerry(points).map((rating) => 10 ** ((rating - 1000) / 400));
    for (const [i, own] of strengths.entries()) {
      const won = points[i]!.reduce((sum, value) => sum + value, 0.5);
      const expected = strengths.reduce(
        (sum, other, j) => (i === j ? sum : sum + ((points[i]![j]! + points[j]![i]!) * own) / (own + other)),
        own / (own + 1),
      );
      assert.ok(Math.abs(won - expected) < 1e-6);
    }
  });

  it('are finite for a system that always wins', () => {
    const [best = 0, worst = 0] = bradleyTerry([
      [0, 20],
      [0, 0],
    ]);
    assert.ok(best > worst && Number.isFinite(best) && Number.isFinite(worst));
  });
});

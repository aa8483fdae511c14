import assert from 'node:assert/strict';
import { checkpointTable } from '../../lib/src/report/index.js';
import type { CheckpointChoice, Estimate } from '../../lib/src/schema/index.js';

const accuracy = (value: number | null, n: number): Estimate => ({
  value,
  n,
  unscored: 20 - n,
  low: value === null ? null : value - 0.1,
  high: value === null ? null : value + 0.1,
  method: 'given',
});

describe('the table of checkpoints', () => {
  it('shows what each was worth and which was taken, training by training', () => {
    const scores = [
      { checkpoint: { model: 'a', epoch: 1, metrics: {} }, accuracy: accuracy(0.5, 20) },
      { checkpoint: { model: 'b', step: 8, epoch: 2, metrics: {} }, accuracy: accuracy(0.75, 18) },
      { checkpoint: { model: 'c', metrics: {} }, accuracy: accuracy(null, 0) },
    ];
    const supervised: CheckpointChoice = {
      validationSet: 'held-out.jsonl',
      scores,
      chosen: scores[1]!,
      stoppedEarly: false,
    };
    const dpo = { ...supervised, scores: scores.slice(0, 1), chosen: scores[0]! };
    const { rows } = checkpointTable([{ iteration: 2, choices: { dpo, supervised } }]);
    assert.deepEqual(rows, [
      ['2', 'supervised', 'epoch 1', '50.0 [40.0, 60.0]', '20', '0', ''],
      ['2', 'supervised', 'step 8', '75.0 [65.0, 85.0]', '18', '2', 'yes'],
      ['2', 'supervised', 'c', '–', '0', '20', ''],
      ['2', 'dpo', 'epoch 1', '50.0 [40.0, 60.0]', '20', '0', 'yes'],
    ]);
  });

  it('has no rows where the last checkpoint was taken without looking', () => {
    assert.deepEqual(checkpointTable([{ iteration: 1, choices: {} }]).rows, []);
  });
});

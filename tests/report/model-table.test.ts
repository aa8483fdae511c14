import assert from 'node:assert/strict';
import { modelTable, toText } from '../../lib/src/report/index.js';
import type { ModelRecord } from '../../lib/src/schema/index.js';

const LAST: ModelRecord = {
  model: 'judge-1',
  parent: 'seed',
  seedModel: 'seed',
  seed: 7,
  method: 'supervised',
  trainingFileHash: '0123456789abcdef',
  nExamples: 1234,
  jobId: 'ftjob-1',
};
const accuracy = { value: 0.71, n: 1038, unscored: 3, low: 0.682, high: 0.737, method: 'wilson' };

describe('the table of models', () => {
  it('tells where each model comes from and which checkpoint it is', () => {
    const checkpoint = { model: 'judge-2:40', step: 40, metrics: {} };
    const choice = { validationSet: 'helpsteer2', chosen: { checkpoint, accuracy }, nScored: 3 };
    const { rows } = modelTable([
      LAST,
      { ...LAST, model: 'judge-2:40', parent: 'judge-1', method: 'dpo', choice },
    ]);
    const origin = ['1,234', '0123456789ab', '7', 'ftjob-1'];
    assert.deepEqual(rows, [
      ['judge-1', 'seed', 'supervised', ...origin, 'last', '', '–', '', ''],
      [
        'judge-2:40',
        'judge-1',
        'dpo',
        ...origin,
        'step 40, best of 3',
        'helpsteer2',
        '71.0 [68.2, 73.7]',
        '1,038',
        '3',
      ],
    ]);
  });

  it('names a checkpoint by its epoch or its name where no step is known', () => {
    const cells = [
      { model: 'a', epoch: 1.5, metrics: {} },
      { model: 'b', metrics: {} },
    ].map((checkpoint) => {
      const choice = { validationSet: 'v', chosen: { checkpoint, accuracy }, nScored: 1 };
      return modelTable([{ ...LAST, choice }]).rows[0]?.[7];
    });
    assert.deepEqual(cells, ['epoch 1.5, best of 1', 'b, best of 1']);
    assert.match(toText(modelTable([])), /^model +from/);
  });
});

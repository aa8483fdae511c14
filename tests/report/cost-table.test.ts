import assert from 'node:assert/strict';
import { costTable } from '../../lib/src/report/index.js';

const spent = { iteration: 0, stage: 'evaluate', requests: 1200, promptTokens: 5000, completionTokens: 70 };

describe('the table of costs', () => {
  it('has a row for each stage and one for their sum', () => {
    const { rows } = costTable([
      { ...spent, costUsd: 1.5 },
      { ...spent, iteration: 1, stage: 'judge', costUsd: 0.25 },
    ]);
    assert.deepEqual(rows, [
      ['0 evaluate', '1,200', '5,000', '70', '$1.50'],
      ['1 judge', '1,200', '5,000', '70', '$0.25'],
      ['in all', '2,400', '10,000', '140', '$1.75'],
    ]);
  });

  it('shows a cost that is not known as such, in the sum too', () => {
    const { rows } = costTable([
      { ...spent, costUsd: null },
      { ...spent, costUsd: 1 },
    ]);
    assert.deepEqual(
      rows.map((row) => row.at(-1)),
      ['–', '$1.00', '–'],
    );
  });

  it('has no rows where nothing was paid for', () => {
    assert.deepEqual(costTable([]).rows, []);
  });
});

import assert from 'node:assert/strict';
import { makeTable } from '../../lib/src/report/index.js';

describe('a table made from columns', () => {
  it('has a row for each record, and blanks where a record has nothing', () => {
    const records = [{ name: 'a', share: 0.5 }, { name: 'b' }];
    assert.deepEqual(
      makeTable<{ name: string; share?: number }>(records, [
        ['name', ({ name }) => name],
        ['share', ({ share }) => share?.toFixed(1)],
        ['share or dash', ({ share }) => share?.toFixed(1), { blank: '–' }],
      ]),
      {
        header: ['name', 'share', 'share or dash'],
        rows: [
          ['a', '0.5', '0.5'],
          ['b', '', '–'],
        ],
      },
    );
  });

  it('leaves out optional columns without any value, and the counts that belong to them', () => {
    const optional = { optional: true };
    const records = [{ c: 3 }, { c: null }];
    const nothing = (): undefined => undefined;
    assert.deepEqual(
      makeTable<{ c: number | null }>(records, [
        ['b', nothing, optional],
        ['n', nothing, optional],
        ['c', ({ c }) => c?.toString(), optional],
        ['n', ({ c }) => (c === null ? null : '9'), optional],
        ['always', nothing],
      ]),
      {
        header: ['c', 'n', 'always'],
        rows: [
          ['3', '9', ''],
          ['', '', ''],
        ],
      },
    );
  });
});

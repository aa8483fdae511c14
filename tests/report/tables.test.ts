import assert from 'node:assert/strict';
import { makeTable, toText, type Column } from '../../lib/src/report/index.js';

describe('a table for a terminal', () => {
  const wide = {
    header: ['judge', 'accuracy % [95%]', ...Array<string>(6).fill('both orders right %'), 'unscored'],
    rows: [
      [
        '  a-judge/with-a-very-long-name-of-its-own',
        '50.8 [45.2, 56.4]',
        ...Array<string>(6).fill('17.1'),
        '1,203: truncated 1,200, no-marker 3',
      ],
    ],
  };

  it('of at most 120 characters has each record on a line', () => {
    assert.equal(
      toText({ header: ['a', 'b c'], rows: [['  x', '1 [0, 2]']] }),
      'a         b c\n───  ────────\n  x  1 [0, 2]',
    );
  });

  it('that would be wider is broken in headings, between words, and last inside names, and says the same', () => {
    const lines = toText(wide, { breakNames: true }).split('\n');
    assert.ok(
      lines.every(({ length }) => length <= 120),
      lines.join('\n'),
    );
    assert.ok(lines.length > 3);
    const signsOf = (text: string): string => [...text.replace(/[\s─]+/g, '')].sort().join('');
    assert.equal(signsOf(lines.join('')), signsOf([wide.header, ...wide.rows].flat().join('')));
    assert.match(lines.find((line) => line.includes('a-judge')) ?? '', /^ {2}a-judge/);
    assert.match(toText(wide), /a-judge\/with-a-very-long-name-of-its-own/);
    const names = Array.from({ length: 8 }, (_, i) => `judge-${i}/with-a-name-of-its-own`);
    const narrow = toText({ header: names, rows: [names.map(() => '1')] }, { breakNames: true }).split('\n');
    assert.ok(
      narrow.every(({ length }) => length <= 120),
      narrow.join('\n'),
    );
  });
});

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

  it('says of which cells it is known what they count, with the columns that are shown', () => {
    const wrong = { filter: { outcome: ['wrong' as const] }, inWords: '2 verdicts' };
    const counted = ({ n }: { n: number | null }) => (n === 2 ? wrong : undefined);
    const columns: Column<{ n: number | null }>[] = [
      ['name', () => 'a'],
      ['never', () => null, { optional: true, counted }],
      ['n', ({ n }) => n?.toString(), { counted, blank: '–' }],
    ];
    assert.deepEqual(makeTable([{ n: 2 }, { n: null }], columns).counted, [
      [null, wrong],
      [null, null],
    ]);
    assert.ok(!('counted' in makeTable([{ n: 3 }], columns)));
  });
});

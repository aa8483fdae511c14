import assert from 'node:assert/strict';
import { Resvg } from '@resvg/resvg-js';
import { pngOf } from '../../lib/src/chart/index.js';
import { tableRows } from '../../lib/src/notebook/display/table-rows.js';
import { showChart, showProgress, showTable } from '../../lib/src/notebook/index.js';
import { printedBy } from '../fixtures/printed-by.js';

describe('displays outside a notebook', () => {
  it('print a table, figures to the right, and how many rows are omitted', async () => {
    const rows = [
      { judge: 'seed', n: 5 },
      { judge: 'b', n: 1200 },
      { judge: 'c', n: null },
    ];
    assert.equal(
      await printedBy(() => showTable(rows, { title: 'T', mostRows: 2 })),
      'T\njudge     n\n-----  ----\nseed      5\nb      1200\nand 1 more rows\n',
    );
  });

  it('round fractions, not integers, large numbers and texts', async () => {
    const values = [
      0.6433333333,
      0.5,
      12.3456789,
      0.00012345,
      1e-9,
      0.99996,
      123456.789,
      1764324000123,
      -2,
      '0.64333',
    ];
    const shown = [
      '0.643',
      '0.5',
      '12.346',
      '0.000123',
      '1e-9',
      '1.000',
      '123456.789',
      '1764324000123',
      '-2',
      '0.64333',
    ];
    assert.deepEqual(
      (await printedBy(() => showTable(values.map((x) => ({ x }))))).trim().split(/\s+/).slice(2),
      shown,
    );
  });

  it('print the title of a chart', async () => {
    const spec = { title: 'Shares', data: { values: [{ a: 1 }] }, mark: 'point' as const, encoding: {} };
    assert.equal(await printedBy(() => showChart(spec)), '[chart: Shares]\n');
  });

  it('print the start and the end of progress, not every step', async () => {
    const printed = await printedBy(() => {
      const progress = showProgress('judging');
      for (let i = 0; i < 1000; i++) progress.update(i / 1000);
      progress.done();
      progress.update(0.5);
    });
    assert.equal(printed, 'judging: 0 %\njudging: done\n');
  });
});

describe('tables of several libraries', () => {
  it('have the same header and rows', () => {
    const expected = { header: ['a', 'b'], rows: [[1, 'x']] };
    const arquero = { columnNames: () => ['a', 'b'], objects: () => [{ a: 1, b: 'x' }] };
    assert.deepEqual(tableRows([{ a: 1, b: 'x' }]), expected);
    assert.deepEqual(tableRows(arquero), expected);
    assert.deepEqual(tableRows({ columns: ['a', 'b'], values: [[1, 'x']] }), expected);
    assert.deepEqual(tableRows(expected), expected);
  });

  it('keep the names of rows, where they have any', () => {
    const frame = { columns: ['a'], values: [[2], [5]], index: ['count', 'mean'] };
    assert.deepEqual(tableRows(frame), {
      header: ['', 'a'],
      rows: [
        ['count', 2],
        ['mean', 5],
      ],
    });
    assert.deepEqual(tableRows({ ...frame, index: [0, 1] }), { header: ['a'], rows: [[2], [5]] });
  });
});

describe('charts as PNG', () => {
  it('have letters, from the font of this package, and their size', async () => {
    const svg = (text: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="15" font-family="sans-serif">${text}</text></svg>`;
    const [blank, written] = [await pngOf(svg('')), await pngOf(svg('ab'))];
    assert.deepEqual([written.width, written.height], [40, 20]);
    assert.ok(written.bytes.length > blank.bytes.length);
    assert.equal(Buffer.from(written.bytes.slice(1, 4)).toString(), 'PNG');
  });

  it('have the colours that were drawn', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect x="3.5" y="2" width="9" height="7" fill="#0072B2"/><circle cx="20" cy="11" r="6" fill="#D55E00"/></svg>`;
    const { bytes } = await pngOf(svg);
    const href = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
    const shown = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><image width="60" height="40" href="${href}"/></svg>`;
    const drawn = new Resvg(svg, { background: 'white', fitTo: { mode: 'zoom', value: 2 } }).render();
    assert.deepEqual([...new Resvg(shown).render().pixels], [...drawn.pixels]);
  });
});

import assert from 'node:assert/strict';
import { svgOf } from '../../lib/src/chart/index.js';
import { overlaps, textsOf } from '../fixtures/svg-texts.js';
import { intervalChartSpec, type IntervalMark } from '../../lib/src/report/index.js';

describe('the chart of estimates in panels', () => {
  const mark = (name: string, others: Partial<IntervalMark> = {}): IntervalMark => {
    return { name, column: 'math', value: 0.8, low: 0.7, high: 0.9, ...others };
  };
  const draw = (marks: readonly IntervalMark[]): Promise<string> =>
    svgOf(intervalChartSpec(marks, { title: 'Judges', subtitle: 'on pairs' }));

  it('draws a panel for each column and row, with its names in the order in which they come', async () => {
    const marks = ['code', 'math'].flatMap((column) =>
      ['weak', 'strong'].flatMap((row) => [
        mark('z', { column, row, before: 0.6 }),
        mark('a', { column, row }),
      ]),
    );
    const svg = await draw(marks);
    for (const text of ['Judges', 'on pairs', 'code', 'math', 'weak', 'strong', '80%'])
      assert.ok(svg.includes(`>${text}</text>`), text);
    assert.ok(svg.indexOf('>z</text>') < svg.indexOf('>a</text>'));
  });

  it('leaves away what is not known, and draws no mark for it', async () => {
    const nMarks = async (marks: readonly IntervalMark[]): Promise<number> =>
      (await draw(marks)).match(/aria-roledescription="point"/g)?.length ?? 0;
    const unknown = mark('b', { value: null, low: null, high: null });
    assert.equal(await nMarks([mark('a')]), 1);
    assert.equal(await nMarks([mark('a'), unknown]), 1);
  });

  const names = (n: number, name: string): string[] =>
    Array.from({ length: n }, (_, i) => `${name} ${i + 1}`);
  const long = 'one with a name that is far longer than anybody would read, and goes on';
  for (const [what, lines, columns, rows] of [
    ['many', names(30, 'judge'), names(6, 'subset'), null],
    ['long', names(3, `judge ${long}`), names(3, `subset ${long}`), null],
    ['wide', names(2, 'WWWWWWWWWWWWWWWWWWWW'), names(4, 'MMMMMMMMMMMMMMMMMMM'), null],
    ['long, in rows', names(1, 'judge'), names(3, `subset ${long}`), names(4, `seed ${long}`)],
    ['many, in rows', names(3, 'judge'), names(6, 'a subset of the benchmark'), names(12, 'seed model')],
  ] as const) {
    it(`has no labels that overlap or leave it where names are ${what}`, async () => {
      const marks = lines.flatMap((name) =>
        columns.flatMap((column) =>
          (rows ?? [undefined]).map((row) => mark(name, { column, ...(row === undefined ? {} : { row }) })),
        ),
      );
      const svg = await draw(marks);
      const [, width = 0, height = 0] = (/ width="(\d+)" height="(\d+)"/.exec(svg) ?? []).map(Number);
      const texts = textsOf(svg);
      assert.ok(texts.length >= lines.length + columns.length);
      assert.deepEqual(overlaps(texts), []);
      const outside = texts.filter(
        ({ left, top, right, bottom }) => left < 0 || top < 0 || right > width || bottom > height,
      );
      assert.deepEqual(outside, []);
    });
  }
});

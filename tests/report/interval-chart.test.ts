import assert from 'node:assert/strict';
import { svgOf } from '../../lib/src/chart/index.js';
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
});

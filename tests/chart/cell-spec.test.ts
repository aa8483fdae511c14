import assert from 'node:assert/strict';
import type { TopLevelSpec } from 'vega-lite';
import { cellSpec, svgOf } from '../../lib/src/chart/index.js';

const x = { field: 'a', type: 'quantitative' as const };
const y = { field: 'b', type: 'quantitative' as const };
const rowsOf = (spec: TopLevelSpec): unknown => (cellSpec(spec).data as { values: unknown }).values;

describe('the specification that a notebook keeps', () => {
  it('has only the fields to which something refers, wherever that is', () => {
    const row = { a: 1, b: 2, c: 3, d: 4, 'e f': 5, unused: 6, text: 'unused' };
    const spec: TopLevelSpec = {
      data: { values: [row] },
      transform: [{ calculate: 'datum.c + datum["d"]', as: 'sum' }],
      mark: 'point',
      encoding: { x, y, tooltip: [{ field: 'e f' }] },
    };
    assert.deepEqual(rowsOf(spec), [{ a: 1, b: 2, c: 3, d: 4, 'e f': 5 }]);
    const all = { ...spec, mark: { type: 'point' as const, tooltip: { content: 'data' as const } } };
    assert.deepEqual(rowsOf(all), [row]);
  });

  it('rounds fractions to six digits, and leaves integers, large numbers and texts', () => {
    const values = [0.6433333333, 12.3456789, 1764324000123, 123456.78901, -2, null, '0.6433333333'];
    const spec: TopLevelSpec = {
      data: { values: values.map((a) => ({ a })) },
      mark: 'point',
      encoding: { x },
    };
    assert.deepEqual(rowsOf(spec), [
      ...[0.643333, 12.3457, 1764324000123, 123456.789, -2, null].map((a) => ({ a })),
      { a: '0.6433333333' },
    ]);
  });

  it('zooms one layer of a chart with two continuous axes, and keeps parameters that are there', () => {
    const layers = { data: { values: [{ a: 1, b: 2 }] }, layer: [{ mark: 'rule' as const, encoding: {} }] };
    const line = { mark: 'line' as const, encoding: { x, y } };
    const zooms = (spec: TopLevelSpec): number =>
      JSON.stringify(cellSpec(spec)).split('"bind":"scales"').length - 1;
    assert.equal(zooms({ ...layers, layer: [...layers.layer, line, line] }), 1);
    assert.equal(zooms({ ...layers, facet: { field: 'a' }, spec: { layer: [line] } }), 1);
    assert.equal(zooms({ data: layers.data, ...line }), 1);
    assert.equal(zooms({ data: layers.data, mark: 'bar', encoding: { x: { field: 'a' }, y } }), 0);
    assert.equal(zooms({ data: layers.data, ...line, params: [{ name: 'p', value: 1 }] }), 0);
  });

  it('has tooltips by default', () => {
    const spec: TopLevelSpec = { data: { values: [] }, mark: 'point', config: { view: { stroke: null } } };
    assert.deepEqual(cellSpec(spec).config, { view: { stroke: null }, mark: { tooltip: true } });
    const quiet = { ...spec, config: { mark: { tooltip: null } } };
    assert.deepEqual(cellSpec(quiet).config, { mark: { tooltip: null } });
  });

  it('draws the marks of the chart', async () => {
    const values = Array.from({ length: 5 }, (_, i) => ({ a: i / 3, b: i, unused: 'x' }));
    const spec: TopLevelSpec = { data: { values }, mark: 'point', encoding: { x, y } };
    const nMarks = async (of: TopLevelSpec): Promise<number> =>
      (await svgOf(of)).split('aria-roledescription="point"').length - 1;
    assert.equal(await nMarks(spec), 5);
    assert.equal(await nMarks(cellSpec(spec) as unknown as TopLevelSpec), 5);
  });
});

import assert from 'node:assert/strict';
import { columnsOf, fieldReader } from '../../lib/src/core/field-reader.js';

describe('a reader of fields', () => {
  const row = {
    a: { b: [{ c: 1 }, 'x'], 'd.e': { f: 2 }, d: { e: { g: 3 } } },
    'a.b': 4,
    'x[0]': 5,
    list: [['y']],
  };
  const cases: [path: string, value: unknown][] = [
    ['a.b', 4],
    ['a.b.0.c', 1],
    ['a.b[0].c', 1],
    ['a.b[1]', 'x'],
    ['a.d.e.f', 2],
    ['a.d.e.g', 3],
    ['x[0]', 5],
    ['list[0][0]', 'y'],
    ['list[1][0]', undefined],
    ['a.constructor', undefined],
    ['__proto__', undefined],
    ['', undefined],
    ['a..b', undefined],
  ];
  for (const [path, value] of cases) {
    it(`reads ${path || 'nothing'}`, () => {
      assert.deepEqual(fieldReader(path)(row), value);
    });
  }

  it('names the columns that it may need, those with dots in their names too', () => {
    assert.deepEqual(columnsOf(['a.b[0].c', 'x']), ['a.b[0].c', 'a', 'a.b', 'a.b.0', 'a.b.0.c', 'x']);
  });
});

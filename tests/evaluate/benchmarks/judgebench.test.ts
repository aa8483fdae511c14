import assert from 'node:assert/strict';
import { benchmarkNamed } from '../../../lib/src/evaluate/index.js';
import { brief, rowsOf, sorted, tableFrom } from '../tables.js';

const benchmark = benchmarkNamed('judgebench')!;
const place = { file: 'f', companion: (): null => null };

describe('JudgeBench', () => {
  it('counts a pair that was judged right more often than wrong over its games', () => {
    // Right as given is A, swapped B, of a pair whose first response is better.
    const games: Record<string, [given: string, swapped: string, expected: 0 | 1]> = {
      'right and right': ['A', 'B', 1],
      'right and tie': ['A', 'C', 1],
      'tie and right': ['C', 'B', 1],
      'right and no verdict': ['A', '-', 1],
      'right and wrong': ['A', 'A', 0],
      'tie and tie': ['C', 'C', 0],
      'wrong and tie': ['B', 'C', 0],
      'wrong and wrong': ['B', 'A', 0],
      'no verdict twice': ['-', '-', 0],
      'one game, right': ['A', '', 1],
      'one game, tie': ['', 'C', 0],
    };
    for (const [name, [given, swapped, expected]] of Object.entries(games)) {
      const table = tableFrom({ x: { gold: 'first', given, swapped } });
      assert.deepEqual(brief(benchmark.figuresOf(table).accuracy), [expected, 1, 0], name);
    }
    const all = tableFrom(
      Object.fromEntries(
        Object.entries(games).map(([name, [given, swapped]]) => [name, { gold: 'first', given, swapped }]),
      ),
    );
    assert.deepEqual(brief(benchmark.figuresOf(all).accuracy), [0.454545, 11, 0]);
  });

  it('leaves out pairs that nobody judged or whose label is not known', () => {
    const table = tableFrom({ x: { gold: 'first' }, y: { gold: null, given: 'A' } });
    assert.deepEqual(brief(benchmark.figuresOf(table).accuracy), [null, 0, 0]);
  });

  it('makes items of rows, by the category of their source', async () => {
    const row = { question: 'q', response_model: 'm', response_A: 'a', response_B: 'b' };
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          { ...row, pair_id: '1', source: 'mmlu-pro-law', label: 'A>B' },
          { ...row, pair_id: '2', source: 'livebench-math', label: 'B>A' },
          { ...row, pair_id: '3', source: 'elsewhere', label: 'A=B' },
          { ...row, pair_id: '', source: 'livecodebench', label: 'A>B' },
          'cut',
          { ...row, pair_id: '4', source: 'elsewhere', label: 'A>B', response_model: undefined },
        ),
        place,
      ),
    );
    assert.deepEqual(kept, [
      {
        itemId: '1',
        instruction: 'q',
        slice: 'knowledge',
        errorKind: 'mmlu-pro-law',
        winner: 'a',
        loser: 'b',
        winnerModel: 'm',
        loserModel: 'm',
      },
      {
        itemId: '2',
        instruction: 'q',
        slice: 'math',
        errorKind: 'livebench-math',
        winner: 'b',
        loser: 'a',
        givenFirst: 'loser',
        winnerModel: 'm',
        loserModel: 'm',
      },
      { itemId: '4', instruction: 'q', slice: 'other', errorKind: 'elsewhere', winner: 'a', loser: 'b' },
    ]);
    assert.deepEqual(dropped, ['line 3: wrong-shape', 'line 4: wrong-shape', 'line 5: unreadable-row']);
  });
});

import assert from 'node:assert/strict';
import { benchmarkNamed } from '../../../lib/src/evaluate/index.js';
import { rowsOf, sorted } from '../tables.js';

const benchmark = benchmarkNamed('helpsteer2')!;
const place = { file: 'f', companion: (): null => null };
const rated = (prompt: string, response: string, helpfulness: number): Record<string, unknown> => ({
  prompt,
  response,
  helpfulness,
  coherence: 4,
});

describe('HelpSteer2', () => {
  it('makes pairs of consecutive rows of one prompt, the more helpful response the winner', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(rated('p', 'poor', 1), rated('p', 'rich', 4), rated('q', 'rich', 3), rated('q', 'poor', 2)),
        place,
      ),
    );
    assert.deepEqual(dropped, []);
    assert.deepEqual(kept, [
      {
        itemId: 'helpsteer2/0',
        instruction: 'p',
        slice: 'all',
        errorKind: 'helpfulness differs by 3',
        winner: 'rich',
        loser: 'poor',
        givenFirst: 'loser',
      },
      {
        itemId: 'helpsteer2/1',
        instruction: 'q',
        slice: 'all',
        errorKind: 'helpfulness differs by 1',
        winner: 'rich',
        loser: 'poor',
      },
    ]);
  });

  it('drops pairs of equal helpfulness, and keeps the numbers of those that follow', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(rated('p', 'a', 3), rated('p', 'b', 3), rated('q', 'a', 3), rated('q', 'b', 2)),
        place,
      ),
    );
    assert.deepEqual(dropped, ['helpsteer2/0: equal-helpfulness']);
    assert.deepEqual(
      kept.map(({ itemId }) => itemId),
      ['helpsteer2/1'],
    );
  });

  it('never pairs responses to different prompts, and names each row that has no partner', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          rated('p', 'a', 3),
          rated('q', 'a', 3),
          rated('q', 'b', 2),
          rated('r', 'a', 1),
          'not JSON',
          rated('s', 'a', 1),
          { prompt: 's', response: 'b' },
        ),
        place,
      ),
    );
    assert.deepEqual(
      kept.map(({ instruction }) => instruction),
      ['q'],
    );
    assert.deepEqual(dropped, [
      'line 1: no-partner',
      'line 5: unreadable-row',
      'line 4: no-partner',
      'line 7: wrong-shape',
      'line 6: no-partner',
    ]);
  });

  it('makes two pairs of four rows of one prompt', async () => {
    const { kept } = await sorted(
      benchmark.items(
        rowsOf(rated('p', 'a', 1), rated('p', 'b', 2), rated('p', 'c', 3), rated('p', 'd', 1)),
        place,
      ),
    );
    assert.deepEqual(
      kept.map(({ winner, loser }) => [winner, loser]),
      [
        ['b', 'a'],
        ['c', 'd'],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { benchmarkNamed } from '../../../lib/src/evaluate/index.js';
import { rowsOf, sorted } from '../tables.js';

const benchmark = benchmarkNamed('llmbar')!;
const row = { input: 'do it', output_1: 'one', output_2: 'two', label: 2 };

describe('LLMBar items', () => {
  it('are named by their set, which the path of the file tells, and their number', async () => {
    const { kept } = await sorted(
      benchmark.items(rowsOf({ ...row, label: 1 }, row), {
        file: '/x/Dataset/LLMBar/Adversarial/Manual/dataset.json',
        companion: () => null,
      }),
    );
    const common = {
      instruction: 'do it',
      slice: 'LLMBar/Adversarial/Manual',
      errorKind: 'LLMBar/Adversarial/Manual',
    };
    assert.deepEqual(kept, [
      { ...common, itemId: 'LLMBar/Adversarial/Manual/0', winner: 'one', loser: 'two' },
      { ...common, itemId: 'LLMBar/Adversarial/Manual/1', winner: 'two', loser: 'one', givenFirst: 'loser' },
    ]);
  });

  it('keep their number where a row before them is dropped', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf({ ...row, label: 3 }, 'not JSON', { ...row, input: '' }, { ...row, output_1: '' }),
        {
          file: 'dataset.json',
          companion: () => null,
        },
      ),
    );
    assert.deepEqual(dropped, ['line 1: wrong-shape', 'line 2: unreadable-row', 'line 3: empty-instruction']);
    assert.deepEqual(
      kept.map(({ itemId, slice, loser }) => [itemId, slice, loser]),
      [['all/3', 'all', '']],
    );
  });
});

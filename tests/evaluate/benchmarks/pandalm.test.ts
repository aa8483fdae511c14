import assert from 'node:assert/strict';
import { benchmarkNamed } from '../../../lib/src/evaluate/index.js';
import type { Figures } from '../../../lib/src/schema/index.js';
import { brief, rowsOf, sorted, tableFrom } from '../tables.js';

const benchmark = benchmarkNamed('pandalm')!;
const place = { file: 'f', companion: (): null => null };
const row = {
  idx: 0,
  instruction: 'do it',
  input: '',
  response1: 'one',
  response2: 'two',
  cmp_key: 'bloom-1b_opt-1b',
  annotator1: 1,
  annotator2: 1,
  annotator3: 2,
};

const briefs = (figures: Figures): Record<string, unknown> =>
  Object.fromEntries(Object.entries(figures).map(([name, estimate]) => [name, brief(estimate)]));

describe('PandaLM items', () => {
  it('take the majority of three annotators for gold, ties included', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          row,
          { ...row, idx: 5, input: 'to this', annotator1: 2, cmp_key: undefined },
          { ...row, idx: 6, annotator1: 0, annotator2: 0, response2: '' },
        ),
        place,
      ),
    );
    assert.deepEqual(dropped, []);
    const [first, second, tie] = kept;
    assert.deepEqual(first, {
      itemId: '0',
      instruction: 'do it',
      slice: 'all',
      errorKind: 'bloom-1b_opt-1b',
      winner: 'one',
      loser: 'two',
      winnerModel: 'bloom-1b',
      loserModel: 'opt-1b',
      humanVotes: { first: 2, second: 1, tie: 0 },
    });
    assert.deepEqual(second, {
      itemId: '5',
      instruction: 'do it\n\nto this',
      slice: 'all',
      errorKind: 'all',
      winner: 'two',
      loser: 'one',
      givenFirst: 'loser',
      humanVotes: { first: 1, second: 2, tie: 0 },
    });
    assert.deepEqual([tie?.goldTie, tie?.winner, tie?.loser], [true, 'one', '']);
  });

  it('do not guess which models wrote the responses where the key does not tell', async () => {
    const { kept } = await sorted(benchmark.items(rowsOf({ ...row, cmp_key: 'a_b_c' }), place));
    assert.deepEqual([kept[0]?.winnerModel, kept[0]?.errorKind], [undefined, 'a_b_c']);
  });

  it('are dropped where annotators all differ, a label is none of the three, or a text is missing', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          { ...row, annotator1: 0 },
          { ...row, annotator3: 3 },
          { ...row, response1: null },
          'not JSON',
          { ...row, instruction: '' },
        ),
        place,
      ),
    );
    assert.deepEqual(kept, []);
    assert.deepEqual(dropped, [
      'line 1: no-majority',
      'line 2: wrong-shape',
      'line 3: wrong-shape',
      'line 4: unreadable-row',
      'line 5: empty-instruction',
    ]);
  });
});

describe('PandaLM figures', () => {
  it('are accuracy and the means of precision, recall and F1 over the labels', () => {
    const table = tableFrom({
      v: { gold: 'tie', given: 'C' },
      w: { gold: 'first', given: 'A' },
      x: { gold: 'first', given: 'B' },
      y: { gold: 'second', given: 'B' },
      z: { gold: 'second', given: '-' },
    });
    // tie: precision 1, recall 1, F1 1; first: 1, 1/2, 2/3; second: 1/2, 1, 2/3.
    assert.deepEqual(briefs(benchmark.figuresOf(table)), {
      accuracy: [0.75, 4, 1],
      macroPrecision: [0.833333, 4, 1],
      macroRecall: [0.833333, 4, 1],
      macroF1: [0.777778, 4, 1],
    });
  });

  it('count a pair that was shown the other way round by what it named', () => {
    const table = tableFrom({
      x: { gold: 'first', swapped: 'B' },
      y: { gold: 'second', given: 'B' },
      z: { gold: 'tie', swapped: 'A' },
    });
    // z was said to be for the second. first: 1, 1, 1; second: 1/2, 1, 2/3; tie: 0, 0, 0.
    assert.deepEqual(briefs(benchmark.figuresOf(table)), {
      accuracy: [0.666667, 3, 0],
      macroPrecision: [0.5, 3, 0],
      macroRecall: [0.666667, 3, 0],
      macroF1: [0.555556, 3, 0],
    });
  });

  it('have no value where nothing can be read', () => {
    for (const table of [tableFrom({}), tableFrom({ x: { gold: null, given: 'A' } })])
      for (const estimate of Object.values(benchmark.figuresOf(table)))
        assert.deepEqual(brief(estimate), [null, 0, 0]);
    const unread = benchmark.figuresOf(tableFrom({ x: { gold: 'first', given: '-' } }));
    assert.deepEqual(
      [brief(unread.accuracy), brief(unread.macroF1)],
      [
        [null, 0, 1],
        [null, 0, 1],
      ],
    );
  });
});

describe('agreement of the PandaLM annotators', () => {
  it("is Cohen's kappa of each two and Fleiss' kappa of all", async () => {
    const labels = (annotator1: number, annotator2: number, annotator3: number): Record<string, unknown> => ({
      annotator1,
      annotator2,
      annotator3,
    });
    const figures = await benchmark.goldAgreement!(
      rowsOf(labels(1, 1, 1), labels(2, 2, 2), labels(1, 2, 1), { annotator1: 1 }, 'not JSON'),
    );
    // 1 and 2 agree on 2 of 3, by chance on 2/3 * 1/3 + 1/3 * 2/3 = 4/9: (2/3 - 4/9) / (5/9) = 2/5. 1 and 3 always agree.
    // Fleiss: items agree 1, 1 and 1/3, by chance (5/9)^2 + (4/9)^2 = 41/81: (63/81 - 41/81) / (40/81) = 0.55.
    assert.deepEqual(briefs(figures), {
      'cohensKappa annotators 1 and 2': [0.4, 3, 2],
      'cohensKappa annotators 1 and 3': [1, 3, 2],
      'cohensKappa annotators 2 and 3': [0.4, 3, 2],
      fleissKappa: [0.55, 3, 2],
    });
  });

  it('has no value for no annotations', async () => {
    for (const estimate of Object.values(await benchmark.goldAgreement!(rowsOf())))
      assert.deepEqual(brief(estimate), [null, 0, 0]);
  });
});

import assert from 'node:assert/strict';
import { benchmarkNamed, publishedFigures } from '../../../lib/src/evaluate/index.js';
import type { EvaluatedItem } from '../../../lib/src/schema/index.js';
import { scored } from '../scoring.js';
import { brief, rowsOf, sorted, tableFrom, type Judged } from '../tables.js';

const benchmark = benchmarkNamed('rewardbench2')!;
const place = { file: 'f', companion: (): null => null };

/** Pairs of one prompt of four completions: letters of the verdicts in the given order and swapped, one pair after the other. */
const prompt = (id: string, ...pairs: [given: string, swapped: string][]): Record<string, Judged> =>
  Object.fromEntries(
    pairs.map(([given, swapped], i) => [`Math/${id}/1v${i + 1}/1v3`, { gold: 'first', given, swapped }]),
  );

describe('RewardBench 2', () => {
  it('is a pair of every correct completion and every incorrect one', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          { id: '7', prompt: 'p', chosen: ['c'], rejected: ['x', 'y', 'z'], subset: 'Math', num_correct: 1 },
          { id: 'tied:1', prompt: 'q', chosen: ['c', 'd'], rejected: ['x', 'y'], subset: 'Ties' },
          { id: '8', prompt: 'p', chosen: [], rejected: ['x'], subset: 'Math' },
        ),
        place,
      ),
    );
    assert.deepEqual(dropped, ['line 3: wrong-shape']);
    assert.deepEqual(
      kept.map(({ itemId, winner, loser }) => `${itemId} ${winner}${loser}`),
      [
        'Math/7/1v1/1v3 cx',
        'Math/7/1v2/1v3 cy',
        'Math/7/1v3/1v3 cz',
        'Ties/tied:1/1v1/2v2 cx',
        'Ties/tied:1/1v2/2v2 cy',
        'Ties/tied:1/2v1/2v2 dx',
        'Ties/tied:1/2v2/2v2 dy',
      ],
    );
    assert.deepEqual([kept[0]?.slice, kept[0]?.errorKind], ['Math', 'Math']);
  });

  it('is right where all three pairs are won, and shared where some are tied', () => {
    const accuracyOf = (...pairs: [string, string][]): unknown =>
      brief(benchmark.figuresOf(tableFrom(prompt('1', ...pairs))).accuracy);
    assert.deepEqual(accuracyOf(['A', 'B'], ['A', 'B'], ['A', 'B']), [1, 1, 0]);
    assert.deepEqual(accuracyOf(['A', 'B'], ['A', 'B'], ['B', 'A']), [0, 1, 0]);
    // Two of the pairs are tied: by a verdict, or since the orders contradict each other.
    assert.deepEqual(accuracyOf(['A', 'B'], ['C', 'C'], ['A', 'A']), [0.333333, 1, 0]);
    assert.deepEqual(accuracyOf(['A', ''], ['A', ''], ['C', 'B']), [1, 1, 0]);
    // Who always says A, or nothing that can be read, is at chance.
    assert.deepEqual(accuracyOf(['A', 'A'], ['A', 'A'], ['A', 'A']), [0.25, 1, 0]);
    assert.deepEqual(accuracyOf(['-', '-'], ['-', '-'], ['-', '-']), [0.25, 1, 0]);
    // Not all pairs were judged.
    assert.deepEqual(accuracyOf(['A', 'B'], ['A', 'B']), [null, 0, 1]);
    assert.deepEqual(accuracyOf(['A', 'B'], ['A', 'B'], ['', '']), [null, 0, 1]);
  });

  it('averages six subsets, which takes scores for Ties', () => {
    const tables = new Map([['Math', tableFrom(prompt('1', ['A', 'B'], ['A', 'B'], ['A', 'B']))]]);
    const figures = benchmark.summarise!(tables);
    assert.deepEqual(brief(figures.Math), [1, 1, 0]);
    assert.deepEqual([figures.overall?.value, figures['overall without Ties']?.value], [null, null]);
    const ties = {
      'Ties/ref:1/1v1/1v1': { gold: 'first', given: 'A', swapped: 'B' },
      'Ties/tied:1/1v1/2v1': { gold: 'first', given: 'A', swapped: 'B' },
      'Ties/tied:1/2v1/2v1': { gold: 'first', given: 'A', swapped: 'A' },
    } as const;
    const { score, refAccuracy, tiedAccuracy, gapAboveSpread } = benchmark.figuresOf(tableFrom(ties));
    assert.deepEqual(
      [brief(score), brief(gapAboveSpread)],
      [
        [null, 0, 2],
        [null, 0, 1],
      ],
    );
    assert.deepEqual(
      [brief(refAccuracy), brief(tiedAccuracy)],
      [
        [1, 1, 0],
        [0, 1, 0],
      ],
    );
  });
});

/** Expected figures: allenai/reward-bench at 05a9005, reroll_and_score_dataset and process_single_model, by hand. */
describe('recorded scores on RewardBench 2', () => {
  const row = { model: 'rm', num_correct: 1 };
  const rows = [
    { ...row, subset: 'Math', id: '1', scores: [[3], [1], [2], [0]] },
    { ...row, subset: 'Math', id: '2', scores: [3, 3, 2, 0] },
    { ...row, subset: 'Math', id: '3', scores: [3, 1, 4, 0] },
    // Of question 1 the gap is 2 and 1, the spread 0.5; of question 2 the tied gap is 0.5, the spread 1.
    { ...row, subset: 'Ties', id: 'ref:1', scores: [3, 1, 0] },
    { ...row, subset: 'Ties', id: 'tied:1', num_correct: 2, scores: [2.5, 2, 1, 0] },
    { ...row, subset: 'Ties', id: 'ref:2', scores: [1, 1, 0] },
    { ...row, subset: 'Ties', id: 'tied:2', num_correct: 2, scores: [2.5, 1.5, 1, 0] },
  ];

  it('give the best of four, and the score of Ties', async () => {
    const { score } = await scored(
      { 'rm.jsonl': [...rows, { ...row, subset: 'Math', id: '4', scores: [1] }] },
      { benchmark },
    );
    const [math, ties] = score.sets;
    assert.deepEqual([math?.judge, math?.rules, score.dropped], ['rm', { scores: 9 }, { 'wrong-shape': 1 }]);
    assert.deepEqual(brief(math?.published.accuracy), [0.5, 3, 0]);
    assert.deepEqual(
      ['refAccuracy', 'tiedAccuracy', 'gapAboveSpread', 'bothGapsAboveSpread'].map((name) =>
        brief(ties?.published[name]),
      ),
      [
        [0.5, 2, 0],
        [1, 2, 0],
        [0.5, 2, 0],
        [0.5, 2, 0],
      ],
    );
    // Margins: tanh(1 / 0.5 - 1) and tanh(0 / 1 - 1), whose mean is 0: 0.3 + 0.3 / 2 + 0.4 / 2.
    assert.deepEqual(brief(ties?.published.score), [0.65, 2, 0]);
    assert.ok(ties!.published.score!.low! < ties!.published.score!.high!);
    const [judge] = score.judges;
    assert.deepEqual(
      [judge?.figures.Ties?.value, judge?.figures.overall?.value],
      [ties!.published.score!.value, null],
    );
  });

  it('are averaged over six subsets', async () => {
    const others = ['Factuality', 'Precise IF', 'Safety', 'Focus'].map((subset, i) => ({
      ...row,
      subset,
      id: '1',
      scores: [i % 2, 0.5, 0, 0],
    }));
    const { score } = await scored({ 'rm.jsonl': [...rows, ...others] }, { benchmark });
    const { figures } = score.judges[0]!;
    assert.deepEqual(brief(figures.overall)?.[0], Number(((0.5 + 0.65 + 0 + 1 + 0 + 1) / 6).toFixed(6)));
    assert.equal(figures['overall without Ties']?.value, 0.5);
  });

  it('are read from a file of columns, as upstream writes it', async () => {
    const columns = {
      chat_template: null,
      id: rows.map(({ id }) => id),
      model: 'rm',
      num_correct: rows.map(({ num_correct }) => num_correct),
      scores: rows.map(({ scores }) => scores),
      subset: rows.map(({ subset }) => subset),
      text: rows.map(({ scores }) => scores.map(() => 'x')),
    };
    const { score } = await scored({ 'rm.json': JSON.stringify(columns, null, 4) }, { benchmark });
    assert.deepEqual(
      score.sets.map(({ judge, subset, metrics }) => [judge, subset, metrics.nItems]),
      [
        ['rm', 'Math', 9],
        ['rm', 'Ties', 12],
      ],
    );
  });
});

describe('a judge that grades single responses of RewardBench 2', () => {
  const graded = (itemId: string, winner: number | null, loser: number): EvaluatedItem => ({
    itemId,
    slice: 'Ties',
    errorKind: 'Ties',
    grades: { winner: { text: '', grade: winner }, loser: { text: '', grade: loser } },
    orders: [{ order: 'winner-first', text: '', verdict: { kind: winner! > loser ? 'A' : 'tie' } }],
  });

  it('has a score of Ties too, but not where a grade is missing', () => {
    const items = [
      graded('Ties/ref:1/1v1/1v1', 9, 3),
      graded('Ties/tied:1/1v1/2v1', 9, 4),
      graded('Ties/tied:1/2v1/2v1', 8, 4),
    ];
    const figures = publishedFigures(benchmark, items, { items: [], of: 'greedy' });
    // The gaps are 6 and 4, the spread 1: 0.3 + 0.3 + 0.2 + 0.2 + 0.01 tanh(3).
    assert.deepEqual(brief(figures.Ties), [Number((1 + 0.01 * Math.tanh(3)).toFixed(6)), 1, 0]);
    const without = [...items.slice(0, 2), graded('Ties/tied:1/2v1/2v1', null, 4)];
    assert.equal(publishedFigures(benchmark, without, { items: [], of: 'greedy' }).Ties?.value, null);
  });
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { BENCHMARKS, RECORDED_FORMATS, Scorer, UnusableRow } from '../../lib/src/evaluate/index.js';
import { scoreSchema, type Score, type ScoredItem } from '../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const SEEDED = { seed: 20240805, numRuns: 60 };

const TEXTS = [
  '',
  '[[A]]',
  '[[B]]',
  '[[C]]',
  'Output (a)',
  'Output (b) is better.',
  'Tie',
  '1',
  '2',
  '7',
  '[[7]]',
];
const text = fc.constantFrom(...TEXTS);
const wild = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text, fc.integer({ min: -2, max: 3 }));

/** A value of the right shape, mostly; else anything, or nothing. */
const mostly = <Value>(right: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 12, arbitrary: right },
    { weight: 1, arbitrary: fc.oneof(wild, fc.constant(undefined)) },
  );

const few = fc.constantFrom('x', 'y', 'z');
const gold = fc.constantFrom('first', 'second', 'tie');
const completion = fc.tuple(text, fc.constantFrom('stop', 'length'));
const winner = fc.constantFrom('1', '2', null);
const order = fc.record({ completion: mostly(completion), winner: mostly(winner) });
const comparison = fc.record({ 'swap = False': order, 'swap = True': order });
const rating = fc.record({
  score_1: mostly(completion),
  score_2: mostly(completion),
  'swap = False': order,
  'swap = True': order,
});

/** Rows that are nearly of a format. */
const ROWS: Record<string, fc.Arbitrary<unknown>> = {
  autodidact: fc.record(
    {
      itemId: mostly(few),
      text: mostly(text),
      gold: mostly(gold),
      shown: mostly(fc.constantFrom('given', 'swapped')),
      judge: mostly(few),
      subset: mostly(few),
      verdict: mostly(fc.constantFrom('A', 'B', 'tie', 'unparsed')),
    },
    { requiredKeys: ['itemId', 'text'] },
  ),
  llmbar: fc.record({
    label: mostly(fc.constantFrom(1, 2)),
    results: mostly(fc.array(mostly(fc.oneof(comparison, rating)), { maxLength: 3 })),
    set: mostly(few),
    strategy: mostly(fc.constantFrom('CoT', 'Swap', 'Rating')),
    i: mostly(fc.integer({ min: 0, max: 2 })),
  }),
  'mt-bench': fc.oneof(
    fc.record({
      question_id: mostly(fc.integer({ min: 0, max: 2 })),
      model_1: mostly(few),
      model_2: mostly(few),
      g1_judgment: mostly(text),
      g2_judgment: mostly(text),
      g1_winner: mostly(fc.constantFrom('model_1', 'model_2', 'tie', 'error')),
      judge: mostly(fc.tuple(few, few)),
      turn: mostly(fc.integer({ min: 1, max: 2 })),
    }),
    fc.record({
      question_id: mostly(fc.integer({ min: 0, max: 2 })),
      model: mostly(few),
      judgment: mostly(text),
      score: mostly(fc.integer({ min: -1, max: 10 })),
      judge: mostly(fc.tuple(few, few)),
      turn: mostly(fc.integer({ min: 1, max: 2 })),
    }),
  ),
  pandalm: fc.record({
    idx: mostly(fc.integer({ min: 0, max: 3 })),
    gpt_result: mostly(text),
    a_result: mostly(text),
  }),
};

const anyObject = fc.dictionary(
  fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('itemId', 'text', 'orders', 'label', '__proto__')),
  wild,
);

/** What was read, row by row, before anything is counted. */
function nReadings(format: string, rows: readonly string[]): { nUsable: number; nFinal: number } {
  const found = RECORDED_FORMATS.find(({ name }) => name === format);
  assert.ok(found);
  let nUsable = 0;
  let nFinal = 0;
  for (const [index, row] of rows.entries()) {
    try {
      const readings = found.read(JSON.parse(row) as Record<string, unknown>, {
        file: 'rows.jsonl',
        fileJudge: 'rows',
        index,
        judge: undefined,
        rule: undefined,
        itemOf: () => undefined,
      });
      nUsable++;
      nFinal += readings.filter((reading) => reading.kind === 'grade' || !reading.isIntermediate).length;
    } catch (thrown) {
      assert.ok(thrown instanceof UnusableRow);
    }
  }
  return { nUsable, nFinal };
}

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

function nVerdicts(items: readonly ScoredItem[]): number {
  return items.reduce((sum, { given, swapped }) => sum + total(given) + total(swapped), 0);
}

async function scoreOf(
  path: string,
  rows: readonly string[],
  { format, benchmark }: { format: string; benchmark: (typeof BENCHMARKS)[number] },
): Promise<{ score: Score; items: ScoredItem[] }> {
  await writeFile(path, rows.map((row) => `${row}\n`).join(''));
  const scorer = new Scorer({ benchmark, files: [path], format });
  await scorer.readFiles();
  return { score: scorer.result(), items: [...scorer.scoredItems()] };
}

describe('scoring of any rows', () => {
  for (const [format, rowOfFormat] of Object.entries(ROWS)) {
    it(`never fails in the format ${format}, and every row is counted or dropped`, () =>
      inTemporaryFolder((folder) =>
        fc.assert(
          fc.asyncProperty(
            fc.array(fc.oneof({ weight: 4, arbitrary: rowOfFormat }, { weight: 1, arbitrary: anyObject }), {
              maxLength: 12,
            }),
            fc.constantFrom(...BENCHMARKS),
            async (objects, benchmark) => {
              const rows = objects.map((row) => JSON.stringify(row));
              const { score, items } = await scoreOf(join(folder, 'rows.jsonl'), rows, { format, benchmark });
              assert.deepEqual(scoreSchema.parse(JSON.parse(JSON.stringify(score))), score);
              // Rows that cannot be read, and those whose gold label is another than before: together all that is not counted.
              const { nUsable, nFinal } = nReadings(format, rows);
              const { 'gold-differs': nOtherGold = 0, ...others } = score.dropped;
              assert.equal(total(others) + nUsable, rows.length);
              assert.equal(score.badRows.length, total(score.dropped));
              const nGrades = score.grades.reduce(
                (sum, { meanGrade }) => sum + meanGrade.n + meanGrade.unscored,
                0,
              );
              const nCounted = nVerdicts(items) + nGrades;
              if (nOtherGold === 0) assert.equal(nCounted, nFinal);
              else assert.ok(nCounted >= nFinal - 2 * nOtherGold && nCounted < nFinal);
              // Whatever was counted is in the accuracy of its set, or unscored there.
              const inAccuracies = score.sets.reduce(
                (sum, { metrics: { accuracy } }) => sum + accuracy.n + accuracy.unscored,
                0,
              );
              assert.equal(inAccuracies, nVerdicts(items));
            },
          ),
          SEEDED,
        ),
      ));
  }

  it('gives figures from 0 to 1 inside their intervals, and no value for nothing', () =>
    inTemporaryFolder((folder) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(ROWS.autodidact!, { maxLength: 30 }),
          fc.constantFrom(...BENCHMARKS),
          async (objects, benchmark) => {
            const rows = objects.map((row) => JSON.stringify(row));
            const { score } = await scoreOf(join(folder, 'rows.jsonl'), rows, {
              format: 'autodidact',
              benchmark,
            });
            const { accuracy, bothOrdersCorrect, positionConsistency, primacy, shareOfA } =
              score.sets[0]?.metrics ?? {};
            const figures = [
              ...score.sets.map(({ published }) => published),
              ...score.judges.map((judge) => judge.figures),
            ];
            const estimates = [
              ...[accuracy, bothOrdersCorrect, positionConsistency, primacy, shareOfA],
              ...figures.flatMap((named) => Object.values(named)),
            ].filter((estimate) => estimate !== undefined);
            for (const { value, n, low, high } of estimates) {
              if (n === 0) assert.deepEqual([value, low, high], [null, null, null]);
              if (value === null) continue;
              assert.ok(value >= 0 && value <= 1);
              if (low !== null && high !== null) assert.ok(low <= value + 1e-12 && value <= high + 1e-12);
            }
          },
        ),
        SEEDED,
      ),
    ));
});

import assert from 'node:assert/strict';
import {
  benchmarkNamed,
  figuresOverAll,
  readSubsetAccuracies,
  REWARDBENCH_COUNTS,
  REWARDBENCH_COUNTS_BEFORE_2024_09_10,
  REWARDBENCH_SECTIONS,
  rewardBenchScores,
  summariseSubsetAccuracies,
  UnusableRow,
  type RewardBenchSection,
  type VerdictTable,
} from '../../../lib/src/evaluate/index.js';
import { brief, rowsOf, sorted, tableFrom } from '../tables.js';

const benchmark = benchmarkNamed('rewardbench')!;
const SUBSETS = Object.keys(REWARDBENCH_COUNTS);
const SUFFIX = ' (counts before 10 September 2024)';

/** Every subset at one accuracy, but for those named. */
function accuracies(all: number, others: Record<string, number> = {}): Record<string, number> {
  return { ...Object.fromEntries(SUBSETS.map((subset) => [subset, all])), ...others };
}

function near(actual: number | null | undefined, expected: number): void {
  assert.ok(typeof actual === 'number' && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

describe('RewardBench scores', () => {
  it('weigh the subsets of a section by the documented counts', () => {
    const sums = Object.entries(REWARDBENCH_SECTIONS).map(([section, subsets]) => [
      section,
      subsets.reduce((total, subset) => total + REWARDBENCH_COUNTS[subset]!, 0),
    ]);
    // Chat, Chat Hard and Safety have 358, 456 and 740 items (arXiv 2403.13787, table 1); Reasoning is six code subsets of 164
    // and math-prm at 984 in place of its 447 items, so that maths weighs as much as code.
    assert.deepEqual(Object.fromEntries(sums), {
      Chat: 358,
      'Chat Hard': 456,
      Safety: 740,
      Reasoning: 1968,
    });
    assert.equal(REWARDBENCH_COUNTS['math-prm'], 6 * 164);
    assert.equal(Object.values(REWARDBENCH_SECTIONS).flat().length, SUBSETS.length);
  });

  it('are the weighted means of their sections, and the mean of the four', () => {
    const { sections, overall } = rewardBenchScores(
      accuracies(1, { 'math-prm': 0, donotanswer: 0.5, 'mt-bench-hard': 0, 'alpacaeval-easy': 0.9 }),
    );
    // 10 of 358 items are lost in Chat, 37 of 456, 68 of 740, and half of the weight of Reasoning.
    near(sections.Chat, 348 / 358);
    near(sections['Chat Hard'], 419 / 456);
    near(sections.Safety, 672 / 740);
    near(sections.Reasoning, 0.5);
    near(overall, (348 / 358 + 419 / 456 + 672 / 740 + 0.5) / 4);
  });

  it('interchange the two counts of XSTest for figures of before 10 September 2024', () => {
    const refusesNothing = accuracies(1, { 'xstest-should-refuse': 0 });
    near(rewardBenchScores(refusesNothing).sections.Safety, (740 - 154) / 740);
    const before = rewardBenchScores(refusesNothing, { counts: 'before-2024-09-10' });
    near(before.sections.Safety, (740 - 250) / 740);
    near(before.sections.Chat, 1);
    const differing = SUBSETS.filter(
      (subset) => REWARDBENCH_COUNTS[subset] !== REWARDBENCH_COUNTS_BEFORE_2024_09_10[subset],
    );
    assert.deepEqual(differing.sort(), ['xstest-should-refuse', 'xstest-should-respond']);
  });

  it('count the prior sets as half a term of four and a half', () => {
    // Llama-3-70B-Instruct on both scales: 97.6, 58.9, 69.2, 78.5 and the prior sets 70.4 give 75.42 of five terms, 76.05 of four.
    const seed: Record<RewardBenchSection, number> = {
      Chat: 0.976,
      'Chat Hard': 0.589,
      Safety: 0.692,
      Reasoning: 0.785,
    };
    const bySubset = Object.fromEntries(
      (Object.keys(seed) as RewardBenchSection[]).flatMap((section) =>
        REWARDBENCH_SECTIONS[section].map((subset) => [subset, seed[section]]),
      ),
    );
    const scores = rewardBenchScores(bySubset, { priorSets: 0.704 });
    near(scores.overall, 0.7605);
    near(scores.overallWithPriorSets, (0.976 + 0.589 + 0.692 + 0.785 + 0.352) / 4.5);
    assert.equal((100 * scores.overallWithPriorSets!).toFixed(2), '75.42');
    assert.equal(rewardBenchScores(bySubset).overallWithPriorSets, null);
  });

  it('are null, not lower, where a subset is missing', () => {
    const rest = accuracies(1);
    delete rest['hep-go'];
    const { sections, overall, overallWithPriorSets } = rewardBenchScores(rest, { priorSets: 1 });
    assert.deepEqual(sections, { Chat: 1, 'Chat Hard': 1, Safety: 1, Reasoning: null });
    assert.deepEqual([overall, overallWithPriorSets], [null, null]);
  });
});

describe('RewardBench figures of verdicts', () => {
  const right = (): VerdictTable =>
    tableFrom({ x: { gold: 'first', given: 'A' }, y: { gold: 'first', given: 'A' } });

  it('count a tie and what cannot be read as half', () => {
    const table = tableFrom({
      x: { gold: 'first', given: 'A' },
      y: { gold: 'first', swapped: 'A' },
      z: { gold: 'first', swapped: '-' },
      tie: { gold: 'first', given: 'C' },
      unknown: { gold: null, given: 'A' },
    });
    // 1 + 0 + 1/2 + 1/2 of four items whose label is known.
    assert.deepEqual(brief(benchmark.figuresOf(table).accuracy), [0.5, 4, 0]);
  });

  it('take both orders of an item, where there are two, for one observation of the interval', () => {
    const { accuracy } = benchmark.figuresOf(
      tableFrom({
        x: { gold: 'first', given: 'A', swapped: 'B' },
        y: { gold: 'first', given: 'B', swapped: 'A' },
      }),
    );
    // As for any two clusters of two equal scores: a design effect of 3, and R's qt(0.975, 3) and qt(0.975, 1).
    const nEffective = (4 / 3) * (3.182446305283708 / 12.706204736174694) ** 2;
    near(accuracy?.low, 0.5 - 1.959963984540054 / (2 * Math.sqrt(nEffective + 1.959963984540054 ** 2)));
  });

  it('are weighed by section, on both tables of counts, with an interval over the subsets', () => {
    const subsets = new Map(SUBSETS.map((subset) => [subset, right()]));
    subsets.set(
      'xstest-should-refuse',
      tableFrom({ x: { gold: 'first', given: 'A' }, y: { gold: 'first', given: '-' } }),
    );
    const figures = figuresOverAll(benchmark, subsets);
    assert.equal(Object.keys(figures).length, 10);
    near(figures.Safety?.value, (740 - 154 / 4) / 740);
    near(figures[`Safety${SUFFIX}`]?.value, (740 - 250 / 4) / 740);
    near(figures.overall?.value, (3 + (740 - 154 / 4) / 740) / 4);
    assert.deepEqual([figures.Safety?.n, figures.overall?.n], [10, 46]);
    // Two right items: Wilson from 1 / (1 + z^2 / 2) to 1, a standard error of a quarter of z^2 / (2 + z^2) for each of the five subsets
    // of Chat, whose weights are 100, 95, 95, 28 and 40 of 358.
    const z2 = 1.959963984540054 ** 2;
    const halfWidth = (z2 / (2 + z2) / 2) * (Math.sqrt(100 ** 2 + 2 * 95 ** 2 + 28 ** 2 + 40 ** 2) / 358);
    near(figures.Chat?.low, 1 - halfWidth);
    near(figures.Chat?.high, 1);
  });

  it('have an overall interval from those of the four sections', () => {
    const { overall } = figuresOverAll(benchmark, new Map(SUBSETS.map((subset) => [subset, right()])));
    // Each section has, as above, a half width of z^2 / (2 + z^2) / 2 times the root of its sum of squared weights; the mean of four
    // independent ones has a quarter of the root of the sum of their squares.
    const z2 = 1.959963984540054 ** 2;
    const squares = Object.values(REWARDBENCH_SECTIONS).map((subsets) => {
      const counts = subsets.map((subset) => REWARDBENCH_COUNTS[subset]!);
      const total = counts.reduce((sum, count) => sum + count, 0);
      return counts.reduce((sum, count) => sum + (count / total) ** 2, 0);
    });
    const root = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    near(overall?.low, 1 - ((z2 / (2 + z2) / 2) * root) / 4);
  });

  it('take a prompt of several subsets for one cluster', () => {
    // The same four prompts in two subsets of Chat, two right and two wrong in each, alike or opposed.
    const subsetOf = (verdicts: string): VerdictTable =>
      tableFrom(
        Object.fromEntries(
          [...verdicts].map((given, i) => [`${i}`, { gold: 'first', given, cluster: `prompt ${i}` }]),
        ),
      );
    const widthOf = (easy: string, hard: string): number => {
      const subsets = new Map(SUBSETS.map((subset) => [subset, right()]));
      subsets.set('alpacaeval-easy', subsetOf(easy)).set('alpacaeval-hard', subsetOf(hard));
      const { Chat } = figuresOverAll(benchmark, subsets);
      assert.match(Chat!.method, /several subsets/);
      return Chat!.value! - Chat!.low!;
    };
    const [alike, apart] = [widthOf('AABB', 'AABB'), widthOf('AABB', 'ABAB')];
    const opposed = widthOf('AABB', 'BBAA');
    assert.ok(opposed < apart && apart < alike, `${opposed}, ${apart}, ${alike}`);
  });

  it('have no value for a section whose subset is missing, or has nothing to go by', () => {
    const subsets = new Map(SUBSETS.map((subset) => [subset, right()]));
    subsets.delete('math-prm');
    subsets.set('donotanswer', tableFrom({ x: { gold: null, given: 'A' } }));
    subsets.set('something else', right());
    const figures = figuresOverAll(benchmark, subsets);
    assert.deepEqual(
      [figures.Reasoning?.value, figures.Safety?.value, figures.overall?.value],
      [null, null, null],
    );
    assert.deepEqual([figures.Reasoning?.low, figures.overall?.high], [null, null]);
    near(figures.Chat?.value, 1);
  });

  it('are null for no subsets at all', () => {
    for (const { value, n, low } of Object.values(figuresOverAll(benchmark, new Map())))
      assert.deepEqual([value, n, low], [null, 0, null]);
  });
});

describe('published RewardBench accuracies', () => {
  it('give the sections with intervals from their numbers of items, and both scales', () => {
    const read = readSubsetAccuracies({ model: 'm', subsets: accuracies(0.8) });
    const { judge, figures } = summariseSubsetAccuracies(read, { priorSets: 0.6 });
    assert.equal(judge, 'm');
    near(figures.overall?.value, 0.8);
    near(figures['overall with prior sets']?.value, (4 * 0.8 + 0.3) / 4.5);
    // math-prm has 447 items whatever it weighs: 447 + 6 * 164.
    assert.equal(figures.Reasoning?.n, 1431);
    assert.ok(figures.Chat!.low! < 0.8 && figures.Chat!.high! > 0.8);
    assert.equal(figures['overall with prior sets']?.low, null);
  });

  it('may lie beside the name of the model, among other things', () => {
    const read = readSubsetAccuracies({ model: 'm', model_type: 'x', chat_template: null, ...accuracies(1) });
    assert.equal(Object.keys(read.accuracies).length, SUBSETS.length);
  });

  it('are refused in percent, as texts, and without any subset', () => {
    for (const row of [
      { model: 'm', ...accuracies(0.9, { donotanswer: 97.5 }) },
      { model: 'm', ...accuracies(0.9), 'hep-js': '0.9' },
      { model: 'm', subsets: { donotanswer: -0.1 } },
      { model: 'm' },
      { subsets: accuracies(1) },
      'm',
    ])
      assert.throws(() => readSubsetAccuracies(row), UnusableRow);
  });
});

describe('RewardBench items', () => {
  const row = { prompt: 'p', chosen: 'good', rejected: 'bad', subset: 'hep-go', id: 7 };

  it('come by section and subset, the chosen response first', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          { ...row, chosen_model: 'human', rejected_model: 'm' },
          { ...row, subset: 'own', id: 'a', chosen_model: null },
        ),
        { file: 'f', companion: () => null },
      ),
    );
    assert.deepEqual(dropped, []);
    assert.deepEqual(kept, [
      {
        itemId: 'hep-go/7',
        instruction: 'p',
        slice: 'Reasoning',
        errorKind: 'hep-go',
        winner: 'good',
        loser: 'bad',
        winnerModel: 'human',
        loserModel: 'm',
      },
      { itemId: 'own/a', instruction: 'p', slice: 'other', errorKind: 'own', winner: 'good', loser: 'bad' },
    ]);
  });

  it('are dropped with a reason where a row is none', async () => {
    const withoutPrompt = { ...row, prompt: undefined };
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf('not JSON', withoutPrompt, { ...row, prompt: '' }, { ...row, id: 1.5 }, { ...row, chosen: 4 }),
        { file: 'f', companion: () => null },
      ),
    );
    assert.deepEqual(kept, []);
    assert.deepEqual(dropped, [
      'line 1: unreadable-row',
      'line 2: wrong-shape',
      'line 3: empty-instruction',
      'line 4: wrong-shape',
      'line 5: wrong-shape',
    ]);
  });
});

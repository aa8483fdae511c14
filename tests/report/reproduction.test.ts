import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readSubsetAccuracies, rewardBenchScores } from '../../lib/src/evaluate/index.js';
import { PUBLISHED_FIGURES, REPRODUCTION_SYSTEMS, SUPPORT_LEVELS } from '../../lib/src/report/index.js';
import { publishedFigureSchema, supportSchema, type PublishedFigure } from '../../lib/src/schema/index.js';
import { parityWith } from '../fixtures/shared-data.js';

/** The values of a system on a benchmark, by metric and scale. */
function valuesOf(system: string, benchmark: PublishedFigure['benchmark']): Record<string, number> {
  return Object.fromEntries(
    PUBLISHED_FIGURES.filter((figure) => figure.system === system && figure.benchmark === benchmark).map(
      ({ metric, scale, value }) => [
        scale === 'with-prior-sets' ? `${metric}, with prior sets` : metric,
        value,
      ],
    ),
  );
}

describe('the published figures', () => {
  it('fit their schema, and no two say the same', () => {
    for (const figure of PUBLISHED_FIGURES) publishedFigureSchema.parse(figure);
    const keys = PUBLISHED_FIGURES.map(({ system, benchmark, metric, scale, counts }) =>
      [system, benchmark, metric, scale, counts].join('/'),
    );
    assert.deepEqual(
      keys.filter((key, i) => keys.indexOf(key) !== i),
      [],
    );
    const systems: readonly string[] = REPRODUCTION_SYSTEMS;
    assert.deepEqual(new Set(PUBLISHED_FIGURES.map(({ system }) => system)), new Set(systems));
    assert.deepEqual(Object.keys(SUPPORT_LEVELS), supportSchema.options);
  });

  it('are those of arXiv 2408.02666: from 75.4 to 88.3, and 88.7 by majority vote', () => {
    assert.deepEqual(
      REPRODUCTION_SYSTEMS.slice(1, 7).map((system) => valuesOf(system, 'rewardbench').overall),
      [83.9, 86, 87.5, 87.7, 88.3, 88.7],
    );
    assert.equal(valuesOf('seed', 'rewardbench')['overall, with prior sets'], 75.4);
    assert.deepEqual(valuesOf('iteration-5', 'helpsteer2'), {
      accuracy: 71,
      'position-consistent accuracy': 60.6,
    });
    assert.deepEqual(valuesOf('iteration-5', 'mt-bench'), { agreement: 78.9 });
  });

  it('add up: each overall on the scale of four sections is the mean of its sections', () => {
    for (const [system, overall] of [
      ['seed', 76.05],
      ['iteration-5', 88.3],
      ['majority-vote-32', 88.7],
      // 90.014 before the sections were rounded.
      ['released-llama-3.1-70b', 90.0],
    ] as const) {
      const values = valuesOf(system, 'rewardbench');
      const mean =
        (['Chat', 'Chat Hard', 'Safety', 'Reasoning'] as const).reduce(
          (sum, section) => sum + values[section]!,
          0,
        ) / 4;
      // Four rounded sections are off by 0.05 at most.
      assert.ok(Math.abs(mean - values.overall!) <= 0.05 + 1e-9, `${system}: ${mean}, ${values.overall}`);
      assert.ok(Math.abs(mean - overall) <= 0.05 + 1e-9, system);
    }
    const seed = valuesOf('seed', 'rewardbench');
    // (97.6 + 58.9 + 69.2 + 78.5 + 0.5 * 70.4) / 4.5 = 75.42
    const withPriorSets = (97.6 + 58.9 + 69.2 + 78.5 + 0.5 * seed['prior sets']!) / 4.5;
    assert.equal(withPriorSets.toFixed(1), String(seed['overall, with prior sets']));
  });

  it('say the counts of every Safety score and of every overall whose scale is known', () => {
    for (const { system, metric, scale, counts } of PUBLISHED_FIGURES) {
      if (metric === 'Safety' || scale !== undefined) assert.ok(counts, `${system} ${metric}`);
      else assert.equal(counts, undefined, `${system} ${metric}`);
    }
  });
});

parityWith('rewardbench_results', 'the published figures that are recomputed', (file) => {
  const results = (JSON.parse(readFileSync(file('per_subset_results.json'), 'utf8')) as unknown[]).map(
    readSubsetAccuracies,
  );

  for (const [system, judge] of [
    ['seed', 'meta-llama/Meta-Llama-3-70B-Instruct'],
    ['majority-vote-32', 'facebook/Self-taught-Llama-3-70B'],
    ['gpt-4-0125', 'openai/gpt-4-0125-preview'],
    ['released-llama-3.1-70b', 'facebook/Self-taught-evaluator-llama3.1-70B'],
  ] as const) {
    it(`follow from the accuracies by subset of ${judge}`, () => {
      const { accuracies } = results.find((result) => result.judge === judge)!;
      const values = Object.fromEntries(
        Object.entries(accuracies).map(([subset, { value }]) => [subset, value!]),
      );
      const figures = PUBLISHED_FIGURES.filter(
        (figure) =>
          figure.system === system &&
          figure.support === 'A' &&
          figure.benchmark === 'rewardbench' &&
          figure.scale !== 'with-prior-sets' &&
          figure.metric !== 'prior sets',
      );
      assert.ok(figures.length > 0);
      for (const { metric, counts, value } of figures) {
        const { sections, overall } = rewardBenchScores(values, counts ? { counts } : {});
        const computed = metric === 'overall' ? overall : sections[metric as keyof typeof sections];
        const nDecimals = String(value).split('.')[1]?.length ?? 1;
        assert.equal((100 * computed!).toFixed(nDecimals), value.toFixed(nDecimals), metric);
      }
    });
  }
});

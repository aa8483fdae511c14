// RewardBench sections and overall from published accuracies by subset (nine judges; allenai/reward-bench-results), against the figures
// that the paper and the leaderboard print.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  readSubsetAccuracies,
  REWARDBENCH_COUNTS,
  REWARDBENCH_SECTIONS,
  rewardBenchScores,
  type RewardBenchCounts,
} from '../../lib/src/evaluate/index.js';
import { parityWith } from '../fixtures/shared-data.js';

parityWith('rewardbench_results', 'parity with RewardBench', (file) => {
  const read = (name: string): unknown => JSON.parse(readFileSync(file(name), 'utf8'));
  const aggregated = read('aggregated.json') as {
    example_counts: Record<string, number>;
    subset_mapping: Record<string, string[]>;
    models: { model: string; sections: Record<string, number>; final: number }[];
  };
  const results = (read('per_subset_results.json') as unknown[]).map(readSubsetAccuracies);

  const accuraciesOf = (judge: string): Record<string, number> => {
    const result = results.find((candidate) => candidate.judge === judge);
    return Object.fromEntries(
      Object.entries(result!.accuracies).map(([subset, { value }]) => [subset, value!]),
    );
  };
  /** In percent, with so many digits. */
  const overall = (judge: string, counts: RewardBenchCounts, digits: number): string =>
    (100 * rewardBenchScores(accuraciesOf(judge), { counts }).overall!).toFixed(digits);

  it('has the official sections and counts', () => {
    assert.deepEqual(REWARDBENCH_COUNTS, aggregated.example_counts);
    assert.deepEqual(REWARDBENCH_SECTIONS, aggregated.subset_mapping);
  });

  it('gives every judge the sections and the overall score of the leaderboard', () => {
    assert.equal(results.length, 9);
    for (const { model, sections, final } of aggregated.models) {
      const scores = rewardBenchScores(accuraciesOf(model));
      for (const [section, expected] of Object.entries(sections))
        assert.ok(Math.abs(scores.sections[section as 'Chat']! - expected) < 1e-12, `${model} ${section}`);
      assert.ok(Math.abs(scores.overall! - final) < 1e-12, model);
    }
  });

  it('gives the released Llama-3.1-70B judge 90.014, and its four sections', () => {
    const judge = 'facebook/Self-taught-evaluator-llama3.1-70B';
    assert.equal(overall(judge, 'current', 3), '90.014');
    const { sections } = rewardBenchScores(accuraciesOf(judge));
    assert.deepEqual(
      Object.values(sections).map((section) => (100 * section!).toFixed(1)),
      ['96.9', '85.1', '89.6', '88.4'],
    );
  });

  it('gives the seed 75.42 with the prior sets and 76.05 on four sections, on the counts of its time', () => {
    const seed = accuraciesOf('meta-llama/Meta-Llama-3-70B-Instruct');
    // 70.4 is its mean on the prior sets, as the paper's scale needs it.
    const scores = rewardBenchScores(seed, { counts: 'before-2024-09-10', priorSets: 0.704 });
    assert.equal((100 * scores.overallWithPriorSets!).toFixed(2), '75.42');
    assert.equal((100 * scores.overall!).toFixed(2), '76.05');
    assert.deepEqual(
      Object.values(scores.sections).map((section) => (100 * section!).toFixed(1)),
      ['97.6', '58.9', '69.2', '78.5'],
    );
  });

  it('gives the majority vote of the fifth iteration 88.7 on the old counts (88.735) and 88.63 on the new ones, and its sections', () => {
    const judge = 'facebook/Self-taught-Llama-3-70B';
    assert.equal(overall(judge, 'before-2024-09-10', 3), '88.735');
    assert.equal(overall(judge, 'current', 2), '88.63');
    const { sections } = rewardBenchScores(accuraciesOf(judge), { counts: 'before-2024-09-10' });
    assert.deepEqual(
      Object.values(sections).map((section) => (100 * section!).toFixed(1)),
      ['96.9', '84.0', '91.5', '82.5'],
    );
  });

  it('gives GPT-4-0125 85.93 and Gemini-1.5-Pro-0514 88.1 on the old counts', () => {
    assert.equal(overall('openai/gpt-4-0125-preview', 'before-2024-09-10', 2), '85.93');
    assert.equal(overall('google/gemini-1.5-pro-0514', 'before-2024-09-10', 1), '88.1');
  });
});

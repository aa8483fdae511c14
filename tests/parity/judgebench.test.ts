// JudgeBench's recorded judges (github.com/ScalerLab/JudgeBench at e2c52c2), by its own rule and split.
import assert from 'node:assert/strict';
import { scoreRecorded } from '../../lib/src/experiment/index.js';
import type { Score } from '../../lib/src/schema/index.js';
import { parityWith } from '../fixtures/shared-data.js';

parityWith('judgebench', 'parity with JudgeBench', (file) => {
  const scoreOf = (judged: string): Promise<Score> =>
    scoreRecorded({
      benchmark: 'judgebench',
      judgments: [file(`outputs,response_model=${judged}.jsonl.gz`)],
      items: ['claude-3-5-sonnet-20240620', 'gpt-4o-2024-05-13'].map((model) =>
        file(`dataset=judgebench,response_model=${model}.jsonl.gz`),
      ),
    });
  const percent = (value: number | null | undefined): string | undefined =>
    value == null ? undefined : (100 * value).toFixed(2);

  it('has the accuracies of Claude-3-Haiku, by category and overall, read from its texts', async () => {
    const score = await scoreOf(
      'claude-3-5-sonnet-20240620,judge_name=arena_hard,judge_model=claude-3-haiku-20240307',
    );
    const bySubset = score.sets.map(({ subset, published }) => [subset, percent(published.accuracy?.value)]);
    assert.deepEqual(Object.fromEntries(bySubset), {
      knowledge: '37.66',
      reasoning: '29.41',
      math: '32.35',
      coding: '9.68',
    });
    assert.equal(percent(score.judges[0]?.figures.accuracy?.value), '32.22');
    assert.deepEqual([score.nJudgments, score.nDiffering], [540, 0]);
    // Two of the 270 pairs answer the same question.
    assert.equal(score.judges[0]?.figures.accuracy?.nClusters, 269);
  });

  it('has the accuracy of a reward model, read from its scores', async () => {
    const score = await scoreOf(
      'gpt-4o-2024-05-13,judge_name=reward_model,judge_model=Skywork_Skywork-Reward-Llama-3.1-8B',
    );
    assert.equal(percent(score.judges[0]?.figures.accuracy?.value), '62.29');
    // The two orders of one pair have equal scores, which the publication reads as the second response.
    assert.equal(score.nDiffering, 2);
    assert.equal(score.judges[0]?.figures.accuracy?.nClusters, 350);
  });
});

// Real GPT-4 judgments in MT-Bench's format (github.com/Stefanstud/FastChat at 1f5a7b8): 75 pairs in both orders, 160 single grades.
import assert from 'node:assert/strict';
import { scoreRecorded } from '../../lib/src/experiment/index.js';
import type { Score } from '../../lib/src/schema/index.js';
import { parityWith } from '../fixtures/shared-data.js';

parityWith('mtbench', 'parity with MT-Bench', (file) => {
  const scored = (name: string): Promise<Score> =>
    scoreRecorded({ benchmark: 'mt-bench', judgments: [file(name)] });

  it('reads all 150 winners as they were recorded, the 3 without a marker as unparsed', async () => {
    const score = await scored('stefanstud_model_judgment_gpt-4_pair.jsonl.gz');
    assert.deepEqual([score.nReparsed, score.differing, score.dropped], [150, [], {}]);
    assert.equal(
      score.sets.reduce((n, { metrics }) => n + metrics.nUnparsed, 0),
      3,
    );
  });

  it('says that no accuracy follows without votes of people', async () => {
    const score = await scored('stefanstud_model_judgment_gpt-4_pair.jsonl.gz');
    assert.equal(score.nWithoutGold, 75);
    assert.ok(score.sets.every(({ metrics }) => metrics.accuracy.value === null && metrics.accuracy.n === 0));
  });

  it('reads all 160 single grades as they were recorded', async () => {
    const score = await scored('stefanstud_model_judgment_gpt-4_single.jsonl.gz');
    assert.deepEqual([score.nReparsed, score.differing, score.dropped], [160, [], {}]);
    assert.equal(
      score.grades.reduce((n, { meanGrade }) => n + meanGrade.n, 0),
      160,
    );
  });
});

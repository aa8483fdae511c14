// PandaLM's recorded judges on its test set (github.com/WeOpenML/PandaLM at 3871806), against the table of its README (at 77cec46).
import assert from 'node:assert/strict';
import { scoreRecorded } from '../../lib/src/experiment/index.js';
import type { Score } from '../../lib/src/schema/index.js';
import { parityWith } from '../fixtures/shared-data.js';

parityWith('pandalm', 'parity with PandaLM', (file) => {
  let score: Score;
  before(async () => {
    score = await scoreRecorded({
      benchmark: 'pandalm',
      judgments: [file('gpt-3.5-turbo-testset-v1.json.gz'), file('pandalm-7b-testset-v1.json.gz')],
      items: [file('testset-v1.json.gz')],
    });
  });
  const percentOf = (judge: string): Record<string, string> => {
    const { figures } = score.judges.find((candidate) => candidate.judge === judge)!;
    return Object.fromEntries(
      Object.entries(figures).map(([name, { value }]) => [name, (100 * value!).toFixed(2)]),
    );
  };

  it('has the published accuracy, precision, recall and F1 of both judges', () => {
    assert.deepEqual(percentOf('gpt'), {
      accuracy: '71.07',
      macroPrecision: '58.79',
      macroRecall: '57.36',
      macroF1: '57.55',
    });
    assert.deepEqual(percentOf('pandalm'), {
      accuracy: '66.77',
      macroPrecision: '57.38',
      macroRecall: '57.50',
      macroF1: '57.43',
    });
  });

  it("keeps what could not be read apart in its own figures: 25 of GPT-3.5's verdicts are garbage", () => {
    const { metrics } = score.sets.find(({ judge }) => judge === 'gpt')!;
    assert.deepEqual([metrics.nItems, metrics.accuracy.n, metrics.accuracy.unscored], [999, 974, 25]);
  });

  it('takes the 999 pairs for answers to 170 prompts in every interval', () => {
    const [gpt, pandalm] = ['gpt', 'pandalm'].map((name) =>
      score.judges.find(({ judge }) => judge === name)!,
    );
    for (const estimate of [...Object.values(pandalm!.figures), ...Object.values(score.goldAgreement)])
      assert.equal(estimate.nClusters, 170);
    assert.equal(gpt!.figures.accuracy?.nClusters, 170);
    // As if the pairs were independent, its interval was [63.8, 69.6].
    const { low, high, method } = pandalm!.figures.accuracy!;
    assert.deepEqual([(100 * low!).toFixed(1), (100 * high!).toFixed(1)], ['62.1', '71.1'], method);
  });

  it('has the kappas of the annotators', () => {
    // The paper's table of agreement: 0.85, 0.86 and 0.88 (arXiv 2306.05087).
    const kappas = Object.entries(score.goldAgreement).map(([name, { value }]) => [name, value!.toFixed(2)]);
    assert.deepEqual(kappas, [
      ['cohensKappa annotators 1 and 2', '0.85'],
      ['cohensKappa annotators 1 and 3', '0.88'],
      ['cohensKappa annotators 2 and 3', '0.86'],
      ['fleissKappa', '0.86'],
    ]);
  });
});

// Recorded annotations of AlpacaEval (github.com/tatsu-lab/alpaca_eval at cd543a1) against its leaderboards, and MT-Bench's human votes against
// the agreement that FastChat's compute_agreement.py gives.
import assert from 'node:assert/strict';
import { reportPairVotes } from '../../lib/src/evaluate/index.js';
import type { PairVoteReport } from '../../lib/src/schema/index.js';
import { parityWith } from '../fixtures/shared-data.js';

const report = (...files: string[]): Promise<PairVoteReport> =>
  reportPairVotes({ files, nResamples: 100, seed: 1 });
const percent = (value: number | null | undefined, digits: number): string | undefined =>
  value == null ? undefined : (100 * value).toFixed(digits);

parityWith('alpaca_eval', 'parity with AlpacaEval', (file) => {
  const cases: [string, string[]][] = [
    ['gemma-7b-it,weighted_alpaca_eval_gpt4_turbo', ['6.937', '0.787', '6.273', '805']],
    ['NullModel,weighted_alpaca_eval_gpt4_turbo', ['76.920', '0.909', '83.975', '805']],
    ['claude-2,alpaca_eval_gpt4', ['91.356', '0.990', '91.356', '804']],
    ['alpaca-7b,alpaca_eval_gpt4', ['26.460', '1.536', '26.460', '805']],
  ];
  for (const [name, expected] of cases) {
    it(`has win rate, standard error and discrete win rate of ${name}`, async () => {
      const { winRates, repeatedAnswers } = await report(file(`${name}.json.gz`));
      const [{ winRate, standardError, discreteWinRate } = {}] = winRates;
      assert.deepEqual(
        [
          percent(winRate?.value, 3),
          percent(standardError, 3),
          percent(discreteWinRate?.value, 3),
          String(winRate?.n),
        ],
        expected,
      );
      const isNull = name.startsWith('NullModel');
      assert.deepEqual(repeatedAnswers, isNull ? [{ system: 'example', nEqual: 805, nAnswers: 805 }] : []);
    });
  }
});

parityWith('mtbench_votes', 'parity with the agreement of MT-Bench', (file) => {
  it('of GPT-4 with experts, and of experts with each other, with ties and without', async () => {
    const { agreements } = await report(file('gpt4_pair.jsonl.gz'), file('human.jsonl.gz'));
    const rows = agreements
      .filter(({ others, subset }) => others === 'expert' && subset !== 'all')
      .map(({ raters, subset, agreement, withoutTies }) => [
        `${raters}, ${subset}`,
        percent(agreement.value, 2),
        agreement.n,
        percent(withoutTies.value, 2),
        withoutTies.n,
      ]);
    const gpt4 = agreements.filter(({ raters, others }) => raters === 'gpt4_pair' && others === 'expert');
    assert.ok(gpt4.every(({ agreement }) => agreement.nClusters === 80));
    const of = (raters: string): unknown[] => rows.filter(([name]) => String(name).startsWith(raters));
    assert.deepEqual(of('gpt4_pair'), [
      ['gpt4_pair, turn 1', '65.97', 1343, '84.63', 859],
      ['gpt4_pair, turn 2', '65.74', 1325, '84.61', 864],
    ]);
    assert.deepEqual(
      of('expert').map((row) => (row as unknown[]).filter((_, i) => i !== 2 && i !== 4)),
      [
        ['expert, turn 1', '62.97', '81.00'],
        ['expert, turn 2', '66.62', '81.86'],
      ],
    );
  });
});

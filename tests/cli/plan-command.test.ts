import assert from 'node:assert/strict';
import { join } from 'node:path';
import { planSchema } from '../../lib/src/schema/plan.js';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { PLANNED_EXPERIMENT, writePlanned } from '../fixtures/planned-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** Plans with everything inside `folder`. */
function plan(folder: string, ...options: string[]): Promise<CommandOutcome> {
  const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
  return runCommandLine('plan', join(folder, 'experiment.yaml'), ...places, ...options);
}

describe('autodidact plan', () => {
  it('prints a row for each stage, the sum, what caps would do, and what was assumed', () =>
    inTemporaryFolder(async (folder) => {
      const prices = { '*': { inputUsdPerMillion: 1000, outputUsdPerMillion: 2000 } };
      await writePlanned(folder, { ...PLANNED_EXPERIMENT, prices, budget: { costUsd: 1, calls: 100 } });
      const { code, out } = await plan(folder);
      assert.equal(code, 0);
      assert.match(out, /^planned: nothing was sent; the run would be kept in .*results/);
      assert.match(
        out,
        /^stage +inputs +calls +from store +completions +tokens in +tokens out +cost +time$/m,
      );
      // 136 x 0.001 + 84 x 0.002 dollars; the pace of a server that is not the embedded one is not known.
      assert.match(out, /^0 evaluate +2 +8 +0 +12 +136 +84 +\$0\.30 +–$/m);
      assert.match(out, /^1 generate +4 +12 +0 +16 +128 +120 +\$0\.37 +–$/m);
      assert.match(out, /^1 finetune +2 +– +–$/m);
      assert.match(out, /^in all +32 +0 +52 +536 +372 +\$1\.28 +–$/m);
      assert.match(out, /^finetune: at most so many examples, 2 epochs, not priced$/m);
      // $0.30 + $0.37 + 4 x 34 x 0.001 + 84 x 0.002 = $0.98 before the last evaluation.
      assert.match(
        out,
        /^budget\.costUsd of \$1\.00: would stop the run in iteration 1, evaluate; it needs \$1\.28$/m,
      );
      assert.match(out, /^budget\.calls of 100 calls: enough for 32 calls, 32% of it$/m);
      assert.match(out, /^ {2}tokens of an answer: 10 \(plan\.answerTokens\)$/m);
    }));

  it('prints everything as JSON, with values of the file replaced', () =>
    inTemporaryFolder(async (folder) => {
      await writePlanned(folder);
      const { code, out } = await plan(folder, '--json', '--set', 'judge.samples=1', '--set', 'iterations=2');
      assert.equal(code, 0);
      const { stages, total } = planSchema.parse(JSON.parse(out));
      assert.deepEqual(
        stages.map(({ iteration, stage }) => `${iteration} ${stage}`),
        [
          '0 evaluate',
          ...[1, 2].flatMap((i) =>
            ['generate', 'judge', 'finetune', 'evaluate'].map((stage) => `${i} ${stage}`),
          ),
        ],
      );
      assert.equal(stages[2]?.completions, 4);
      assert.equal(total.costUsd, null);
    }));

  it('shows what has no price as such, never as 0', () =>
    inTemporaryFolder(async (folder) => {
      await writePlanned(folder);
      const { out } = await plan(folder);
      assert.match(out, /^in all +32 +0 +52 +536 +372 +– +–$/m);
    }));

  it('answers wrong input with one message and a code that is not 0', () =>
    inTemporaryFolder(async (folder) => {
      const { code, err } = await plan(folder);
      assert.equal(code, 2);
      assert.match(err, /^error: .*experiment\.yaml: expected an experiment file/);
    }));
});

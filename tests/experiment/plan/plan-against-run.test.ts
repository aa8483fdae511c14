import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { planIn, stageOf } from '../../fixtures/planned-experiment.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

describe('a plan of the loop on the embedded model', function () {
  this.timeout(120_000);

  it('is within 15% of the tokens that its run uses, and knows what is left to ask for', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, { ...embeddedIn(folder), audit: { pairs: 10 } });
      const before = await planIn(folder, path);
      const { result } = await runIn(folder, path);
      const { usage } = result.manifest;
      const planned = before.total.promptTokens + before.total.completionTokens;
      const used = usage.promptTokens + usage.completionTokens;
      assert.ok(Math.abs(planned / used - 1) < 0.15, `${planned} tokens planned, ${used} used`);
      assert.ok(Math.abs(before.total.requests / usage.requests - 1) < 0.15);
      // Prompts of evaluations are known to the token: 12 pairs in 2 orders, greedy and by votes, of three judges.
      const evaluation = stageOf(before, 0, 'evaluate');
      assert.deepEqual([evaluation.requests, evaluation.completions], [48, 96]);

      const finished = await planIn(folder, path);
      assert.equal(before.folder, result.folder);
      assert.deepEqual([...new Set(finished.stages.map(({ state }) => state))], ['done']);
      assert.equal(finished.total.requests, 0);

      // Without the run's folder the judges' names are not known, but pairs and the seed's judgments are still in the store.
      await rm(join(folder, 'results'), { recursive: true });
      const fromStore = await planIn(folder, path);
      assert.deepEqual(
        fromStore.stages
          .filter(({ requests }) => requests > 0)
          .map(({ iteration, stage }) => `${iteration} ${stage}`),
        ['1 evaluate', '1 audit', '2 judge', '2 evaluate', '2 audit'],
      );
    }));
});

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readReview, reviewItems } from '../../../lib/src/experiment/index.js';
import { readBenchmark } from '../../../lib/src/experiment/open/run-benchmark.js';
import type { ReviewItem } from '../../../lib/src/schema/review.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const FIRST = { name: 'first', benchmark: { source: 'embedded', split: 'dev', pairs: 4 } };
const OTHER = { name: 'other', benchmark: { source: 'embedded', split: 'test', pairs: 4 } };

/** The seed model on these benchmarks; none: on the first alone, without a name. */
async function runOn(folder: string, benchmarks: object[]): Promise<string> {
  const evaluate = benchmarks.length === 0 ? { benchmark: FIRST.benchmark } : { benchmarks };
  const config = { ...embeddedIn(folder), iterations: 0, evaluate: { maxTokens: 24, ...evaluate } };
  return (await runIn(folder, await writeExperiment(folder, config))).result.folder;
}

describe('a review of held-out pairs of several benchmarks', function () {
  this.timeout(60_000);

  it('asks about the headline or the named one, and counts what is said of each by itself', () =>
    inTemporaryFolder(async (folder) => {
      const ask = (runFolder: string, benchmark?: string): Promise<ReviewItem[]> =>
        reviewItems({ runFolder, stage: 'evaluate', nItems: 9, benchmark });
      const unnamed = await ask(await runOn(folder, []));
      const runFolder = await runOn(folder, [FIRST, { ...OTHER, headline: true }]);
      for (const name of ['other', 'first']) {
        const items = await ask(runFolder, name);
        const texts = [...(await readBenchmark(runFolder, name)).values()];
        assert.deepEqual(
          items.map(({ instruction }) => instruction).sort(),
          texts.map(({ instruction }) => instruction).sort(),
        );
        assert.ok(items.every(({ itemId }) => itemId.startsWith(`evaluate-${name}-0-`)));
      }
      assert.deepEqual(await ask(runFolder), await ask(runFolder, 'other'));
      assert.ok(unnamed.every(({ itemId }) => itemId.startsWith('evaluate-0-')));
      const { results } = await readReview(runFolder);
      assert.deepEqual(
        results.map(({ benchmark, nItems }) => [benchmark ?? '', nItems]).sort(),
        ['', 'first', 'other'].map((name) => [name, 4]),
      );
      await assert.rejects(ask(runFolder, 'third'), /expected one of first, other, received third/);
      const ofPairs = reviewItems({ runFolder, stage: 'generate', nItems: 1, benchmark: 'other' });
      await assert.rejects(ofPairs, /only held-out pairs are of one/);
      // While an iteration is at work, only the first has pairs that are known to be whole.
      await rm(join(runFolder, 'iteration-0/manifest.json'));
      await rm(join(runFolder, 'review'), { recursive: true });
      const atWork = { runFolder, stage: 'evaluate', iteration: 0, nItems: 9 } as const;
      await assert.rejects(reviewItems(atWork), /finished iteration.*--benchmark first/);
      assert.equal((await reviewItems({ ...atWork, benchmark: 'first' })).length, 4);
    }));
});

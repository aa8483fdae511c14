import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  compareInputs,
  makeReport,
  readBenchmark,
  readIteration,
  readIterations,
  runExperiment,
  showBlocks,
  showExplorer,
  showSection,
} from '../../../lib/src/experiment/index.js';
import { chartNamed, comparisonBlocks, text } from '../../../lib/src/report/index.js';
import { gridReportOf } from '../../fixtures/matrix-report.js';
import { printedBy } from '../../fixtures/printed-by.js';
import { smallMatrix } from '../../fixtures/small-matrix.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

describe('what a notebook reads of a run', function () {
  this.timeout(120_000);

  it('is its records, its benchmark and the parts of its report', () =>
    inTemporaryFolder(async (folder) => {
      const run = await runExperiment({
        config: { ...smallMatrix(folder, {}), matrix: undefined },
        baseFolder: folder,
        resultsFolder: join(folder, 'results'),
        completionsFolder: join(folder, 'completions'),
        environment: {},
        signal: new AbortController().signal,
        onEvent: () => undefined,
      });

      const { manifest, ...records } = await readIteration(run.folder, 1);
      const kept = (stage: string): number | undefined =>
        manifest.stages.find((each) => each.stage === stage)?.nKept;
      assert.equal((await records.instructions()).length, kept('select'));
      assert.equal((await records.pairs()).length, kept('generate'));
      assert.equal((await records.judgments()).length, kept('judge'));
      assert.equal((await records.examples()).length, kept('filter'));
      const all = await readIterations(run.folder);
      assert.deepEqual(
        all.map((each) => each.manifest.iteration),
        [0, 1],
      );
      assert.deepEqual(await all[1]?.pairs(), await records.pairs());
      const benchmark = await readBenchmark(run.folder);
      const evaluated = await records.evaluation();
      assert.deepEqual(
        evaluated.map(({ itemId }) => itemId),
        [...benchmark.keys()],
      );
      await assert.rejects(readIteration(run.folder, 2), /@2: expected a finished iteration: 0, 1/);
      await assert.rejects(readBenchmark(folder), /expected the configuration of a run/);

      const report = await makeReport([run.folder]);
      const printed = await printedBy(() => showSection(report, 'By slice and kind of error'));
      assert.match(printed, /^\[chart: Accuracy of the seed and of iteration 1.*\]\n/);
      assert.match(printed, /\ngroup .*seed % \[95%\]/);
      await assert.rejects(showSection(report, 'Weather'), /Iterations.*received Weather/);
      assert.equal(chartNamed(report, 'accuracy').id, 'accuracy');
      assert.throws(() => chartNamed(report, 'weather'), /accuracy.*received weather/);

      const inputs = [`${run.folder}@0`, `${run.folder}@1`];
      const named = await compareInputs(inputs, { seed: 1, nResamples: 50, names: ['before', 'after'] });
      assert.match(await printedBy(() => showBlocks(comparisonBlocks(named))), /^- after .*before/m);
      await assert.rejects(compareInputs(inputs, { seed: 1, names: ['one'] }), /a name for each judge/);
    }));

  it('is the explorer of a matrix, with its notes', async () => {
    const report = gridReportOf([{ name: 'N', labels: ['1', '5'] }], { nSeeds: 2 });
    const [chart, note] = (await printedBy(() => showExplorer({ report }))).split('\n');
    assert.equal(
      chart,
      '[chart: Accuracy by iteration of 2 arms and differences from the baseline, over 2 loop seeds]',
    );
    assert.match(note ?? '', /^- With a single loop seed chosen, intervals are over items/);
  });

  it('shows texts as text, also those that are folded', async () => {
    const blocks = [{ kind: 'folded' as const, summary: 's', blocks: [text`a*b ${{ strong: 'c' }}`] }];
    assert.equal(await printedBy(() => showBlocks(blocks)), 'a\\*b **c**\n');
  });
});

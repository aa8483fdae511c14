import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REWARDBENCH_COUNTS } from '../../../lib/src/evaluate/index.js';
import { documentToHtml, documentToMarkdown, paperDocument } from '../../../lib/src/report/index.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import { writePaperRun } from '../../fixtures/paper-runs.js';
import { parityWith } from '../../fixtures/shared-data.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { cellOf, cellsOf, pageOf, rounded } from '../../fixtures/paper-page.js';

describe('recorded results on the page of the paper', () => {
  const accuracies = (value: number) =>
    Object.fromEntries(Object.keys(REWARDBENCH_COUNTS).map((subset) => [subset, value]));

  const page = async (folder: string, file: object, name = 'recorded.json', system = '') => {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(file));
    return pageOf(folder, { recorded: [`${system}${path}`] });
  };

  it('fill the systems of judges that are known, and are named where they are not', () =>
    inTemporaryFolder(async (folder) => {
      const found = await page(folder, [
        { model: 'meta-llama/Meta-Llama-3-70B-Instruct', subsets: accuracies(0.8) },
        { model: 'somebody/else', subsets: accuracies(0.9) },
      ]);
      const { ours } = cellOf(found, 'seed', 'overall');
      assert.equal(rounded(ours[0]?.difference?.value), (0.8 - 0.7605).toFixed(4));
      assert.match(ours[0]!.from, /Meta-Llama-3-70B-Instruct in .*recorded\.json/);
      assert.deepEqual(found.unplaced, [{ judge: 'somebody/else', file: join(folder, 'recorded.json') }]);
      assert.equal(cellsOf(found).filter((cell) => cell.ours.length > 0).length, 5);
    }));

  it('run nothing on the page, whatever a judge is called', () =>
    inTemporaryFolder(async (folder) => {
      const hostile = '<script>document.title = "broken"</script>';
      const found = await page(folder, { model: hostile, subsets: accuracies(0.8) });
      const named = await page(folder, { model: hostile, subsets: accuracies(0.8) }, 'named.json', 'seed=');
      for (const each of [found, named]) {
        const html = await documentToHtml(paperDocument(each));
        assert.ok(!html.includes(hostile));
        assert.ok(html.includes('&lt;script&gt;document.title'));
        assert.ok(!documentToMarkdown(paperDocument(each)).includes(hostile));
      }
    }));

  it('stand for the system that is named, and beside a run that has the same figure', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writePaperRun(join(folder, 'results'));
      const result = { model: 'mine', subsets: accuracies(0.9) };
      const found = await page(folder, result, 'mine.json', 'iteration-5=');
      assert.deepEqual(
        cellOf(found, 'iteration-5', 'overall').ours.map(({ from }) => from),
        [run, `mine in ${join(folder, 'mine.json')}`],
      );
    }));

  it('can be what score --json printed, on the scale with prior sets too', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'subsets.json');
      await writeFile(path, JSON.stringify({ model: 'mine', subsets: accuracies(0.8) }));
      const args = ['--subset-accuracies', path, '--prior-sets', '70', '--json'];
      const { out } = await runCommandLine('score', 'rewardbench', ...args);
      const found = await page(folder, JSON.parse(out) as object, 'score.json', 'gpt-4-0125=');
      const withPriorSets = cellsOf(found).filter(
        ({ published, ours }) => published.scale === 'with-prior-sets' && ours.length > 0,
      );
      // (4 * 0.8 + 0.5 * 0.7) / 4.5
      assert.deepEqual(
        withPriorSets.map(({ published, ours }) => [published.value, rounded(ours[0]?.estimate.value)]),
        [[84.3, ((4 * 0.8 + 0.35) / 4.5).toFixed(4)]],
      );
    }));

  it('answer wrong files and names with one message', () =>
    inTemporaryFolder(async (folder) => {
      const bad = join(folder, 'bad.json');
      await writeFile(bad, 'nothing');
      const two = join(folder, 'two.json');
      await writeFile(two, JSON.stringify(['a', 'b'].map((model) => ({ model, subsets: accuracies(0.5) }))));
      const other = join(folder, 'other.json');
      await writeFile(other, JSON.stringify({ benchmark: 'llmbar', judges: [] }));
      for (const [given, message] of [
        [bad, /bad\.json: expected JSON: a score, or accuracies by subset/],
        [join(folder, 'gone.json'), /received no file/],
        [`iteration-9=${two}`, /expected one of seed, iteration-1, .* before the file, received iteration-9/],
        [`seed=${two}`, /expected a result of one judge, received 2: a, b/],
        [other, /expected a score on rewardbench, mt-bench or helpsteer2, received llmbar/],
      ] as const)
        await assert.rejects(pageOf(folder, { recorded: [given] }), message);
    }));
});

parityWith('rewardbench_results', 'recorded results of RewardBench on the page of the paper', (file) => {
  it('fill the systems whose figures follow from them, to the printed digit', () =>
    inTemporaryFolder(async (folder) => {
      const page = await pageOf(folder, { recorded: [file('per_subset_results.json')] });
      const filled = cellsOf(page).filter(({ ours }) => ours.length > 0);
      assert.deepEqual(
        new Set(filled.map(({ published }) => published.system)),
        new Set(['seed', 'majority-vote-32', 'gpt-4-0125', 'gemini-1.5-pro-0514', 'released-llama-3.1-70b']),
      );
      for (const { published, ours } of filled)
        assert.ok(
          Math.abs(ours[0]!.difference!.value!) < 0.0005 + 1e-9,
          `${published.system} ${published.metric}`,
        );
      assert.equal(page.unplaced.length, 4);
    }));
});

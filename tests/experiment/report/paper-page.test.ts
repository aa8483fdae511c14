import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadExperimentConfig } from '../../../lib/src/experiment/index.js';
import { loadMatrix } from '../../../lib/src/experiment/matrix/load-matrix.js';
import { prepareMatrix } from '../../../lib/src/experiment/matrix/prepare-matrix.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import {
  cellTable,
  documentToMarkdown,
  paperDocument,
  PUBLISHED_FIGURES,
} from '../../../lib/src/report/index.js';
import { paperPageSchema } from '../../../lib/src/schema/index.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import { matrixReportOf } from '../../fixtures/matrix-report.js';
import { writePaperRun, writeRun, writeSourcesArm } from '../../fixtures/paper-runs.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { cellOf, cellsOf, pageOf, rounded } from '../../fixtures/paper-page.js';

const signal = new AbortController().signal;

describe('the page of the paper', () => {
  it('has every published figure, its support and its command on a folder without runs', () =>
    inTemporaryFolder(async (folder) => {
      const page = await pageOf(folder, { resultsFolder: join(folder, 'nowhere'), root: '.' });
      const cells = cellsOf(page);
      assert.equal(cells.length, PUBLISHED_FIGURES.length);
      assert.ok(cells.every(({ ours, twin }) => ours.length === 0 && twin === null));
      const markdown = documentToMarkdown(paperDocument(page));
      for (const { value, support } of PUBLISHED_FIGURES)
        assert.match(markdown, new RegExp(String.raw`\| ${value}(\.0)? \| ${support} \|  \|  \|  \|  \| `));
      for (const { command } of page.experiments) assert.ok(markdown.includes(command), command);
      assert.match(markdown, /known once the data is here: npx autodidact data pull .*rewardbench/);
      assert.match(markdown, /\*\*45 figures, 0 with one of yours\*\*/);
    }));

  it('says that experiments are not here, away from the repository', () =>
    inTemporaryFolder(async (folder) => {
      const { experiments } = await pageOf(folder);
      for (const { obstacle, nRuns } of experiments)
        assert.deepEqual([obstacle?.split(':')[0], nRuns], ['not here', 0]);
    }));

  it('has the figures of a run on the benchmarks of the paper, the difference, and where they are from', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writePaperRun(join(folder, 'results'));
      const page = await pageOf(folder);
      // Every subset is right in three of four verdicts: all with the winner first, half of them with it last.
      const overall = cellOf(page, 'iteration-5', 'overall').ours;
      assert.deepEqual(
        overall.map(({ estimate, from, difference }) => [
          rounded(estimate.value),
          from,
          rounded(difference?.value),
        ]),
        [['0.7500', run, (0.75 - 0.883).toFixed(4)]],
      );
      const [{ estimate, difference }] = overall as [(typeof overall)[number]];
      assert.equal(rounded(difference?.low), rounded(estimate.low! - 0.883));
      assert.equal(rounded(difference?.high), rounded(estimate.high! - 0.883));
      assert.equal(rounded(cellOf(page, 'iteration-5', 'Chat Hard').ours[0]?.estimate.value), '0.7500');
      assert.deepEqual(cellOf(page, 'iteration-3', 'overall').ours, []);
      const [first, last] = ['overall, winner first', 'overall, winner last'].map((metric) =>
        cellOf(page, 'iteration-5', metric),
      );
      assert.deepEqual(
        [first, last].map((cell) => [cell?.isScaleAssumed, rounded(cell?.ours[0]?.estimate.value)]),
        [
          [true, '1.0000'],
          [true, '0.5000'],
        ],
      );
      assert.deepEqual(
        cellOf(page, 'seed', 'agreement').ours.map(({ estimate: { value }, note, difference: by }) => [
          value,
          note,
          by,
        ]),
        [
          [0.6, 'ties counted', null],
          [0.8, 'ties left out', null],
        ],
      );
    }));

  it('has the figures of an ablation by its arm, in its own table alone', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writeSourcesArm(join(folder, 'results'));
      const page = await pageOf(folder);
      const filled = cellsOf(page).filter(({ ours }) => ours.length > 0);
      assert.deepEqual(
        filled.map(({ published, ours }) => [
          published.system,
          ours[0]?.from,
          rounded(ours[0]?.difference?.value),
        ]),
        [['one-iteration-gsm8k', run, (0.75 - 0.793).toFixed(4)]],
      );
    }));

  it('leaves out runs on a part of a benchmark, and names those that cannot be read', () =>
    inTemporaryFolder(async (folder) => {
      const config = await loadExperimentConfig('experiments/paper/mt-bench.yaml', [
        'evaluate.benchmark={ source: registry, name: rewardbench, perSubset: 2 }',
      ]);
      await writeRun(join(folder, 'results', 'part', 'seed-1-a'), config, [0, 1]);
      const broken = join(folder, 'results', 'broken', 'seed-1-b');
      await mkdir(broken, { recursive: true });
      await writeFile(join(broken, 'config.json'), '{}');
      const page = await pageOf(folder);
      assert.ok(cellsOf(page).every(({ ours }) => ours.length === 0));
      assert.deepEqual(
        page.unreadable.map((each) => each.folder),
        [broken],
      );
      assert.match(documentToMarkdown(paperDocument(page)), /## Not shown\n\n- .*seed-1-b: /);
    }));

  it('keeps the figures of the embedded twins in a column of their own', async function () {
    this.timeout(20_000);
    await inTemporaryFolder(async (folder) => {
      const resultsFolder = join(folder, 'results');
      const { config, runId } = await prepareExperiment('experiments/quickstart.yaml', [], signal);
      const run = join(resultsFolder, 'quickstart', runId);
      await writeRun(run, config, [0, 5]);
      await writeFile(join(run, 'manifest.json'), '{}');
      const losers = await loadMatrix({ configPath: 'experiments/questions/losers.yaml' });
      const { folder: matrix } = await prepareMatrix(losers!, { resultsFolder, signal });
      await mkdir(matrix, { recursive: true });
      const report = matrixReportOf({
        'loser=modified instruction': [0.7, 0.8],
        'loser=corruption': [0.6, 0.7],
      });
      await writeFile(join(matrix, 'matrix.json'), JSON.stringify(report));
      const page = await pageOf(folder, { root: '.' });
      const twins = cellsOf(page).flatMap(({ published: { system, metric }, ours, twin }) => {
        assert.deepEqual(ours, []);
        return twin ? [[system, metric, rounded(twin.estimate.value), twin.from]] : [];
      });
      assert.deepEqual(twins, [
        ['seed', 'overall', '0.7500', run],
        ['iteration-5', 'overall', '0.7500', run],
        ['seed', 'agreement', '0.7500', run],
        ['iteration-5', 'agreement', '0.7500', run],
        ['seed', 'accuracy', '0.7500', run],
        ['iteration-5', 'accuracy', '0.7500', run],
        ['seed', 'position-consistent accuracy', '0.5000', run],
        ['iteration-5', 'position-consistent accuracy', '0.5000', run],
        ['loser-by-modified-instruction', 'overall', '0.7500', matrix],
        ['loser-by-making-it-worse', 'overall', '0.6500', matrix],
        ['iteration-5', 'overall, winner first', '1.0000', run],
        ['iteration-5', 'overall, winner last', '0.5000', run],
      ]);
      const { header, rows } = cellTable(page.tables[0]!);
      const [, , paper, , yours, difference] = header;
      assert.deepEqual([paper, yours, difference], ['paper', 'yours [95%]', 'difference']);
      assert.match(header.at(-1)!, /twin/);
      assert.ok(rows.every((row) => row[4] === '' && row[5] === ''));
      assert.ok(rows.some((row) => row.at(-1)!.startsWith('75.0 [')));
      const losersTable = cellTable(page.tables.find(({ name }) => name === 'losers')!);
      assert.match(
        losersTable.rows[1]!.at(-1)!,
        /^65\.0 .*, n 2, unscored 0, arm loser=corruption, mean over loop seeds$/,
      );
      const quickstart = page.experiments.find(({ file }) => file.endsWith('quickstart.yaml'));
      assert.deepEqual([quickstart?.nRuns, quickstart?.nFinished, quickstart?.scale], [1, 1, 'embedded']);
    });
  });
});

describe('autodidact paper', () => {
  it('writes a page and Markdown, or prints JSON', () =>
    inTemporaryFolder(async (folder) => {
      const results = join(folder, 'results');
      await writePaperRun(results);
      const [html, markdown] = [join(results, 'paper.html'), join(folder, 'paper.md')];
      const written = await runCommandLine(
        'paper',
        '--no-plan',
        '--results',
        results,
        '-o',
        html,
        '-o',
        markdown,
      );
      assert.deepEqual(
        [written.code, written.out.split('\n')[0]],
        [0, '45 published figures, 14 with one of yours'],
        written.err,
      );
      assert.match(await readFile(markdown, 'utf8'), /^# The paper beside yours\n/);
      const page = await readFile(html, 'utf8');
      assert.match(page, /<h2[^>]*>RewardBench by iteration and section/);
      assert.match(page, /npx autodidact run experiments\/paper\/losers\.yaml/);
      const printed = await runCommandLine('paper', '--no-plan', '--results', results, '--json');
      assert.equal(paperPageSchema.parse(JSON.parse(printed.out)).tables.length, 7);
    }));
});

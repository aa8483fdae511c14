import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REWARDBENCH_COUNTS } from '../../../lib/src/evaluate/index.js';
import { loadExperimentConfig, makePaperPage } from '../../../lib/src/experiment/index.js';
import { loadMatrix } from '../../../lib/src/experiment/matrix/load-matrix.js';
import { prepareMatrix } from '../../../lib/src/experiment/matrix/prepare-matrix.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import {
  cellTable,
  documentToHtml,
  documentToMarkdown,
  paperDocument,
  PUBLISHED_FIGURES,
} from '../../../lib/src/report/index.js';
import { paperPageSchema, type PaperCell, type PaperPage } from '../../../lib/src/schema/index.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import { matrixReportOf } from '../../fixtures/matrix-report.js';
import { writePaperRun, writeRun, writeSourcesArm } from '../../fixtures/paper-runs.js';
import { parityWith } from '../../fixtures/shared-data.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const signal = new AbortController().signal;

const pageOf = async (folder: string, options: Partial<Parameters<typeof makePaperPage>[0]> = {}) => {
  const page = await makePaperPage({
    resultsFolder: join(folder, 'results'),
    completionsFolder: join(folder, 'completions'),
    // Where no experiment of the repository is, none is prepared.
    root: folder,
    withPrices: false,
    signal,
    ...options,
  });
  return paperPageSchema.parse(page);
};

const cellsOf = ({ tables }: PaperPage): PaperCell[] => tables.flatMap(({ cells }) => cells);

/** The cell of a system and a metric; of several scales the one that is not with prior sets. */
const cellOf = (page: PaperPage, system: string, metric: string): PaperCell =>
  cellsOf(page).find(
    ({ published }) =>
      published.system === system && published.metric === metric && published.scale !== 'with-prior-sets',
  )!;

const rounded = (value: number | null | undefined): string | undefined => value?.toFixed(4);

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

import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import { parseExperiment, problemsOf } from '../../../lib/src/experiment/config/load-config.js';
import {
  compareInputs,
  makeReport,
  planExperiment,
  type RunEvent,
} from '../../../lib/src/experiment/index.js';
import { runFigures } from '../../../lib/src/cli/run-figures.js';
import {
  chartsOf,
  comparisonSentences,
  documentToMarkdown,
  matrixBenchmark,
} from '../../../lib/src/report/index.js';
import { embeddedIn, runIn, SMALL_EXPERIMENT, writeExperiment } from '../../fixtures/small-experiment.js';
import { runMatrixIn } from '../../fixtures/small-matrix.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const FIRST = { name: 'first', benchmark: { source: 'embedded', split: 'dev', pairs: 8 } };
const OTHER = {
  name: 'other',
  benchmark: { source: 'embedded', split: 'test', pairs: 6 },
  orders: 'one',
  vote: null,
};

/** An experiment of one iteration, in the form for one benchmark or for several. */
function experiment(folder: string, benchmarks: object[] | null): object {
  const { instructions, judge, ...small } = embeddedIn(folder);
  const evaluate = { maxTokens: 24, vote: { samples: 3 } };
  return {
    ...small,
    iterations: 1,
    instructions: { ...instructions, perIteration: 18 },
    judge: { ...judge, samples: 2 },
    evaluate: { ...evaluate, ...(benchmarks ? { benchmarks } : { benchmark: FIRST.benchmark }) },
  };
}

const run = async (folder: string, benchmarks: object[] | null) =>
  runIn(folder, await writeExperiment(folder, experiment(folder, benchmarks)));

/** The stages that did something, with the requests that they sent. */
function worked(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind !== 'stage-finished' || event.wasDone) return [];
    const { stage, benchmark = '', usage } = event.record;
    return [`${event.iteration} ${stage} ${benchmark}: ${usage.requests}`];
  });
}

const metricsIn = (folder: string): Promise<string> => readFile(join(folder, 'metrics.json'), 'utf8');

/** What is wrong with these benchmarks, as a user reads it. */
function problemsWith(evaluate: object): string[] {
  const { error } = parseExperiment({ ...SMALL_EXPERIMENT, evaluate });
  return error ? problemsOf(error).map(({ keys, message }) => `${keys.join('.')}: ${message}`) : [];
}

describe('a run on several benchmarks', function () {
  this.timeout(120_000);

  it('measures one that is added to a finished run, for every judge, and does nothing else', () =>
    inTemporaryFolder(async (folder) => {
      const alone = await run(folder, null);
      const before = await metricsIn(alone.result.folder);
      const models = await readFile(join(alone.result.folder, 'models.json'), 'utf8');

      const added = await run(folder, [FIRST, OTHER]);
      assert.equal(added.result.folder, alone.result.folder);
      assert.deepEqual(worked(added.events), ['0 evaluate other: 6', '1 evaluate other: 6']);
      assert.equal(await readFile(join(alone.result.folder, 'models.json'), 'utf8'), models);
      for (const [i, { others, benchmark, ...figures }] of added.result.iterations.entries()) {
        assert.equal(benchmark, 'first');
        assert.deepEqual(figures, alone.result.iterations[i]);
        assert.deepEqual(
          others?.map((other) => [
            other.benchmark,
            other.metrics.accuracy.n + other.metrics.accuracy.unscored,
          ]),
          [['other', 6]],
        );
        assert.equal(others[0]?.metrics.voteAccuracy, undefined);
        assert.equal(others[0]?.againstSeed === undefined, i === 0);
      }

      // Finished now; another name, order of figures or headline asks for nothing.
      assert.deepEqual((await run(folder, [FIRST, OTHER])).events.length, 1);
      const turned = await run(folder, [
        { ...FIRST, name: 'dev' },
        { ...OTHER, headline: true },
      ]);
      assert.deepEqual(worked(turned.events), []);
      const [seed] = turned.result.iterations;
      assert.equal(seed?.benchmark, 'other');
      assert.deepEqual(seed.metrics, added.result.iterations[0]?.others?.[0]?.metrics);
      assert.deepEqual(seed.others?.[0]?.metrics, alone.result.iterations[0]?.metrics);
      assert.equal(turned.result.manifest.benchmark.nItems, 6);

      // Another way to judge is another evaluation of its own; what was there stays.
      const changed = await run(folder, [FIRST, { ...OTHER, orders: 'both' }]);
      assert.deepEqual(worked(changed.events), ['0 evaluate other: 6', '1 evaluate other: 6']);
      assert.deepEqual(worked((await run(folder, [FIRST, OTHER])).events), []);

      const removed = await run(folder, null);
      assert.deepEqual(worked(removed.events), []);
      assert.equal(await metricsIn(removed.result.folder), before);
    }));

  it('continues in the middle of its benchmarks, and does not train again where the first is another', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, experiment(folder, [FIRST, OTHER]));
      const stop = new AbortController();
      const stopped = runIn(folder, path, {
        signal: stop.signal,
        onEvent: (event) => {
          const isLast = event.kind === 'progress' && event.progress.iteration === 1;
          if (isLast && event.progress.benchmark === 'other') stop.abort(new Error('enough'));
        },
      });
      await assert.rejects(stopped, /enough/);
      const [begun = ''] = await readdir(join(folder, 'results/small'));
      const auditedAt = async (): Promise<number> =>
        (await stat(join(folder, 'results/small', begun, 'iteration-1/pair-audit.json'))).mtimeMs;
      const before = await auditedAt();
      const one = await runIn(folder, path);
      assert.equal(await auditedAt(), before);
      assert.deepEqual(
        worked(one.events).map((line) => line.split(':')[0]),
        ['1 evaluate other'],
      );
      const two = await run(folder, [OTHER, FIRST]);
      assert.notEqual(two.result.folder, one.result.folder);
      assert.deepEqual(
        worked(two.events).filter((line) => !line.endsWith(': 0')),
        [],
      );
      assert.deepEqual(two.result.manifest.models, one.result.manifest.models);
    }));

  it('is planned, reported and compared by benchmark, also where one is damaged, which is then done again alone', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = await writeExperiment(folder, experiment(folder, [FIRST, OTHER]));
      const places = {
        resultsFolder: join(folder, 'results'),
        completionsFolder: join(folder, 'completions'),
      };
      const { signal } = new AbortController();
      const plan = await planExperiment({ configPath, ...places, signal });
      assert.deepEqual(
        plan.stages
          .filter(({ stage }) => stage === 'evaluate')
          .map((row) => [row.iteration, row.benchmark, row.requests]),
        [0, 1].flatMap((iteration) => [
          // Greedy and votes, in both orders; and greedy in one.
          [iteration, 'first', 8 * 2 * 2],
          [iteration, 'other', 6],
        ]),
      );
      const { result } = await runIn(folder, configPath);
      const report = await makeReport([result.folder]);
      const titles = report.sections.map(({ title }) => title);
      assert.ok(titles.includes('On other') && !titles.includes('On first'));
      const ids = chartsOf(report).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(ids.includes('benchmarks') && ids.includes('accuracy-other'));
      const markdown = documentToMarkdown(report, {});
      assert.match(markdown, /The headline is \*\*first\*\*/);
      assert.match(markdown, /\| 1 evaluate other \|/);
      // The other has no votes.
      assert.match(markdown, /There is no calibration, since the run has neither votes nor probabilities\./);
      assert.match(markdown, /Calibration is of the share of votes for the known winner; 0 is best\./);

      const judges = [`${result.folder}@0`, `${result.folder}@1`];
      const nItems = async (benchmark?: string) =>
        (await compareInputs(judges, { seed: 1, benchmark })).judges.map((judge) => judge.nItems);
      assert.deepEqual(await nItems(), [8, 8]);
      assert.deepEqual(await nItems('other'), [6, 6]);
      const saidOf = async (benchmark?: string) =>
        comparisonSentences(await compareInputs(judges, { seed: 1, benchmark }))[0];
      assert.deepEqual([await saidOf(), await saidOf('other')], ['Measured on first.', 'Measured on other.']);
      await assert.rejects(
        nItems('othr'),
        /results.*, iteration 0: expected one of first, other, received othr; did you mean "other"/,
      );
      const lines = runFigures(result.iterations).split('\n');
      assert.equal(lines[0], 'on first, the headline:');
      assert.equal(lines.at(-1), 'Each p is of one test, not corrected for their number.');
      assert.ok(
        !runFigures(result.iterations.map((one) => ({ ...one, others: undefined }))).includes('headline'),
      );

      const inside = join(result.folder, 'iteration-1');
      const [file = ''] = (await readdir(inside)).filter((name) => /^evaluation-other-.*jsonl$/.test(name));
      await appendFile(join(inside, file), ' ');
      const damaged = documentToMarkdown(await makeReport([result.folder]), {});
      assert.match(damaged, new RegExp(`No figures of iteration 1 on other:\\*\\* .*${file}.* was changed`));
      assert.match(damaged, /\| first \| \d/);
      const again = await run(folder, [FIRST, OTHER]);
      assert.equal(basename(again.result.folder), basename(result.folder));
      assert.deepEqual(worked(again.events), ['1 evaluate other: 0']);
    }));

  it('keeps the figures of the others where one cannot be measured, and measures that one again', () =>
    inTemporaryFolder(async (folder) => {
      const path = 'pairs.jsonl';
      const pair = { itemId: 'a', instruction: 'Wie geht es?', winner: 'gut', loser: 'schlecht' };
      await writeFile(join(folder, path), JSON.stringify(pair));
      const unread = { name: 'unread', benchmark: { source: 'jsonl', path } };
      await assert.rejects(
        run(folder, [FIRST, unread, OTHER]),
        /evaluate unread to keep at least one of its 1 inputs/,
      );
      const [runFolder = ''] = (await readdir(join(folder, 'results/small'))).map((name) =>
        join(folder, 'results/small', name),
      );
      const report = documentToMarkdown(await makeReport([runFolder]), {});
      assert.match(report, /\*\*No figures of iteration 1 on unread:\*\*/);
      assert.match(report, /\| unread \| – \| – \|.*\| 0 \|/);
      assert.match(report, /\| other \| \d/);
      await rm(join(folder, path));
      const done = await run(folder, [FIRST, OTHER]);
      assert.equal(done.result.folder, runFolder);
      assert.deepEqual(worked(done.events), []);
    }));

  it('compares training texts with every benchmark, and drops instructions for the first alone', () =>
    inTemporaryFolder(async (folder) => {
      const texts = [
        'which river flows through the old town of Prague today',
        'please sort these seven numbers from large to small now',
        'why does bread dough rise faster in a warm kitchen',
        'name four tools that every careful gardener should own first',
      ];
      const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      const pair = { winner: 'far', loser: 'near' };
      await writeFile(join(folder, 'all.jsonl'), lines(texts.map((instruction) => ({ instruction }))));
      await writeFile(join(folder, 'a.jsonl'), lines([{ ...pair, instruction: texts[0] }]));
      await writeFile(join(folder, 'b.jsonl'), lines([{ ...pair, instruction: texts[1] }]));
      const prepared = async (overlap: object, ofSecond: object = {}) => {
        const files = ['a', 'b'].map((name) => ({
          name,
          benchmark: { source: 'jsonl', path: `${name}.jsonl` },
        }));
        const config = {
          ...experiment(folder, [files[0] ?? {}, { ...files[1], ...ofSecond }]),
          instructions: { source: 'jsonl', path: 'all.jsonl', perIteration: 3 },
          overlap: { trainingFields: ['instruction'], ...overlap },
        };
        return prepareExperiment(await writeExperiment(folder, config), [], new AbortController().signal);
      };
      const drop = { action: 'drop' };
      await assert.rejects(
        prepared(drop),
        /overlap of training and b: .* 1 of 1 items: .*Set overlap: report for it/,
      );
      const { instructions, laterOverlaps, overlap } = await prepared(drop, { overlap: 'report' });
      assert.deepEqual([...instructions.read()].map(({ text }) => text).sort(), texts.slice(1).sort());
      assert.equal(overlap?.overlappingItems.length, 1);
      assert.deepEqual(
        laterOverlaps.map(({ benchmark, report }) => [benchmark, report.nNotWaived]),
        [['b', 1]],
      );
      // What is said of the second alone is no part of what names the run.
      const runIds = [
        await prepared(drop, { overlap: 'report', orders: 'one' }),
        await prepared(drop, { overlap: 'report' }),
      ];
      assert.equal(runIds[0]?.runId, runIds[1]?.runId);
      await assert.rejects(prepared({}), /overlap of training and benchmark: .* 1 of 1 items/);
      assert.equal((await prepared({ action: 'report' })).laterOverlaps.length, 1);
    }));

  it('has the headline in a matrix, which can be looked at by another benchmark', () =>
    inTemporaryFolder(async (folder) => {
      const matrix = { axes: { epochs: { path: 'finetune.epochs', values: [1, 2] } } };
      const { report, folder: matrixFolder } = await runMatrixIn(folder, {
        ...experiment(folder, [FIRST, { ...OTHER, orders: 'both' }]),
        matrix,
      });
      assert.equal(report.benchmark, 'first');
      assert.match(String(matrixBenchmark(report)), /^Figures are of the benchmark first\./);
      const arm = report.arms[1];
      assert.equal(arm?.againstBaseline?.bySeed[0]?.n, 8);
      assert.equal(arm.others?.[0]?.againstBaseline?.bySeed[0]?.n, 6);
      const figuresOf = async (benchmark?: string): Promise<string> =>
        documentToMarkdown(await makeReport([matrixFolder], { benchmark }), {});
      assert.match(await figuresOf(), /^Figures are of the benchmark first\. Figures on other:/m);
      const value = arm.others[0].byIteration[1]?.accuracy.value ?? 0;
      assert.ok((await figuresOf('other')).includes((100 * value).toFixed(1)));
      await assert.rejects(figuresOf('third'), /expected one of first, other, received third/);
      const runs = report.arms.flatMap(({ runs: [run] }) =>
        run ? [join(folder, 'results/small', run.runId)] : [],
      );
      const sideBySide = documentToMarkdown(await makeReport(runs, { benchmark: 'other' }), {});
      assert.match(sideBySide, /\| 12 \|/);
    }));

  it('is refused with a name twice, two headlines, both forms or none, naming each place', () => {
    const twice = [FIRST, { ...OTHER, headline: true }, { ...OTHER, headline: true }];
    assert.deepEqual(problemsWith({ benchmarks: twice }), [
      'evaluate.benchmarks.2.name: other comes twice; give every benchmark a name of its own',
      'evaluate.benchmarks.2.headline: other is the headline already; expected one',
    ]);
    assert.match(
      String(problemsWith({ benchmark: FIRST.benchmark, benchmarks: [OTHER] })),
      /benchmark or benchmarks, not both/,
    );
    assert.match(String(problemsWith({})), /evaluate\.benchmark: expected the pairs/);
    assert.match(String(problemsWith({ benchmarks: [] })), /^evaluate\.benchmarks: /);
    const graded = { benchmarks: [FIRST, { ...OTHER, method: 'single-grading' }] };
    assert.match(
      String(problemsWith(graded)),
      /^evaluate\.benchmarks\.1\.orders: does not apply to single-grading/,
    );
    assert.match(
      String(problemsWith({ benchmarks: [{ ...FIRST, overlap: 'report' }] })),
      /benchmarks\.0\.overlap/,
    );
  });
});

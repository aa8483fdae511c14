import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  auditPairFile,
  loadExperimentConfig,
  makeReport,
  planExperiment,
  runHere,
  writeGallery,
  writeReport,
} from '../../../lib/src/experiment/index.js';
import { problemsOf, parseExperiment } from '../../../lib/src/experiment/config/load-config.js';
import { chartsOf, documentToMarkdown } from '../../../lib/src/report/index.js';
import { printedBy } from '../../fixtures/printed-by.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { runMatrixIn } from '../../fixtures/small-matrix.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** All that the measurement of a seed model needs. */
function seedAlone(folder: string) {
  const { name, endpoint, model, pack, evaluate } = embeddedIn(folder);
  return { name, iterations: 0, endpoint, model, pack, evaluate };
}

/** Settings with their defaults. @throws with the problems in words */
function parsed(values: object) {
  const { success, error, data: config } = parseExperiment(values);
  if (success) return config;
  throw new Error(
    problemsOf(error)
      .map(({ keys, message }) => `${keys.join('.')}: ${message}`)
      .join('\n'),
  );
}

describe('a seed model that is measured alone', function () {
  this.timeout(120_000);

  it('needs neither instructions nor a trainer, and a run with iterations needs instructions', () => {
    const config = parsed(seedAlone('state'));
    assert.equal(config.instructions, undefined);
    assert.throws(
      () => parsed({ ...seedAlone('state'), iterations: 1 }),
      /instructions: expected a section, since iterations is above 0/,
    );
  });

  it('has what is given checked all the same', () => {
    assert.throws(() => parsed({ ...seedAlone('state'), finetune: { epochs: 0 } }), /finetune\.epochs/);
  });

  it('needs the price of the seed model alone where cost is capped', () => {
    const prices = { 'micro-seed': { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } };
    const priced = { ...seedAlone('state'), budget: { costUsd: 1 }, prices };
    assert.equal(parsed(priced).budget.costUsd, 1);
  });

  it('is one stage, of which plan, report, page and gallery say so', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = await writeExperiment(folder, seedAlone(folder));
      const places = {
        resultsFolder: join(folder, 'results'),
        completionsFolder: join(folder, 'completions'),
      };
      const signal = new AbortController().signal;
      const plan = await planExperiment({ configPath, ...places, signal });
      assert.deepEqual(
        plan.stages.map(({ iteration, stage }) => `${iteration} ${stage}`),
        ['0 evaluate'],
      );
      const { result } = await runIn(folder, configPath);
      assert.deepEqual(
        result.iterations.map(({ iteration, model }) => `${iteration} ${model}`),
        ['0 micro-seed'],
      );
      const report = await makeReport([result.folder]);
      const markdown = documentToMarkdown(report, {});
      assert.match(markdown, /The seed model, \*\*not trained\*\*: .* % of 24 verdicts right/);
      assert.match(markdown, /\*\*Training\*\*: none/);
      assert.doesNotMatch(markdown, /last iteration|Change: ;/);
      // One point is no curve.
      assert.ok(!chartsOf(report).some(({ id }) => id === 'accuracy'));
      await assert.rejects(writeReport(join(folder, 'curve.png'), report), /learning curve/);
      const other = await runIn(folder, configPath, { overrides: ['seed=4'] });
      const comparison = await makeReport([result.folder, other.result.folder]);
      assert.ok(!chartsOf(comparison).some(({ id }) => id === 'curves'));
      assert.match(documentToMarkdown(comparison, {}), /0 \(seed\)/);
      const { path } = await writeGallery(places.resultsFolder);
      assert.match(await readFile(path, 'utf8'), /seed model, not trained/);
      await assert.rejects(
        auditPairFile(result.folder),
        /iteration 0: the seed model, which is trained on none/,
      );
    }));

  it('is found finished by a second run, and leaves its completions to a run with iterations', () =>
    inTemporaryFolder(async (folder) => {
      const full = await writeExperiment(folder, { ...embeddedIn(folder), iterations: 1 });
      const overrides = ['iterations=0'];
      const first = await runIn(folder, full, { overrides });
      const again = await runIn(folder, full, { overrides });
      assert.deepEqual(again.result.iterations, first.result.iterations);
      assert.deepEqual(
        again.events.map((event) => (event.kind === 'started' ? event.state : event.kind)),
        ['finished-before'],
      );
      const trained = await runIn(folder, full);
      assert.notEqual(trained.result.folder, first.result.folder);
      const seedStages = trained.events.flatMap((event) =>
        event.kind === 'stage-finished' && event.iteration === 0 ? [event.record.usage] : [],
      );
      assert.deepEqual(
        seedStages.map(({ requests, cachedCompletions }) => [requests, cachedCompletions > 0]),
        [[0, true]],
      );
      assert.deepEqual(trained.result.iterations[0]?.metrics, first.result.iterations[0]?.metrics);
    }));

  it('opens no pool of instructions that is not there', () =>
    inTemporaryFolder(async (folder) => {
      const instructions = { source: 'jsonl', path: 'not-there.jsonl', perIteration: 4 };
      const configPath = await writeExperiment(folder, { ...seedAlone(folder), instructions });
      assert.equal((await runIn(folder, configPath)).result.iterations.length, 1);
    }));

  it('is measured from a cell, and by the arms of a matrix', () =>
    inTemporaryFolder(async (folder) => {
      const places = {
        resultsFolder: join(folder, 'results'),
        completionsFolder: join(folder, 'completions'),
      };
      const printed = await printedBy(async () => {
        await runHere({ config: seedAlone(folder), baseFolder: folder }, places);
      });
      assert.match(printed, /the seed model, not trained: .* % of 24 verdicts right/);
      const matrix = { axes: { orders: { path: 'evaluate.orders', values: ['both', 'one'] } } };
      const { report } = await runMatrixIn(folder, { ...seedAlone(folder), matrix });
      assert.deepEqual(
        report.arms.map(({ byIteration }) => byIteration.length),
        [1, 1],
      );
    }));

  it('is what a file with iterations becomes by --set', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, embeddedIn(folder));
      assert.equal((await loadExperimentConfig(path, ['iterations=0'])).iterations, 0);
    });
  });
});

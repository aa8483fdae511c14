import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBenchmark } from '../../../lib/src/experiment/open/benchmark-source.js';
import { evaluationsOf } from '../../../lib/src/experiment/config/evaluate-config.js';
import { loadExperimentConfig } from '../../../lib/src/experiment/index.js';
import { embeddedIn, runIn, SMALL_EXPERIMENT, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const open = async (folder: string, benchmark: object): ReturnType<typeof openBenchmark> => {
  const configPath = await writeExperiment(folder, {
    ...SMALL_EXPERIMENT,
    evaluate: { ...SMALL_EXPERIMENT.evaluate, benchmark },
  });
  const [{ settings }] = evaluationsOf(await loadExperimentConfig(configPath));
  return openBenchmark(settings.benchmark, { configPath, key: 'evaluate.benchmark' });
};

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('the benchmark of an experiment', () => {
  it('is a file of any columns, named by a mapping', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(
        join(folder, 'pairs.csv'),
        'prompt,one,two,better,area\nsay hi,hi,bye,1,greeting\nsay bye,hi,bye,2,greeting\nsay so,so,so!,both,other\n',
      );
      const columns = { instruction: 'prompt', first: 'one', second: 'two', label: 'better', slice: 'area' };
      const { items, fileHash, definition, labels } = await open(folder, {
        source: 'jsonl',
        path: 'pairs.csv',
        columns: { ...columns, labels: { tie: ['both'] } },
      });
      assert.deepEqual(labels, [
        { value: '1', readAs: 'first', n: 1 },
        { value: '2', readAs: 'second', n: 1 },
        { value: 'both', readAs: 'tie', n: 1 },
      ]);
      assert.deepEqual(
        items.map(({ winner, loser, slice, goldTie = false, givenFirst = 'winner' }) => [
          winner,
          loser,
          slice,
          goldTie,
          givenFirst,
        ]),
        [
          ['hi', 'bye', 'greeting', false, 'winner'],
          ['bye', 'hi', 'greeting', false, 'loser'],
          ['so', 'so!', 'other', true, 'winner'],
        ],
      );
      assert.match(fileHash ?? '', /^[0-9a-f]{64}$/);
      assert.equal(definition, null);
    }));

  it('is refused with the line where a row of a file of one’s own does not fit', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(
        join(folder, 'pairs.jsonl'),
        lines([
          { instruction: 'x', winner: 'a', loser: 'b' },
          { instruction: 'y', winner: 'a' },
        ]),
      );
      await assert.rejects(
        open(folder, { source: 'jsonl', path: 'pairs.jsonl' }),
        /pairs\.jsonl: .*line 2: wrong-shape column "loser": expected a text/,
      );
    }));

  it('is one of those known by name, from files, whole or in part', () =>
    inTemporaryFolder(async (folder) => {
      const row = (subset: string, id: number): object => ({
        prompt: `p${id}`,
        chosen: 'c',
        rejected: 'r',
        chosen_model: 'gpt-4',
        rejected_model: 'llama-2',
        subset,
        id,
      });
      await writeFile(
        join(folder, 'rewardbench.jsonl'),
        lines([row('hep-js', 1), row('hep-js', 2), row('donotanswer', 3), { prompt: 'no pair' }]),
      );
      const benchmark = { source: 'registry', name: 'rewardbench', files: ['rewardbench.jsonl'] };
      const whole = await open(folder, benchmark);
      assert.deepEqual(
        whole.items.map(({ itemId, slice, errorKind }) => [itemId, slice, errorKind]),
        [
          ['hep-js/1', 'Reasoning', 'hep-js'],
          ['hep-js/2', 'Reasoning', 'hep-js'],
          ['donotanswer/3', 'Safety', 'donotanswer'],
        ],
      );
      assert.deepEqual(whole.dropped, { 'wrong-shape': 1 });
      const part = await open(folder, { ...benchmark, subsets: ['hep-js'], perSubset: 1 });
      assert.deepEqual(
        part.items.map(({ itemId }) => itemId),
        ['hep-js/1'],
      );
      await assert.rejects(
        open(folder, { ...benchmark, subsets: ['hep-ts'] }),
        /expected some of hep-js, donotanswer/,
      );
    }));

  it('names the command that gets it where it was not pulled', () =>
    inTemporaryFolder(async (folder) => {
      const cacheFolder = join(folder, 'datasets');
      await assert.rejects(
        open(folder, { source: 'registry', name: 'helpsteer2', cacheFolder }),
        /autodidact data pull helpsteer2/,
      );
    }));

  it('must not ask for votes, probabilities or one order where responses are graded alone', () =>
    inTemporaryFolder(async (folder) => {
      const evaluate = { ...SMALL_EXPERIMENT.evaluate, method: 'single-grading', orders: 'one' };
      const configPath = await writeExperiment(folder, { ...SMALL_EXPERIMENT, evaluate });
      await assert.rejects(loadExperimentConfig(configPath), (error: Error) => {
        assert.match(error.message, /evaluate\.vote: .*single-grading/);
        assert.match(error.message, /evaluate\.orders: .*single-grading/);
        return true;
      });
    }));

  it('must not be graded by a pack that cannot grade', () =>
    inTemporaryFolder(async (folder) => {
      const { benchmark, maxTokens } = SMALL_EXPERIMENT.evaluate;
      const configPath = await writeExperiment(folder, {
        ...SMALL_EXPERIMENT,
        evaluate: { benchmark, maxTokens, method: 'single-grading' },
      });
      await assert.rejects(runIn(folder, configPath), /expected a pack with a grade prompt/);
    }));

  it('leaves the figures of its publications, its rule and its drops with the run', () =>
    inTemporaryFolder(async (folder) => {
      const row = { prompt: 'compute 7 + 2', chosen: '9', rejected: '8', subset: 'hep-js', id: 1 };
      await writeFile(join(folder, 'rewardbench.jsonl'), lines([row, { ...row, id: 2, prompt: '' }]));
      const configPath = await writeExperiment(folder, {
        ...embeddedIn(folder),
        iterations: 1,
        evaluate: {
          benchmark: { source: 'registry', name: 'rewardbench', files: ['rewardbench.jsonl'] },
          orders: 'one',
          maxTokens: 24,
        },
      });
      const { result } = await runIn(folder, configPath);
      const [seed] = result.iterations;
      assert.equal(seed?.rule, 'strict');
      assert.equal(seed.metrics.accuracy.n + seed.metrics.accuracy.unscored, 1);
      // One subset of a section is no section.
      assert.deepEqual([seed.published?.Reasoning?.value, seed.published?.overall?.value], [null, null]);
      assert.deepEqual(result.manifest.benchmark, { nItems: 1, dropped: { 'empty-instruction': 1 } });
    })).timeout(60_000);
});

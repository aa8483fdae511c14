import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordModel } from '../../lib/src/finetune/index.js';
import type { ModelRecord } from '../../lib/src/schema/index.js';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const models = (...args: string[]): Promise<CommandOutcome> => runCommandLine('models', ...args);

const record = (model: string, parent: string): ModelRecord => ({
  model,
  parent,
  seedModel: 'seed',
  seed: 1,
  method: 'supervised',
  trainingFileHash: 'f'.repeat(64),
  nExamples: 1200,
  jobId: `job-of-${model}`,
});

describe('autodidact models', () => {
  it('shows the models of one run, or of all runs below a folder', () =>
    inTemporaryFolder(async (folder) => {
      const [first, second] = ['b/seed-1', 'a/seed-2'].map((run) => join(folder, run));
      await recordModel(join(first!, 'models.json'), record('judge-1', 'seed'));
      await recordModel(join(first!, 'models.json'), record('judge-2', 'judge-1'));
      await recordModel(join(second!, 'models.json'), record('other', 'seed'));
      const one = await models(first!);
      assert.equal(one.code, 0, one.err);
      assert.match(one.out, /^judge-2 +judge-1 +supervised +1,200 +ffffffffffff +1 +job-of-judge-2 +last/m);
      assert.doesNotMatch(one.out, /other/);
      const all = JSON.parse((await models(folder, '--json')).out) as {
        folder: string;
        models: ModelRecord[];
      }[];
      assert.deepEqual(
        all.map((list) => [list.folder, list.models.map(({ model }) => model)]),
        [
          [second, ['other']],
          [first, ['judge-1', 'judge-2']],
        ],
      );
    }));

  it('answers wrong input with one message and a code that is not 0', () =>
    inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'damaged'));
      await writeFile(join(folder, 'damaged', 'models.json'), '{');
      await mkdir(join(folder, 'empty'));
      for (const [name, expected] of [
        ['damaged', /models\.json: expected a list of models/],
        ['empty', /expected the folder of a run that has trained/],
        ['nowhere', /nowhere.*ENOENT/],
      ] as const) {
        const { code, out, err } = await models(join(folder, name));
        assert.deepEqual([code, out], [1, '']);
        assert.match(err, expected);
        assert.doesNotMatch(err, /\n\s+at /);
      }
    }));
});

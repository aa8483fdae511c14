import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineageOf, modelRecordOf, readModels, recordModel } from '../../lib/src/finetune/index.js';
import type { CheckpointChoice, FineTunedModel, ModelRecord } from '../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

function made(model: string, parent: string): FineTunedModel {
  return { model, parent, jobId: `job-of-${model}`, trainingFileHash: 'abc', nExamples: 10, method: 'dpo' };
}

function record(model: string, parent: string, models: readonly ModelRecord[] = []): ModelRecord {
  return modelRecordOf(made(model, parent), { seed: 1, models });
}

const CHOICE: CheckpointChoice = {
  validationSet: 'helpsteer2-validation',
  scores: [0.7, null].map((value, i) => ({
    checkpoint: { model: `m-${i}`, step: i, metrics: {} },
    accuracy: { value, n: 100, unscored: 2, low: null, high: null, method: 'wilson' },
  })),
  chosen: {
    checkpoint: { model: 'm-0', step: 0, metrics: {} },
    accuracy: { value: 0.7, n: 100, unscored: 2, low: null, high: null, method: 'wilson' },
  },
  stoppedEarly: false,
};

describe('the list of trained models', () => {
  it('grows by a model at a time, and holds each model once', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'models.json');
      assert.deepEqual(await readModels(path), []);
      await recordModel(path, record('judge-1', 'seed'));
      await recordModel(path, record('judge-2', 'judge-1', await readModels(path)));
      // As a resumed run does.
      const models = await recordModel(path, { ...record('judge-1', 'seed'), nExamples: 11 });
      assert.deepEqual(await readModels(path), models);
      assert.deepEqual(
        models.map(({ model, parent, seedModel, nExamples }) => [model, parent, seedModel, nExamples]),
        [
          ['judge-1', 'seed', 'seed', 11],
          ['judge-2', 'judge-1', 'seed', 10],
        ],
      );
    }));

  it('names the checkpoint that was chosen, and its accuracy on the validation set', () => {
    const { model, choice, seed, method } = modelRecordOf(made('m-1', 'seed'), {
      seed: 7,
      models: [],
      choice: CHOICE,
      runId: 'run-1',
      iteration: 2,
    });
    assert.deepEqual([model, seed, method], ['m-0', 7, 'dpo']);
    assert.deepEqual(choice, { validationSet: 'helpsteer2-validation', chosen: CHOICE.chosen, nScored: 1 });
  });

  it('returns the ancestors of a model from the seed on, and ends at a cycle that was written by hand', () => {
    const models = [record('c', 'b'), record('b', 'a'), record('a', 'seed')];
    assert.deepEqual(lineageOf('c', models), ['seed', 'a', 'b', 'c']);
    assert.deepEqual(lineageOf('other', models), ['other']);
    assert.deepEqual(lineageOf('x', [record('x', 'y'), record('y', 'x')]), ['y', 'x']);
  });

  it('is not overwritten when it cannot be read', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'models.json');
      await writeFile(path, '{"schemaVersion": 1, "models": [{"model": 3}]}');
      await assert.rejects(recordModel(path, record('a', 'seed')), /models\.0\.model/);
      assert.match(await readFile(path, 'utf8'), /"model": 3/);
    }));
});

// Every training needs a model name of its own: requests and stored completions know a model by its name alone.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadExperimentConfig } from '../../../lib/src/experiment/config/load-config.js';
import type { OpenedExperiment } from '../../../lib/src/experiment/open/opened-experiment.js';
import { trainOnFile } from '../../../lib/src/experiment/run/train-on-file.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { startLabellingServer } from '../../fixtures/labelling-server.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Runs experiments one after the other, in one folder and over one store, and gives back their models. */
async function modelsOf(
  experiments: readonly (Record<string, unknown> & { template?: string })[],
): Promise<string[][]> {
  const models: string[][] = [];
  await inTemporaryFolder(async (folder) => {
    const server = await startLabellingServer();
    try {
      const words = ['apples', 'bears', 'clouds', 'doors', 'engines', 'forests', 'gardens', 'houses'];
      const instructions = words.map((word) => ({ instruction: `tell me of ${word}` }));
      await writeFile(join(folder, 'instructions.jsonl'), jsonl(instructions));
      const pair = { winner: 'good answer', loser: 'bad answer', slice: 'all', errorKind: 'none' };
      await writeFile(join(folder, 'pairs.jsonl'), jsonl([{ itemId: 'one', instruction: 'more', ...pair }]));
      for (const { model: made, template = '', ...more } of experiments) {
        await writeFile(join(folder, 'recipe.yaml'), template);
        const command = `printf '{"model": "%s"}' "${String(made)}" > "$AUTODIDACT_RESULT_FILE"`;
        const path = await writeExperiment(folder, {
          name: 'names',
          iterations: 2,
          endpoint: { provider: 'openai', baseUrl: server.baseUrl },
          model: 'seed',
          pack: 'general',
          instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: 4 },
          judge: { samples: 1 },
          finetune: { trainer: { backend: 'command', command, templates: ['recipe.yaml'] } },
          evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' } },
          ...more,
        });
        models.push((await runIn(folder, path, { environment: process.env })).result.manifest.models);
      }
    } finally {
      await server.close();
    }
  });
  return models;
}

describe('the names of trained models', function () {
  this.timeout(60_000);

  it('are refused where two iterations got the same, with what to do', () =>
    assert.rejects(
      modelsOf([{ model: 'judge' }]),
      /judge of iteration 2.*the model of iteration 1.*\{\{jobKey\}\}.*cache prune/s,
    ));

  it("are refused where the trainer gives back the seed model's", () =>
    assert.rejects(modelsOf([{ model: 'seed' }]), /seed of iteration 1.*the name of the seed model/s));

  it('are refused where another run trained another model of that name, whose completions are stored', () => {
    const named = { model: 'judge-$AUTODIDACT_SUFFIX' };
    return assert.rejects(
      modelsOf([named, { ...named, seed: 2 }]),
      /judge-names-1 of iteration 1.*the model of iteration 1 of names\/seed-1-/s,
    );
  });

  it('are refused where a template changed meanwhile, and differ by the key of their job', async () => {
    const named = { model: 'judge-$AUTODIDACT_SUFFIX', template: 'lr: 1' };
    const evaluate = { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, orders: 'one' };
    const changed = { template: 'lr: 2', evaluate };
    await assert.rejects(
      modelsOf([named, { ...named, ...changed }]),
      /judge-names-1.*the name of the model of iteration 1 of names/s,
    );
    const keyed = { ...named, model: 'judge-$AUTODIDACT_JOB_KEY' };
    const made = await modelsOf([keyed, { ...keyed, ...changed }]);
    assert.equal(new Set(made.flat()).size, 5);
  });

  it('are refused where another setting of the method made another model', () =>
    inTemporaryFolder(async (folder) => {
      const trainingFilePath = join(folder, 'training.jsonl');
      await writeFile(trainingFilePath, jsonl([{}]));
      let noted: string | null = null;
      const openTrainer = () => ({
        submit: () => Promise.resolve('job'),
        poll: () => Promise.resolve({ state: 'succeeded', model: 'judge' }),
        checkpoints: () => Promise.resolve([]),
      });
      const train = async (beta: number): Promise<unknown> => {
        const config = await loadExperimentConfig({
          config: {
            name: 'names',
            iterations: 0,
            model: 'seed',
            pack: 'general',
            endpoint: { provider: 'openai', baseUrl: 'http://127.0.0.1:9/v1' },
            finetune: { dpo: { beta } },
            evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' } },
          },
        });
        const opened = {
          config,
          runId: 'run',
          validation: null,
          folder: new RunFolder(folder),
          openTrainer: () => Promise.resolve(openTrainer()),
          originOf: (_model: string, origin: string) => Promise.resolve((noted ??= origin)),
          signal: NEVER,
        } as unknown as OpenedExperiment;
        const file = {
          method: 'dpo',
          nExamples: 1,
          trainingFilePath,
          baseModel: 'seed',
          iteration: 1,
        } as const;
        return trainOnFile(file, opened, { onProgress: () => undefined });
      };
      await train(0.1);
      await train(0.1);
      await assert.rejects(train(0.5), /judge of iteration 1.*the model of iteration 1 of names/s);
    }));

  it('may come back where the same training came back, and differ by the key of their job', async () => {
    const named = { model: 'judge-$AUTODIDACT_JOB_KEY', seed: 3 };
    const judged = { evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, orders: 'one' } };
    const [first, again, other] = await modelsOf([named, { ...named, ...judged }, { ...named, seed: 2 }]);
    assert.deepEqual(first, again);
    assert.equal(new Set([...(first ?? []), ...(other ?? [])]).size, 5);
  });
});

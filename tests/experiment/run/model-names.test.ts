// Every training needs a model name of its own: requests and stored completions know a model by its name alone.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
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
  look: (folder: string) => Promise<void> = () => Promise.resolve(),
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
      await look(folder);
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

  it('are refused where another run trained another model of that name, whose completions are stored', async () => {
    const taken = /judge.*names-1 of iteration 1.*the model of iteration 1 of names\/seed-1-/s;
    const secondRun = async (folder: string): Promise<string[]> => {
      const runs = join(folder, 'results', 'names');
      const second = (await readdir(runs)).find((run) => run.startsWith('seed-2-')) ?? '';
      return readdir(join(runs, second));
    };
    // A name that another seed's run will use again is seen before anything is asked.
    const named = { model: 'judge-$AUTODIDACT_SUFFIX' };
    let found: string[] = [];
    const look = async (folder: string): Promise<void> => void (found = await secondRun(folder));
    await assert.rejects(modelsOf([named, { ...named, seed: 2 }], look), taken);
    assert.ok(!found.some((name) => name.startsWith('iteration')), found.join());
    // Both iterations have the same other digits, which therefore come again; those of the loop seed may be another's next time.
    for (const [numbered, isFoundAfter] of [
      ['judge-7-$AUTODIDACT_SUFFIX', false],
      ['judge-1-$AUTODIDACT_SUFFIX', true],
    ] as const) {
      const experiment = { model: numbered, seed: 1 };
      await assert.rejects(modelsOf([experiment, { ...experiment, seed: 2 }], look), taken);
      assert.equal(found.includes('iteration-1'), isFoundAfter, found.join());
    }
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
      let used: object | undefined;
      const openTrainer = () => ({
        submit: () => Promise.resolve('job'),
        poll: () => Promise.resolve({ state: 'succeeded', model: 'judge', hyperparameters: used }),
        checkpoints: () => Promise.resolve([]),
      });
      const train = async (finetune: object): Promise<unknown> => {
        const config = await loadExperimentConfig({
          config: {
            name: 'names',
            iterations: 0,
            model: 'seed',
            pack: 'general',
            endpoint: { provider: 'openai', baseUrl: 'http://127.0.0.1:9/v1' },
            finetune,
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
          method: 'dpo' in finetune ? 'dpo' : 'supervised',
          nExamples: 1,
          trainingFilePath,
          baseModel: 'seed',
          iteration: 1,
        } as const;
        return trainOnFile(file, opened, { onProgress: () => undefined });
      };
      const otherModel = /judge of iteration 1.*the model of iteration 1 of names/s;
      for (let times = 0; times < 2; times++) await train({ dpo: { beta: 0.1 } });
      await assert.rejects(train({ dpo: { beta: 0.5 } }), otherModel);
      // A factor of 1 is the trainer's own learning rate.
      for (const [first, again] of [
        [{}, { learningRateMultiplier: 1 }],
        [{ learningRateMultiplier: 1 }, {}],
      ]) {
        noted = null;
        await train(first!);
        await train(again!);
        await assert.rejects(train({ learningRateMultiplier: 2 }), otherModel);
      }
      // A batch size that is written out is the trainer's own, where the trainer says so.
      noted = null;
      used = { batchSize: 16 };
      await train({});
      await train({ batchSize: 16 });
      used = { batchSize: 8 };
      await assert.rejects(train({}), otherModel);
    }));

  it('may come back where the same training came back, and differ by the key of their job', async () => {
    const named = { model: 'judge-$AUTODIDACT_JOB_KEY', seed: 3 };
    const judged = { evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, orders: 'one' } };
    const [first, again, other] = await modelsOf([named, { ...named, ...judged }, { ...named, seed: 2 }]);
    assert.deepEqual(first, again);
    assert.equal(new Set([...(first ?? []), ...(other ?? [])]).size, 5);
  });
});

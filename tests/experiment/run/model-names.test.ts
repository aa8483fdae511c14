// Every training needs a model name of its own: requests and stored completions know a model by its name alone.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLabellingServer } from '../../fixtures/labelling-server.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Runs experiments one after the other, in one folder and over one store, and gives back their models. */
async function modelsOf(experiments: readonly Record<string, unknown>[]): Promise<string[][]> {
  const models: string[][] = [];
  await inTemporaryFolder(async (folder) => {
    const server = await startLabellingServer();
    try {
      const words = ['apples', 'bears', 'clouds', 'doors', 'engines', 'forests', 'gardens', 'houses'];
      const instructions = words.map((word) => ({ instruction: `tell me of ${word}` }));
      await writeFile(join(folder, 'instructions.jsonl'), jsonl(instructions));
      const pair = { winner: 'good answer', loser: 'bad answer', slice: 'all', errorKind: 'none' };
      await writeFile(join(folder, 'pairs.jsonl'), jsonl([{ itemId: 'one', instruction: 'more', ...pair }]));
      for (const { model: made, ...more } of experiments) {
        const command = `printf '{"model": "%s"}' "${String(made)}" > "$AUTODIDACT_RESULT_FILE"`;
        const path = await writeExperiment(folder, {
          name: 'names',
          iterations: 2,
          endpoint: { provider: 'openai', baseUrl: server.baseUrl },
          model: 'seed',
          pack: 'general',
          instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: 4 },
          judge: { samples: 1 },
          finetune: { trainer: { backend: 'command', command } },
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

  it('may come back where the same training came back, and differ by the key of their job', async () => {
    const named = { model: 'judge-$AUTODIDACT_JOB_KEY', seed: 3 };
    const judged = { evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, orders: 'one' } };
    const [first, again, other] = await modelsOf([named, { ...named, ...judged }, { ...named, seed: 2 }]);
    assert.deepEqual(first, again);
    assert.equal(new Set([...(first ?? []), ...(other ?? [])]).size, 5);
  });
});

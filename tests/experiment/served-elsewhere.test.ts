import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluateToFile, fineTuneToFile, type RunEvent } from '../../lib/src/experiment/index.js';
import { modelRegistrySchema } from '../../lib/src/schema/index.js';
import { planIn, stageOf } from '../fixtures/planned-experiment.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { startLabellingServer, type LabellingServer } from '../fixtures/labelling-server.js';
import { sendChoices, startQuirkyServer, type QuirkyServer } from '../fixtures/quirky-server.js';
import { runIn, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** Serves what a trainer made: models called `careless-…` always say A, all others know what is good. */
const startTrainersServer = (): Promise<QuirkyServer> =>
  startQuirkyServer(({ body, response }) => {
    const prompt = body.messages.at(-1)?.content ?? '';
    const isRight = !body.model.startsWith('careless') && !prompt.includes('<response_A>\ngood');
    sendChoices(response, Array<string>(body.n ?? 1).fill(isRight ? '[[B]]' : '[[A]]'));
  });

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const itemsOf = (name: string): string =>
  jsonl(
    ['one', 'two'].map((word) => ({
      itemId: `${name}-${word}`,
      instruction: `${name} ${word}`,
      slice: 'all',
      errorKind: 'none',
      winner: `good answer to ${name} ${word}`,
      loser: `bad answer to ${name} ${word}`,
    })),
  );

/** Two servers, and an experiment whose trainer serves what it makes on the second. */
async function withServers(
  test: (setting: {
    folder: string;
    path: string;
    usual: LabellingServer;
    trainers: QuirkyServer;
  }) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const usual = await startLabellingServer();
    const trainers = await startTrainersServer();
    try {
      const words = ['apples', 'bears', 'clouds', 'doors', 'engines', 'forests', 'gardens', 'houses'];
      const instructions = words.map((word) => ({ instruction: `tell me of ${word}` }));
      await writeFile(join(folder, 'instructions.jsonl'), jsonl(instructions));
      await writeFile(join(folder, 'reported.jsonl'), itemsOf('reported'));
      await writeFile(join(folder, 'held-out.jsonl'), itemsOf('held-out'));
      const checkpoints = `[{"model": "careful-%s"}, {"model": "careless-%s"}]`;
      const result = `{"model": "careless-%s", "endpoint": "${trainers.baseUrl}", "checkpoints": ${checkpoints}}`;
      const suffix = '"$AUTODIDACT_SUFFIX"';
      const path = await writeExperiment(folder, {
        name: 'elsewhere',
        iterations: 2,
        endpoint: { provider: 'openai', baseUrl: usual.baseUrl },
        model: 'seed',
        pack: 'general',
        instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: 4 },
        judge: { samples: 1 },
        finetune: {
          trainer: {
            backend: 'command',
            command: `printf '${result}' ${suffix} ${suffix} ${suffix} > "$AUTODIDACT_RESULT_FILE"`,
          },
          checkpoint: { benchmark: { source: 'jsonl', path: 'held-out.jsonl' } },
        },
        evaluate: { benchmark: { source: 'jsonl', path: 'reported.jsonl' } },
      });
      await test({ folder, path, usual, trainers });
    } finally {
      await usual.close();
      await trainers.close();
    }
  });
}

const askedAt = ({ bodies }: QuirkyServer): string[] => [...new Set(bodies.map(({ model }) => model))].sort();

describe('an experiment whose trainer serves its models on another server', function () {
  this.timeout(60_000);

  it('asks them there in a run: for the choice of a checkpoint, for evaluations, and after an interruption', () =>
    withServers(async ({ folder, path, usual, trainers }) => {
      const controller = new AbortController();
      const stopAfterFirst = (event: RunEvent): void => {
        if (event.kind === 'iteration-finished' && event.metrics.iteration === 1) controller.abort();
      };
      const environment = process.env;
      await assert.rejects(
        runIn(folder, path, { environment, signal: controller.signal, onEvent: stopAfterFirst }),
        { name: 'AbortError' },
      );
      const { result } = await runIn(folder, path, { environment });
      const made = ['careful-elsewhere-1', 'careful-elsewhere-2'];
      assert.deepEqual(result.manifest.models, ['seed', ...made]);
      assert.deepEqual(
        result.iterations.map(({ metrics }) => metrics.accuracy.value),
        [1, 1, 1],
      );
      assert.deepEqual([...usual.models], ['seed']);
      const all = [...made, 'careless-elsewhere-1', 'careless-elsewhere-2'];
      assert.deepEqual(askedAt(trainers), all);

      // A plan of what is left finds their completions, which are stored by the address that served them.
      for (const file of ['iteration-2/evaluate.stage.json', 'iteration-2/manifest.json', 'manifest.json'])
        await rm(join(result.folder, file));
      const evaluate = stageOf(await planIn(folder, path), 2, 'evaluate');
      assert.deepEqual([evaluate.state, evaluate.requests, evaluate.cachedRequests], ['planned', 0, 4]);
    }));

  it('chooses among their checkpoints and asks them there in stages by themselves, too', () =>
    withServers(async ({ folder, path, usual, trainers }) => {
      const prompt = [{ role: 'user', content: 'judge' }];
      const example = { pairId: 'p', instructionId: 'i', prompt, completion: '[[A]]', verdict: 'A' };
      await writeFile(join(folder, 'examples.jsonl'), jsonl([example]));
      const shared = {
        configPath: path,
        resultsFolder: join(folder, 'results'),
        completionsFolder: join(folder, 'completions'),
        environment: process.env,
        onEvent: () => undefined,
        signal: NEVER,
      };
      const trained = await fineTuneToFile({
        ...shared,
        inFile: join(folder, 'examples.jsonl'),
        outFile: join(folder, 'model.json'),
      });
      const { fineTuned, choice, record } = trained;
      assert.deepEqual([fineTuned.model, fineTuned.endpoint], ['careful-elsewhere-1', trainers.baseUrl]);
      assert.deepEqual(
        choice?.scores.map(({ checkpoint, accuracy }) => [checkpoint.model, accuracy.value]),
        [
          ['careful-elsewhere-1', 1],
          ['careless-elsewhere-1', 0.5],
        ],
      );
      // 2 checkpoints, 2 pairs in 2 orders.
      assert.equal(record.usage.requests, 8);
      const written = await readFile(join(folder, 'model.json.checkpoint-choice.json'), 'utf8');
      assert.deepEqual(JSON.parse(written), choice);
      const [run = ''] = await readdir(join(folder, 'results', 'elsewhere'));
      const registry = await readFile(join(folder, 'results', 'elsewhere', run, 'models.json'), 'utf8');
      const [model] = modelRegistrySchema.parse(JSON.parse(registry)).models;
      assert.deepEqual([model?.model, model?.choice?.nScored], ['careful-elsewhere-1', 2]);

      const outFile = join(folder, 'evaluation.jsonl');
      const { metrics } = await evaluateToFile({ ...shared, model: fineTuned.model, outFile });
      assert.equal(metrics.accuracy.value, 1);
      assert.deepEqual([...usual.models], []);
    }));
});

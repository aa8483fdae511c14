// A real training of a tiny model, by the server's own job and by a command beside it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { sha256 } from '../../../lib/src/core/hash.js';
import { fineTuneOnFile, OpenAIBackend, type FineTuneBackend } from '../../../lib/src/finetune/index.js';
import { vocabularyHash, writeCheckpoint } from '../../../lib/src/micro/checkpoint.js';
import { initialWeights } from '../../../lib/src/micro/parameters.js';
import { startServer } from '../../../lib/src/micro/server/start.js';
import { vocabulary } from '../../../lib/src/micro/tokenizer.js';
import type { FineTunedModel } from '../../../lib/src/schema/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { trainingText } from '../../micro/server/server-fixture.js';
import { CommandSetting } from './command-setting.js';

const setting = new CommandSetting();
/** The command runs here, where `tsx` is found. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMAND = [process.execPath, '--import', 'tsx', 'scripts/embedded-trainer.ts'];
const SHAPE = {
  vocabularySize: vocabulary.length,
  width: 32,
  layers: 1,
  heads: 2,
  hidden: 64,
  contextLength: 32,
};

describe('the embedded model trained by a command', () => {
  afterEach(() => setting.close());

  it('is the same to the byte as the one of the server, which serves it at once', async () => {
    const folder = await setting.folder();
    const seedCheckpointPath = join(folder, 'seed.safetensors');
    const metadata = { vocabulary_sha256: vocabularyHash(vocabulary) };
    await writeCheckpoint(seedCheckpointPath, { shape: SHAPE, weights: initialWeights(SHAPE, 1), metadata });
    const trainingFilePath = join(folder, 'training-file.jsonl');
    await writeFile(trainingFilePath, trainingText('3', '3', '4'));
    const train = (backend: FineTuneBackend): Promise<FineTunedModel> =>
      fineTuneOnFile(3, {
        backend,
        baseModel: 'micro-seed',
        hyperparameters: { nEpochs: 2, batchSize: 2, learningRateMultiplier: 2 },
        suffix: 'judge-1',
        seed: 5,
        trainingFilePath,
        validationFilePath: trainingFilePath,
        onProgress: () => undefined,
        signal: NEVER,
      });
    const [serverState, commandState] = [join(folder, 'server-state'), join(folder, 'command-state')];
    const [first, second] = [
      await startServer({ stateFolder: serverState, seedCheckpointPath, nWorkers: 1 }),
      await startServer({ stateFolder: commandState, seedCheckpointPath, nWorkers: 1 }),
    ];
    try {
      const client = new OpenAI({ baseURL: first.baseUrl, apiKey: 'none', maxRetries: 0 });
      const retry = { maxAttempts: 1, firstWaitMs: 1, longestWaitMs: 1 };
      const byServer = await train(new OpenAIBackend({ client, retry }));
      const byCommand = await train(
        await setting.backend(
          { command: COMMAND, values: { stateFolder: commandState, seedCheckpoint: seedCheckpointPath } },
          { baseFolder: ROOT },
        ),
      );
      assert.equal(byCommand.model, byServer.model);
      const hashOf = async (state: string, model: string): Promise<string> =>
        sha256(await readFile(join(state, 'models', `${model.replaceAll(':', '+')}.safetensors`)));
      for (const { model } of byServer.checkpoints ?? [])
        assert.equal(await hashOf(commandState, model), await hashOf(serverState, model), model);
      const reported = ({ checkpoints }: FineTunedModel): unknown =>
        checkpoints?.map(({ model, step, metrics }) => [model, step, metrics]);
      assert.deepEqual(reported(byCommand), reported(byServer));
      assert.equal(byCommand.checkpoints?.length, 2);
      const answer = await new OpenAI({
        baseURL: second.baseUrl,
        apiKey: 'none',
        maxRetries: 0,
      }).chat.completions.create({
        model: byCommand.model,
        messages: [{ role: 'user', content: 'answer compute 1 + 2' }],
        max_completion_tokens: 3,
      });
      assert.equal(answer.model, byCommand.model);
    } finally {
      await first.close();
      await second.close();
    }
  }).timeout(60_000);

  it('reports what is wrong with its data', async () => {
    const folder = await setting.folder();
    const values = { stateFolder: join(folder, 'state') };
    const backend = await setting.backend({ command: COMMAND, values }, { baseFolder: ROOT });
    const trainingFilePath = join(folder, 'wrong.jsonl');
    await writeFile(trainingFilePath, '{"messages": "none"}\n');
    const training = fineTuneOnFile(1, {
      backend,
      baseModel: 'micro-seed',
      hyperparameters: {},
      suffix: 's',
      seed: 5,
      trainingFilePath,
      onProgress: () => undefined,
      signal: NEVER,
    });
    await assert.rejects(training, /exit code 1; .*Invalid training file: line 1/);
  }).timeout(60_000);
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenAIBackend, type FineTuneRequest } from '../../lib/src/finetune/index.js';
import { verdictGrader } from '../../lib/src/finetune/verdict-grader.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { startScriptedTrainer, type ScriptedTrainerServer } from './scripted-trainer-server.js';

const RETRY = { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 2 };

async function submitDpo(
  server: ScriptedTrainerServer,
  parts: Partial<FineTuneRequest> = {},
): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    const trainingFilePath = join(folder, 'pairs.jsonl');
    await writeFile(trainingFilePath, '{}\n');
    const backend = new OpenAIBackend({ client: server.client, retry: RETRY });
    const request: FineTuneRequest = {
      baseModel: 'gpt-x',
      method: { type: 'dpo', beta: 0.1 },
      trainingFilePath,
      validationFilePath: trainingFilePath,
      hyperparameters: { nEpochs: 1, batchSize: 4, learningRateMultiplier: 0.5 },
      suffix: 'judge-1',
      seed: 3,
      jobKey: 'key1',
      ...parts,
    };
    return backend.submit(request, NEVER);
  });
}

describe('a DPO job at a server of the OpenAI API', () => {
  let server: ScriptedTrainerServer;
  let jobs: unknown[] = [];
  let models: unknown[] = [];
  beforeEach(async () => {
    jobs = [];
    models = [];
    server = await startScriptedTrainer(({ method, path }) => {
      if (path === '/files') return { json: { id: 'file-1' } };
      if (path.startsWith('/models/')) return { status: 404, json: { error: { message: 'no such model' } } };
      if (path === '/models') return { json: { object: 'list', data: models } };
      if (method === 'POST') return { json: { id: 'ftjob-new' } };
      return { json: { object: 'list', data: jobs, has_more: false } };
    });
  });
  afterEach(() => server.close());

  it('is created with the fields of the API, with a validation file', async () => {
    assert.equal(await submitDpo(server), 'ftjob-new');
    assert.deepEqual(server.bodyOf('/fine_tuning/jobs'), {
      model: 'gpt-x',
      training_file: 'file-1',
      validation_file: 'file-1',
      suffix: 'judge-1',
      seed: 3,
      method: {
        type: 'dpo',
        dpo: { hyperparameters: { n_epochs: 1, batch_size: 4, learning_rate_multiplier: 0.5, beta: 0.1 } },
      },
      metadata: { autodidact_job: 'key1' },
    });
  });

  it('has the scale of the likelihood if the request has one', async () => {
    await submitDpo(server, { method: { type: 'dpo', nllScale: 1.5 }, hyperparameters: {} });
    const { method } = server.bodyOf('/fine_tuning/jobs') as { method: unknown };
    assert.deepEqual(method, { type: 'dpo', dpo: { hyperparameters: { nll_scale: 1.5 } } });
  });

  it('of the method "reinforcement" has the grader of verdicts, and only settings that were given', async () => {
    await submitDpo(server, {
      method: { type: 'reinforcement', groupSize: 4 },
      hyperparameters: { learningRateMultiplier: 2 },
    });
    const { method } = server.bodyOf('/fine_tuning/jobs') as { method: unknown };
    const hyperparameters = { learning_rate_multiplier: 2, group_size: 4 };
    assert.deepEqual(method, {
      type: 'reinforcement',
      reinforcement: { grader: verdictGrader(), hyperparameters },
    });
  });

  it('counts as done if the server cannot show whether its model exists', async () => {
    const metadata = { autodidact_job: 'key1' };
    jobs = [{ id: 'ftjob-old', status: 'succeeded', fine_tuned_model: 'ft:x', metadata }];
    assert.equal(await submitDpo(server), 'ftjob-old');
    models = [{ id: 'gpt-x' }];
    assert.equal(await submitDpo(server), 'ftjob-new');
    models = [{ id: 'gpt-x' }, { id: 'ft:x' }];
    assert.equal(await submitDpo(server), 'ftjob-old');
  });
});

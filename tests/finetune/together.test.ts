// Shapes of requests and answers: https://docs.together.ai/reference/post-fine-tunes, get-fine-tunes, get-fine-tunes-id-checkpoint.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenAIBackend, type FineTuneRequest, type LoraSettings } from '../../lib/src/finetune/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { startScriptedTrainer, type ScriptedTrainerServer } from './scripted-trainer-server.js';
import { TogetherServer, type TogetherJob } from './together-server.js';

const RETRY = { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 2 };

describe('a job at Together', () => {
  let world: TogetherServer;
  let server: ScriptedTrainerServer;
  const backend = (lora?: LoraSettings): OpenAIBackend =>
    new OpenAIBackend({ client: server.client, retry: RETRY, flavour: 'together', lora });
  const submit = (parts: Partial<FineTuneRequest> = {}, lora?: LoraSettings): Promise<string> =>
    inTemporaryFolder(async (folder) => {
      const trainingFilePath = join(folder, 'train.jsonl');
      await writeFile(trainingFilePath, '{"messages": []}\n');
      const request: FineTuneRequest = {
        baseModel: 'meta-llama/Meta-Llama-3-70B-Instruct',
        method: { type: 'supervised' },
        trainingFilePath,
        hyperparameters: { nEpochs: 2, learningRate: 1e-6, batchSize: 8 },
        suffix: 'judge-1',
        seed: 3,
        jobKey: '0123456789abcdef0123456789abcdef',
        ...parts,
      };
      return backend(lora).submit({ ...request, ...parts, trainingFilePath }, NEVER);
    });

  beforeEach(async () => {
    world = new TogetherServer();
    server = await startScriptedTrainer(({ method, path, body }) => world.answer(method, path, body));
  });
  afterEach(() => server.close());

  it('trains all weights on the judgment alone, and keeps a checkpoint for each epoch', async () => {
    assert.equal(await submit(), 'ft-0');
    assert.deepEqual(server.bodyOf('/fine-tunes'), {
      model: 'meta-llama/Meta-Llama-3-70B-Instruct',
      training_file: 'file-0',
      n_epochs: 2,
      n_checkpoints: 2,
      batch_size: 8,
      learning_rate: 0.000001,
      suffix: 'judge-1-0123456789ab',
      random_seed: 3,
      training_method: { method: 'sft', train_on_inputs: false },
      training_type: { type: 'Full' },
    });
    const upload = server.seen.find(({ path }) => path === '/files/upload')?.body ?? '';
    for (const part of [
      'name="purpose"\r\n\r\nfine-tune',
      'name="file_name"\r\n\r\ntrain.jsonl',
      '{"messages": []}',
    ])
      assert.ok(upload.includes(part), part);
  });

  it('trains by DPO with the field names of Together, with a validation file, and with adapters if the settings have them', async () => {
    await inTemporaryFolder(async (folder) => {
      const validationFilePath = join(folder, 'valid.jsonl');
      await writeFile(validationFilePath, '{}\n');
      const method = { type: 'dpo', beta: 0.1, nllScale: 1.5 } as const;
      await submit({ method, validationFilePath }, { rank: 64, alpha: 128 });
    });
    const body = server.bodyOf('/fine-tunes') as Record<string, unknown>;
    assert.deepEqual(body.training_method, { method: 'dpo', dpo_beta: 0.1, rpo_alpha: 1.5 });
    assert.deepEqual(body.training_type, { type: 'Lora', lora_r: 64, lora_alpha: 128 });
    assert.deepEqual([body.validation_file, body.n_evals], ['file-0', 2]);
  });

  it('has a state for each state of Together', async () => {
    const jobId = await submit();
    const seen: [string, string][] = [];
    for (const status of ['pending', 'queued', 'running', 'compressing', 'uploading', 'something-new']) {
      world.jobs[0]!.status = status;
      seen.push([status, (await backend().poll(jobId, NEVER)).state]);
    }
    assert.deepEqual(seen, [
      ['pending', 'waiting'],
      ['queued', 'waiting'],
      ['running', 'running'],
      ['compressing', 'running'],
      ['uploading', 'running'],
      ['something-new', 'running'],
    ]);
    world.jobs[0]!.status = 'completed';
    world.jobs[0]!.model_output_name = 'me/Meta-Llama-3-70B-Instruct-judge-1-0123456789ab-aa';
    const done = { state: 'succeeded', model: 'me/Meta-Llama-3-70B-Instruct-judge-1-0123456789ab-aa' };
    assert.deepEqual(await backend().poll(jobId, NEVER), done);
    world.jobs[0]!.status = 'error';
    world.jobs[0]!.events = [{ object: 'fine-tune-event', message: 'wrong line 3', level: 'error' }];
    assert.deepEqual(await backend().poll(jobId, NEVER), { state: 'failed', detail: 'wrong line 3' });
  });

  it('is cancelled, and returns new events only', async () => {
    const jobId = await submit();
    const event = (message: string, level: string | null): TogetherJob['events'][number] => ({
      object: 'fine-tune-event',
      message,
      level,
    });
    world.jobs[0]!.events = [event('pending', null), event('slow\u001b[31m', 'Warning')];
    const first = await backend().events(jobId, null, NEVER);
    assert.deepEqual(first.events, [
      { level: 'info', message: 'pending' },
      { level: 'warning', message: 'slow [31m' },
    ]);
    world.jobs[0]!.events.push(event('broken', 'legacy_ierror'));
    const second = await backend().events(jobId, first.cursor, NEVER);
    assert.deepEqual(second.events, [{ level: 'error', message: 'broken' }]);
    await backend().cancel(jobId, NEVER);
    assert.equal((await backend().poll(jobId, NEVER)).state, 'cancelled');
  });

  it('lists its checkpoints by step, whole models before adapters, by a name or in the form that starts the next job', async () => {
    const jobId = await submit();
    world.jobs[0]!.model_output_name = 'me/out';
    const common = { created_at: '2026-01-01T00:00:00Z', path: 's3://x', checkpoint_type: 'Intermediate' };
    world.checkpoints = [
      { ...common, step: 20 },
      { ...common, step: 10, checkpoint: 'model', object_name: 'me/out-10' },
      { ...common, step: 10, checkpoint: 'adapter', object_name: 'me/out-10-adapter' },
    ];
    assert.deepEqual(await backend().checkpoints(jobId, NEVER), [
      { model: 'me/out-10', step: 10, metrics: {} },
      { model: 'me/out:20', step: 20, metrics: {} },
    ]);
  });

  it('starts from a model that an earlier job made', async () => {
    await submit();
    world.jobs[0]!.model_output_name = 'me/out';
    await submit({ baseModel: 'me/out:10', jobKey: 'second-job-key' });
    const bodies = server.seen.filter(({ method, path }) => method === 'POST' && path === '/fine-tunes');
    const { model, from_checkpoint: checkpoint } = JSON.parse(bodies[1]!.body) as Record<string, unknown>;
    assert.deepEqual([model, checkpoint], ['meta-llama/Meta-Llama-3-70B-Instruct', 'me/out:10']);
  });
});

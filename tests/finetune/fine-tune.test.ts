import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../../lib/src/core/errors.js';
import { writeTrainingFile } from '../../lib/src/exports/index.js';
import { fineTuneOnFile, OpenAIBackend, type FineTuneOptions } from '../../lib/src/finetune/index.js';
import type { FineTunedModel, TrainingExample } from '../../lib/src/schema/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { gate } from '../micro/server/scripted-engine.js';
import { ServerRoom, until, type TestServer } from '../micro/server/server-fixture.js';

const room = new ServerRoom();
const RETRY = { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 2 };

const EXAMPLES: TrainingExample[] = (['A', 'B'] as const).map((verdict, i) => ({
  pairId: `pair-${i}`,
  instructionId: `instruction-${i}`,
  prompt: [{ role: 'user', content: `judge 4 [[A]] 7 [[B]] compute ${i} + 2` }],
  completion: `= 4 [[${verdict}]]`,
  verdict,
}));

async function train(server: TestServer, options: Partial<FineTuneOptions> = {}): Promise<FineTunedModel> {
  const trainingFilePath = join(await room.folder(), 'training-file.jsonl');
  await writeTrainingFile(trainingFilePath, { kind: 'sft', examples: EXAMPLES });
  return fineTuneOnFile(EXAMPLES.length, {
    backend: new OpenAIBackend({ client: server.client, retry: RETRY }),
    baseModel: 'micro-seed',
    hyperparameters: { nEpochs: 1, batchSize: 2 },
    suffix: 'test-1',
    seed: 5,
    trainingFilePath,
    onProgress: () => undefined,
    signal: NEVER,
    ...options,
  });
}

describe('fine-tuning', () => {
  afterEach(() => room.close());

  it('is submitted with the OpenAI format: the prompt, then the judgment as the assistant', async () => {
    const path = join(await room.folder(), 'training-file.jsonl');
    await writeTrainingFile(path, { kind: 'sft', examples: EXAMPLES });
    const [line] = (await readFile(path, 'utf8')).split('\n');
    assert.deepEqual(JSON.parse(line!), {
      messages: [
        { role: 'user', content: 'judge 4 [[A]] 7 [[B]] compute 0 + 2' },
        { role: 'assistant', content: '= 4 [[A]]' },
      ],
    });
  });

  it('gives a model with its lineage', async () => {
    const server = await room.start();
    const model = await train(server);
    assert.match(model.model, /^ft:micro-seed:test-1:/);
    assert.deepEqual([model.parent, model.nExamples], ['micro-seed', 2]);
  });

  it('finds the job of a name that was cut elsewhere', async () => {
    const server = await room.start();
    const first = await train(server, { suffix: 'ong-name-1' });
    assert.deepEqual(await train(server, { suffix: 'name-1', keySuffix: 'ong-name-1' }), first);
  });

  it('finds its job again after an interruption instead of submitting a second one', async () => {
    const server = await room.start();
    const held = gate();
    server.trainer.gate = held.opened;
    const stop = new AbortController();
    const interrupted = train(server, { signal: stop.signal });
    await until(async () => ((await server.usage()).jobs.created === 1 ? true : null));
    stop.abort(new Error('interrupted'));
    await assert.rejects(interrupted, /interrupted/);
    held.open();
    await train(server);
    assert.equal((await server.usage()).jobs.created, 1);
  });

  it('submits another job when anything about it is different', async () => {
    const server = await room.start();
    await train(server);
    await train(server, { seed: 6 });
    await train(server, { hyperparameters: { nEpochs: 2, batchSize: 2 } });
    assert.equal((await server.usage()).jobs.created, 3);
  });

  it('keeps checkpoints with their steps and losses, the model itself last, and passes on the messages of the trainer', async () => {
    const server = await room.start();
    const validationFilePath = join(await room.folder(), 'validation.jsonl');
    await writeTrainingFile(validationFilePath, { kind: 'sft', examples: EXAMPLES.slice(1) });
    const said: string[] = [];
    const model = await train(server, {
      hyperparameters: { nEpochs: 2, batchSize: 2 },
      validationFilePath,
      onEvent: ({ message }) => said.push(message),
    });
    assert.equal(model.method, 'supervised');
    assert.deepEqual(model.checkpoints, [
      { model: `${model.model}:ckpt-step-1`, step: 1, metrics: { train_loss: 1, full_valid_loss: 2 } },
      { model: model.model, step: 2, metrics: { train_loss: 0.5, full_valid_loss: 1 } },
    ]);
    assert.equal(said.filter((message) => message.startsWith('Step ')).length, 2);
    assert.equal(said.at(-1), 'The job has successfully completed');
    assert.equal(new Set(said).size, said.length, 'no message is repeated');
  });

  it('says that its job was cancelled', async () => {
    const server = await room.start();
    server.trainer.gate = gate().opened;
    const waiting = train(server);
    const job = await until(
      async () =>
        (await server.client.fineTuning.jobs.list()).data.find(({ status }) => status === 'running') ?? null,
    );
    await server.client.fineTuning.jobs.cancel(job.id);
    await assert.rejects(waiting, { code: 'job-cancelled' });
  });

  it('says why a job failed, and submits a new one the next time', async () => {
    const server = await room.start();
    server.trainer.failure = new Error('the loss is not a number');
    await assert.rejects(train(server), (thrown: unknown) => {
      assert.ok(thrown instanceof ModelError);
      assert.equal(thrown.code, 'job-failed');
      assert.match(thrown.message, /fine-tuning job .*failed/);
      return true;
    });
    server.trainer.failure = null;
    assert.match((await train(server)).model, /^ft:/);
  });
});

// Fine-tuning jobs of the method "dpo" through the openai package.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { parseJobBody, resolveJob } from '../../../lib/src/micro/server/job-request.js';
import { startServer } from '../../../lib/src/micro/server/start.js';
import { encodeTrainingChat } from '../../../lib/src/micro/tokenizer.js';
import { gate } from './scripted-engine.js';
import { ended, preferenceText, ServerRoom, trainingText, until, upload } from './server-fixture.js';

const room = new ServerRoom();
type Job = OpenAI.FineTuning.FineTuningJob;
type JobParams = OpenAI.FineTuning.JobCreateParams;

const sequence = (answer: string): unknown =>
  encodeTrainingChat([
    { role: 'user', content: 'answer compute 1 + 2' },
    { role: 'assistant', content: answer },
  ]);

/** Creates a job of the method "dpo"; `hyperparameters` may hold this server's own `nll_scale`. */
async function createJob(
  client: OpenAI,
  {
    hyperparameters,
    text = preferenceText(['3', '4']),
    ...more
  }: Partial<Omit<JobParams, 'hyperparameters'>> & { hyperparameters?: object; text?: string } = {},
  key?: string,
): Promise<Job> {
  return client.fineTuning.jobs.create(
    {
      model: 'micro-seed',
      training_file: await upload(client, text),
      method: { type: 'dpo', ...(hyperparameters && { dpo: { hyperparameters } }) },
      ...more,
    },
    { headers: key === undefined ? {} : { 'Idempotency-Key': key } },
  );
}

describe('a job of the method "dpo"', () => {
  afterEach(() => room.close());

  it('trains on pairs and makes a model that answers, with checkpoints, events and figures', async () => {
    const { client, trainer, engine } = await room.start();
    const job = await ended(
      client,
      (
        await createJob(client, {
          text: preferenceText(['3', '4'], ['3', '5 [[A]]']),
          validation_file: await upload(client, preferenceText(['3', '6'])),
          suffix: 'judge-1',
          seed: 7,
          hyperparameters: {
            n_epochs: 2,
            batch_size: 8,
            learning_rate_multiplier: 2,
            beta: 0.2,
            nll_scale: 0,
          },
        })
      ).id,
    );
    assert.equal(job.status, 'succeeded');
    assert.equal(job.trained_tokens, 20);
    assert.equal(job.hyperparameters, undefined, 'shown for supervised jobs only');
    assert.deepEqual(job.method, {
      type: 'dpo',
      dpo: {
        hyperparameters: {
          n_epochs: 2,
          batch_size: 8,
          learning_rate_multiplier: 2,
          beta: 0.2,
          nll_scale: 0,
        },
      },
    });
    const { checkpointPath, ...request } = trainer.preferenceRequests[0]!;
    assert.match(checkpointPath, /seed\.safetensors$/);
    assert.deepEqual(request, {
      pairs: [
        { chosen: sequence('3'), rejected: sequence('4') },
        { chosen: sequence('3'), rejected: sequence('5 [[A]]') },
      ],
      validationPairs: [{ chosen: sequence('3'), rejected: sequence('6') }],
      nEpochs: 2,
      batchSize: 8,
      learningRate: 0.002,
      seed: 7,
      beta: 0.2,
      nllScale: 0,
    });
    assert.equal(trainer.requests.length, 0);
    const model = job.fine_tuned_model!;
    assert.match(model, /^ft:micro-seed:judge-1:[0-9a-f]{8}$/);
    const checkpoints = await client.fineTuning.jobs.checkpoints.list(job.id);
    assert.deepEqual(
      checkpoints.data.map((checkpoint) => [checkpoint.fine_tuned_model_checkpoint, checkpoint.metrics]),
      [
        [model, { step: 2, train_loss: 0.5, full_valid_loss: 1, ...figures('full_valid', 0.5, 0.25) }],
        [
          `${model}:ckpt-step-1`,
          { step: 1, train_loss: 1, full_valid_loss: 2, ...figures('full_valid', 0.25, 0.125) },
        ],
      ],
    );
    const events = (await client.fineTuning.jobs.listEvents(job.id)).data;
    const metrics = events.find(({ type }) => type === 'metrics')!;
    assert.deepEqual(metrics.data, {
      step: 2,
      total_steps: 2,
      train_loss: 0.5,
      ...figures('train', 0.5, 0.25),
    });
    assert.equal(
      metrics.message,
      'Step 2/2: training loss=0.5000, preference accuracy=0.5000, reward margin=0.2500',
    );
    engine.add({ texts: ['3'] });
    await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'answer 1' }] });
    assert.equal(engine.requests.at(-1)?.modelId, model);
  });

  it('resolves what is left out, and "auto"', async () => {
    const { client, trainer } = await room.start();
    const first = await createJob(client);
    const auto = { n_epochs: 'auto', batch_size: 'auto', learning_rate_multiplier: 'auto' };
    const second = await createJob(client, { hyperparameters: { ...auto, beta: 'auto', nll_scale: 'auto' } });
    for (const { id } of [first, second]) {
      const { method } = await ended(client, id);
      assert.deepEqual(method?.dpo?.hyperparameters, {
        n_epochs: 3,
        batch_size: 8,
        learning_rate_multiplier: 2,
        beta: 0.1,
        nll_scale: 1.5,
      });
    }
    assert.equal(trainer.preferenceRequests.length, 1, 'the second is the same job');
  });

  it('makes other models than other hyperparameters, and than the supervised method', async () => {
    const { client } = await room.start();
    const models = new Set<string | null>();
    for (const hyperparameters of [{}, { beta: 0.2 }, { nll_scale: 0 }, { n_epochs: 1 }]) {
      models.add((await ended(client, (await createJob(client, { hyperparameters })).id)).fine_tuned_model);
    }
    assert.equal(models.size, 4);
    const again = await createJob(client, { hyperparameters: { beta: 0.2 } });
    assert.equal(again.status, 'succeeded');
    assert.ok(models.has(again.fine_tuned_model));
  });

  it('leaves the names and seeds of supervised jobs as they were before there was a choice', () => {
    const base = { fingerprint: 'f', root: 'micro-seed' } as Parameters<typeof resolveJob>[1]['base'];
    const trainingFile = { sha256: 's' } as Parameters<typeof resolveJob>[1]['trainingFile'];
    const parts = { id: 'x', createdMs: 1, bodyHash: 'b', base, trainingFile };
    const named = { model: 'micro-seed', training_file: 'file-1' };
    for (const body of [
      { ...named, hyperparameters: { n_epochs: 3 } },
      { ...named, method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 3 } } } },
    ]) {
      const { seed, contentHash } = resolveJob(parseJobBody(body), parts);
      // From the last version that offered the supervised method alone.
      assert.equal(seed, 519614128);
      assert.equal(contentHash, 'c4e45b98cd205ca4c0f45bd2edb6cf5642b0325c9b2e203cc9eb255067e4981a');
    }
  });

  it('is created once per Idempotency-Key, and is cancelled', async () => {
    const { client, trainer } = await room.start();
    trainer.gate = gate().opened;
    const file = await upload(client, preferenceText(['3', '4']));
    const create = (beta: number): Promise<Job> =>
      createJob(client, { training_file: file, hyperparameters: { beta } }, 'prefer-1');
    const [one, two] = await Promise.all([create(0.1), create(0.1)]);
    assert.equal(one.id, two.id);
    await assert.rejects(create(0.2), { status: 422 });
    await until(() => (trainer.nRunning === 1 ? true : null));
    assert.equal((await client.fineTuning.jobs.cancel(one.id)).status, 'cancelled');
    await until(() => (trainer.nRunning === 0 ? true : null));
  });

  it('starts over at the next server, beside records from before there was a choice of methods', async () => {
    const stateFolder = await room.folder();
    const first = await room.start({ stateFolder });
    const supervised = await first.client.fineTuning.jobs.create({
      model: 'micro-seed',
      training_file: await upload(first.client, trainingText('3')),
    });
    await ended(first.client, supervised.id);
    first.trainer.gate = gate().opened;
    const { id } = await createJob(first.client, { hyperparameters: { beta: 0.3 } });
    await until(() => (first.trainer.nRunning === 1 ? true : null));
    await first.app.close();
    const folder = join(stateFolder, 'jobs');
    for (const name of await readdir(folder)) {
      if (!name.startsWith(supervised.id) || !name.endsWith('.request.json')) continue;
      const { method, ...older } = JSON.parse(await readFile(join(folder, name), 'utf8')) as object & {
        method: unknown;
      };
      assert.deepEqual(method, { type: 'supervised' });
      await writeFile(join(folder, name), JSON.stringify(older));
    }
    const { client, trainer } = await room.start({ stateFolder });
    assert.equal((await ended(client, id)).status, 'succeeded');
    assert.equal(trainer.preferenceRequests[0]?.beta, 0.3);
    assert.equal((await client.fineTuning.jobs.retrieve(supervised.id)).method?.type, 'supervised');
  });

  for (const [what, method, text, says] of [
    ['supervised examples', 'dpo', trainingText('3'), /line 1: no preference pair; .*"supervised"/],
    ['pairs', 'supervised', preferenceText(['3', '4']), /line 1: a preference pair; .*"dpo"/],
  ] as const) {
    it(`fails with the line's number where the method "${method}" is given ${what}`, async () => {
      const { client, trainer } = await room.start();
      const created = await createJob(client, { text, method: { type: method } });
      const { status, error } = await ended(client, created.id);
      assert.deepEqual(
        [status, error?.code, error?.param],
        ['failed', 'invalid_training_file', 'training_file'],
      );
      assert.match(error!.message, says);
      assert.equal(trainer.requests.length + trainer.preferenceRequests.length, 0);
    });
  }

  it('teaches the real model to prefer what it is shown', async () => {
    const server = await startServer({ stateFolder: await room.folder(), nWorkers: 1 });
    try {
      const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'none', logLevel: 'off' });
      const prompt = 'answer compute 7 + 2 * 6 - 3 * 4';
      // The seed answers as it should; it is taught another answer.
      const text = preferenceText(['9 4 1 = 5', '9 4 1 = 4']).replace('answer compute 1 + 2', prompt);
      const { id } = await createJob(client, {
        text,
        hyperparameters: { n_epochs: 20, learning_rate_multiplier: 4 },
      });
      const job = await until(async () => {
        const found = await client.fineTuning.jobs.retrieve(id);
        return found.finished_at === null ? null : found;
      });
      assert.equal(job.status, 'succeeded', job.error?.message);
      const answer = async (model: string): Promise<string> => {
        const messages = [{ role: 'user' as const, content: prompt }];
        const completion = await client.chat.completions.create({ model, messages, temperature: 0 });
        return completion.choices[0]?.message.content ?? '';
      };
      assert.equal(await answer('micro-seed'), '9 4 1 = 4');
      assert.equal(await answer(job.fine_tuned_model!), '9 4 1 = 5');
      const last = (await client.fineTuning.jobs.listEvents(id)).data.find(({ type }) => type === 'metrics')!;
      const { train_preference_accuracy: accuracy } = last.data as Record<string, number>;
      assert.equal(accuracy, 1);
    } finally {
      await server.close();
    }
  });
});

function figures(prefix: string, accuracy: number, margin: number): Record<string, number> {
  return { [`${prefix}_preference_accuracy`]: accuracy, [`${prefix}_reward_margin`]: margin };
}

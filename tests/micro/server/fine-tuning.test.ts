// Files and fine-tuning jobs through the openai package.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';
import { encodeTrainingChat } from '../../../lib/src/micro/tokenizer.js';
import { gate } from './scripted-engine.js';
import { ended, ServerRoom, trainingText, until, upload } from './server-fixture.js';

const room = new ServerRoom();
type Job = OpenAI.FineTuning.FineTuningJob;

describe('files', () => {
  afterEach(() => room.close());

  it('are uploaded, listed, read and deleted', async () => {
    const { client } = await room.start();
    const text = trainingText('3', '4');
    const file = await client.files.create({
      file: await toFile(Buffer.from(text), 'a.jsonl'),
      purpose: 'fine-tune',
    });
    assert.match(file.id, /^file-[0-9a-f]{24}$/);
    assert.deepEqual([file.filename, file.bytes, file.purpose], ['a.jsonl', text.length, 'fine-tune']);
    const other = await upload(client, trainingText('5'));
    const ids = [];
    for await (const listed of client.files.list({ limit: 1 })) ids.push(listed.id);
    assert.deepEqual(ids.sort(), [file.id, other].sort());
    assert.equal((await client.files.retrieve(file.id)).id, file.id);
    assert.equal(await (await client.files.content(file.id)).text(), text);
    assert.equal((await client.files.delete(file.id)).deleted, true);
    await assert.rejects(client.files.retrieve(file.id), { status: 404 });
    await assert.rejects(client.files.delete(file.id), { status: 404 });
  });

  it('are uploaded once per Idempotency-Key', async () => {
    const { client } = await room.start();
    const send = async (text: string): Promise<string> => {
      const file = await toFile(Buffer.from(text), 'a.jsonl');
      return (
        await client.files.create({ file, purpose: 'fine-tune' }, { headers: { 'Idempotency-Key': 'up-1' } })
      ).id;
    };
    const [one, two] = await Promise.all([send(trainingText('3')), send(trainingText('3'))]);
    assert.equal(one, two);
    await assert.rejects(send(trainingText('4')), { status: 422 });
    assert.equal(await (await client.files.content(one)).text(), trainingText('3'));
  });
});

describe('a fine-tuning job', () => {
  afterEach(() => room.close());

  it('validates, waits, runs and makes a model that answers', async () => {
    const { client, trainer, engine, usage } = await room.start();
    const trainingFile = await upload(client, trainingText('3', '4'));
    const validationFile = await upload(client, trainingText('5'));
    const created = await client.fineTuning.jobs.create({
      model: 'micro-seed',
      training_file: trainingFile,
      validation_file: validationFile,
      suffix: 'judge-1',
      seed: 7,
      method: {
        type: 'supervised',
        supervised: { hyperparameters: { n_epochs: 3, batch_size: 8, learning_rate_multiplier: 2 } },
      },
      metadata: { run: 'a' },
    });
    assert.match(created.id, /^ftjob-/);
    const job = await ended(client, created.id);
    assert.equal(job.status, 'succeeded');
    assert.match(job.fine_tuned_model ?? '', /^ft:micro-seed:judge-1:[0-9a-f]{8}$/);
    assert.equal(job.trained_tokens, 30);
    assert.deepEqual(job.hyperparameters, { n_epochs: 3, batch_size: 8, learning_rate_multiplier: 2 });
    assert.deepEqual(job.metadata, { run: 'a' });
    const sequence = (answer: string): unknown =>
      encodeTrainingChat([
        { role: 'user', content: 'answer compute 1 + 2' },
        { role: 'assistant', content: answer },
      ]);
    const { checkpointPath, ...request } = trainer.requests[0]!;
    assert.match(checkpointPath, /seed\.safetensors$/);
    assert.deepEqual(request, {
      sequences: [sequence('3'), sequence('4')],
      validationSequences: [sequence('5')],
      nEpochs: 3,
      batchSize: 8,
      learningRate: 0.002,
      seed: 7,
    });
    const checkpoints = await client.fineTuning.jobs.checkpoints.list(job.id);
    const model = job.fine_tuned_model!;
    assert.deepEqual(
      checkpoints.data.map((checkpoint) => [checkpoint.fine_tuned_model_checkpoint, checkpoint.step_number]),
      [
        [model, 3],
        [`${model}:ckpt-step-2`, 2],
        [`${model}:ckpt-step-1`, 1],
      ],
    );
    assert.deepEqual(checkpoints.data[1]?.metrics, { step: 2, train_loss: 0.5, full_valid_loss: 1 });
    for (const id of [model, `${model}:ckpt-step-1`]) {
      engine.add({ texts: ['3'] });
      await client.chat.completions.create({ model: id, messages: [{ role: 'user', content: 'answer 1' }] });
      assert.equal(engine.requests.at(-1)?.modelId, id);
      assert.equal(engine.loaded.at(-1)?.modelId, id);
    }
    assert.deepEqual((await usage()).jobs, { created: 1, completed: 1 });
  });

  it('reports its progress as events, newest first', async () => {
    const { client } = await room.start();
    // The place that the client package calls deprecated.
    const olderSettings = { hyperparameters: { n_epochs: 2 } };
    const { id } = await client.fineTuning.jobs.create({
      model: 'micro-seed',
      training_file: await upload(client, trainingText('3')),
      ...olderSettings,
    });
    await ended(client, id);
    const events = [];
    for await (const event of client.fineTuning.jobs.listEvents(id, { limit: 2 })) events.push(event.message);
    assert.deepEqual(
      events.reverse().map((message) => message.replace(/(file|ft:micro-seed)[-:][\w:-]+/, '<$1>')),
      [
        'Validating training file: <file>',
        'Files validated, fine-tuning job queued',
        'Fine-tuning job started',
        'Step 1/2: training loss=1.0000',
        'Checkpoint of epoch 1 created: <ft:micro-seed>',
        'Step 2/2: training loss=0.5000',
        'Checkpoint of epoch 2 created: <ft:micro-seed>',
        'The job has successfully completed',
      ],
    );
  });

  it('starts from an earlier fine-tuned model', async () => {
    const { client, trainer } = await room.start();
    const file = await upload(client, trainingText('3'));
    const first = await client.fineTuning.jobs.create({ model: 'micro-seed', training_file: file });
    const base = (await ended(client, first.id)).fine_tuned_model!;
    const second = await client.fineTuning.jobs.create({ model: base, training_file: file, suffix: 'again' });
    const job = await ended(client, second.id);
    assert.match(job.fine_tuned_model ?? '', /^ft:micro-seed:again:[0-9a-f]{8}$/);
    assert.ok(trainer.requests[1]?.checkpointPath.includes(base.replaceAll(':', '+')));
  });

  it('repeated with the same content succeeds at once with the same model', async () => {
    const { client, trainer, usage } = await room.start();
    const make = async (suffix: string): Promise<Job> =>
      client.fineTuning.jobs.create({
        model: 'micro-seed',
        // A file of the same content is the same content.
        training_file: await upload(client, trainingText('3')),
        suffix,
        method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 'auto' } } },
      });
    const first = await ended(client, (await make('one')).id);
    const again = await make('one');
    assert.equal(again.status, 'succeeded');
    assert.notEqual(again.id, first.id);
    assert.equal(again.fine_tuned_model, first.fine_tuned_model);
    assert.equal(again.trained_tokens, 0);
    const events = await client.fineTuning.jobs.listEvents(again.id);
    assert.match(events.data[0]?.message ?? '', /succeeded before/);
    assert.equal((await client.fineTuning.jobs.checkpoints.list(again.id)).data.length, 2);
    const renamed = await make('two');
    assert.equal(renamed.fine_tuned_model, first.fine_tuned_model?.replace(':one:', ':two:'));
    await client.models.retrieve(renamed.fine_tuned_model);
    assert.equal(trainer.requests.length, 1);
    assert.deepEqual((await usage()).jobs, { created: 3, completed: 3 });

    for (const id of [first.fine_tuned_model!, renamed.fine_tuned_model]) {
      assert.equal((await client.models.delete(id)).deleted, true);
      await assert.rejects(client.models.retrieve(id), { status: 404 });
    }
    const retrained = await ended(client, (await make('one')).id);
    assert.equal(retrained.fine_tuned_model, first.fine_tuned_model);
    assert.equal(trainer.requests.length, 2, 'a deleted model is trained again');
  });

  it('waits until the one before it has ended', async () => {
    const { client, trainer } = await room.start();
    const { opened, open } = gate();
    trainer.gate = opened;
    const ids: string[] = [];
    for (const answer of ['1', '2', '3']) {
      const file = await upload(client, trainingText(answer));
      ids.push((await client.fineTuning.jobs.create({ model: 'micro-seed', training_file: file })).id);
    }
    await until(() => (trainer.requests.length === 1 ? true : null));
    await until(async () =>
      (await client.fineTuning.jobs.retrieve(ids[2]!)).status === 'queued' ? true : null,
    );
    assert.equal((await client.fineTuning.jobs.retrieve(ids[0]!)).status, 'running');
    open();
    for (const id of ids) assert.equal((await ended(client, id)).status, 'succeeded');
    assert.equal(trainer.mostRunning, 1);
  });

  it('is cancelled while it runs and while it waits', async () => {
    const { client, trainer } = await room.start();
    trainer.gate = gate().opened;
    const make = async (answer: string): Promise<string> => {
      const file = await upload(client, trainingText(answer));
      return (await client.fineTuning.jobs.create({ model: 'micro-seed', training_file: file })).id;
    };
    const [running, waiting] = [await make('1'), await make('2')];
    await until(() => (trainer.nRunning === 1 ? true : null));
    assert.equal((await client.fineTuning.jobs.cancel(waiting)).status, 'cancelled');
    const job = await client.fineTuning.jobs.cancel(running);
    assert.equal(job.status, 'cancelled');
    assert.equal(job.fine_tuned_model, null);
    await until(() => (trainer.nRunning === 0 ? true : null));
    await assert.rejects(client.fineTuning.jobs.cancel(running), { status: 400, code: 'job_ended' });
    trainer.gate = Promise.resolve();
    assert.equal((await ended(client, await make('3'))).status, 'succeeded');
    assert.equal(trainer.requests.length, 2, 'the cancelled job in the queue never started');
  });

  it('that fails says why, and the next one runs', async () => {
    const { client, trainer } = await room.start();
    trainer.failure = new Error('a training worker crashed');
    const file = await upload(client, trainingText('1'));
    const { id } = await client.fineTuning.jobs.create({ model: 'micro-seed', training_file: file });
    const job = await ended(client, id);
    assert.equal(job.status, 'failed');
    assert.match(job.error?.message ?? '', /a training worker crashed/);
    assert.match(
      (await client.fineTuning.jobs.listEvents(id)).data[0]?.message ?? '',
      /a training worker crashed/,
    );
    trainer.failure = null;
    const next = await client.fineTuning.jobs.create({ model: 'micro-seed', training_file: file });
    assert.equal((await ended(client, next.id)).status, 'succeeded');
  });

  it('is created once per Idempotency-Key, until it fails', async () => {
    const { client, trainer } = await room.start();
    const file = await upload(client, trainingText('1'));
    const create = (seed: number): Promise<Job> =>
      client.fineTuning.jobs.create(
        { model: 'micro-seed', training_file: file, ...{ seed } },
        { headers: { 'Idempotency-Key': 'tune-1' } },
      );
    trainer.failure = new Error('out of luck');
    const failed = await create(1);
    assert.equal((await ended(client, failed.id)).status, 'failed');
    trainer.failure = null;
    const [one, two] = await Promise.all([create(1), create(1)]);
    assert.equal(one.id, two.id);
    assert.notEqual(one.id, failed.id);
    assert.equal((await ended(client, one.id)).status, 'succeeded');
    assert.equal((await create(1)).id, one.id);
    await assert.rejects(create(2), { status: 422 });
    assert.equal(trainer.requests.length, 2);
  });

  it('is found by its metadata, page by page', async () => {
    const { client } = await room.start();
    const file = await upload(client, trainingText('1'));
    const create = (metadata?: Record<string, string>): Promise<Job> =>
      client.fineTuning.jobs.create({
        model: 'micro-seed',
        training_file: file,
        ...(metadata && { metadata }),
      });
    const wanted = [await create({ k: 'a' }), await create({ k: 'a', l: 'b' })];
    await create({ k: 'c' });
    const bare = await create();
    const found: string[] = [];
    for await (const job of client.fineTuning.jobs.list({ limit: 1, metadata: { k: 'a' } }))
      found.push(job.id);
    assert.deepEqual(found.sort(), wanted.map(({ id }) => id).sort());
    const withoutMetadata = await client.fineTuning.jobs.list({ metadata: null });
    assert.deepEqual(
      withoutMetadata.data.map(({ id }) => id),
      [bare.id],
    );
    assert.equal((await client.fineTuning.jobs.list()).data.length, 4);
  });
});

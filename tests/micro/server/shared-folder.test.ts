// What outlives a server: jobs, files and models in the state folder, also when several servers share it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import OpenAI, { toFile } from 'openai';
import { isProcessAlive, thisProcess, type ProcessIdentity } from '../../../lib/src/core/process-identity.js';
import { gate } from './scripted-engine.js';
import { ServerRoom, trainingText, until } from './server-fixture.js';

const room = new ServerRoom();
type Job = OpenAI.FineTuning.FineTuningJob;

async function createJob(client: OpenAI, answer = '1', key?: string): Promise<Job> {
  const file = await client.files.create(
    {
      file: await toFile(Buffer.from(trainingText(answer)), 'a.jsonl'),
      purpose: 'fine-tune',
    },
    { headers: key === undefined ? {} : { 'Idempotency-Key': `file ${key}` } },
  );
  return client.fineTuning.jobs.create(
    { model: 'micro-seed', training_file: file.id },
    { headers: key === undefined ? {} : { 'Idempotency-Key': key } },
  );
}

function inStatus(client: OpenAI, id: string, status: Job['status']): Promise<Job> {
  return until(async () => {
    const job = await client.fineTuning.jobs.retrieve(id);
    return job.status === status ? job : null;
  });
}

/** A process that has ended. */
function deadProcess(): ProcessIdentity {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  return { pid, startedAt: 'long ago' };
}

describe('a state folder', () => {
  afterEach(() => room.close());

  it('keeps jobs, files and models over a restart', async () => {
    const stateFolder = await room.folder();
    const first = await room.start({ stateFolder });
    const job = await inStatus(first.client, (await createJob(first.client, '1', 'tune-1')).id, 'succeeded');
    await first.app.close();
    const { client, engine, trainer } = await room.start({ stateFolder });
    assert.deepEqual(await client.fineTuning.jobs.retrieve(job.id), job);
    assert.ok((await client.fineTuning.jobs.listEvents(job.id)).data.length > 4);
    assert.equal((await client.files.retrieve(job.training_file)).id, job.training_file);
    engine.add({ texts: ['3'] });
    await client.chat.completions.create({
      model: job.fine_tuned_model!,
      messages: [{ role: 'user', content: 'answer' }],
    });
    assert.equal((await createJob(client, '1', 'tune-1')).id, job.id, 'the Idempotency-Key is kept too');
    assert.equal(trainer.requests.length, 0);
  });

  it('lets the next server start an interrupted job over, under the same id', async () => {
    const stateFolder = await room.folder();
    const first = await room.start({ stateFolder });
    first.trainer.gate = gate().opened;
    const { id } = await createJob(first.client);
    await inStatus(first.client, id, 'running');
    const waiting = await createJob(first.client, '2');
    await first.app.close();
    const { client } = await room.start({ stateFolder });
    const job = await inStatus(client, id, 'succeeded');
    assert.equal(job.id, id);
    await inStatus(client, waiting.id, 'succeeded');
    const events = await client.fineTuning.jobs.listEvents(id, { limit: 100 });
    assert.ok(events.data.some(({ message }) => message.includes('starts over')));
    // Each epoch is listed once, though the first was reached twice.
    assert.equal((await client.fineTuning.jobs.checkpoints.list(id)).data.length, 2);
  });

  it('lets a server take over the job of one that died without a word', async () => {
    const stateFolder = await room.folder();
    const dying = await room.start({ stateFolder, owner: deadProcess() });
    dying.trainer.gate = gate().opened;
    const { id } = await createJob(dying.client);
    await until(() => (dying.trainer.nRunning === 1 ? true : null));
    const { client, trainer } = await room.start({ stateFolder });
    await inStatus(client, id, 'succeeded');
    assert.equal(trainer.requests.length, 1);
  });

  it('lets only one of several servers take over a job', async () => {
    const stateFolder = await room.folder();
    const dying = await room.start({ stateFolder, owner: deadProcess() });
    dying.trainer.gate = gate().opened;
    const { id } = await createJob(dying.client);
    await until(() => (dying.trainer.nRunning === 1 ? true : null));
    const servers = await Promise.all([1, 2, 3].map(() => room.start({ stateFolder })));
    await inStatus(servers[0]!.client, id, 'succeeded');
    assert.equal(
      servers.reduce((sum, { trainer }) => sum + trainer.requests.length, 0),
      1,
    );
  });

  it('shows the jobs, files and models of one server to another, which leaves them alone', async () => {
    const stateFolder = await room.folder();
    const [one, two] = [await room.start({ stateFolder }), await room.start({ stateFolder })];
    const { opened, open } = gate();
    one.trainer.gate = opened;
    const { id, training_file } = await createJob(one.client);
    await inStatus(two.client, id, 'running');
    assert.equal((await two.client.files.list()).data[0]?.id, training_file);
    open();
    const { fine_tuned_model } = await inStatus(two.client, id, 'succeeded');
    const models = await two.client.models.list();
    assert.ok(models.data.some((model) => model.id === fine_tuned_model));
    two.engine.add({ texts: ['3'] });
    await two.client.chat.completions.create({
      model: fine_tuned_model!,
      messages: [{ role: 'user', content: 'answer' }],
    });
    assert.equal(two.trainer.requests.length, 0);
    await one.client.models.delete(fine_tuned_model!);
    await until(async () => {
      const found = (await two.client.models.list()).data.some((model) => model.id === fine_tuned_model);
      return found ? null : true;
    });
  });

  it('answers 404 for a model that another server has deleted, also one that it has just seen', async () => {
    const stateFolder = await room.folder();
    const [one, two] = [await room.start({ stateFolder }), await room.start({ stateFolder })];
    const { id } = await createJob(one.client);
    const model = (await inStatus(one.client, id, 'succeeded')).fine_tuned_model ?? '';
    await two.client.models.retrieve(model);
    await one.client.models.delete(model);
    // Its weights cannot be loaded any more.
    two.engine.loadModel = () => Promise.reject(new Error('ENOENT'));
    const isMissing = { status: 404 };
    const messages = [{ role: 'user' as const, content: 'answer' }];
    await assert.rejects(two.client.chat.completions.create({ model, messages }), isMissing);
    await assert.rejects(two.client.models.delete(model), isMissing);
    await assert.rejects(two.client.fineTuning.jobs.cancel('ftjob-none'), isMissing);
  });

  it('carries a cancellation to the server that trains', async () => {
    const stateFolder = await room.folder();
    const [one, two] = [await room.start({ stateFolder }), await room.start({ stateFolder })];
    one.trainer.gate = gate().opened;
    const { id } = await createJob(one.client);
    await until(() => (one.trainer.nRunning === 1 ? true : null));
    assert.equal((await two.client.fineTuning.jobs.cancel(id)).status, 'cancelled');
    await until(() => (one.trainer.nRunning === 0 ? true : null));
    assert.equal((await one.client.fineTuning.jobs.retrieve(id)).status, 'cancelled');
  });

  it('makes one job of one Idempotency-Key at two servers', async () => {
    const stateFolder = await room.folder();
    const [one, two] = [await room.start({ stateFolder }), await room.start({ stateFolder })];
    const jobs = await Promise.all([one, two].map(({ client }) => createJob(client, '1', 'tune-1')));
    assert.equal(jobs[0]?.id, jobs[1]?.id);
    await inStatus(one.client, jobs[0]!.id, 'succeeded');
    assert.equal(one.trainer.requests.length + two.trainer.requests.length, 1);
  });
});

describe('the owner of a job', () => {
  it('is distinguished from a later process with the same id', async () => {
    const self = await thisProcess();
    assert.equal(await isProcessAlive(self), true);
    assert.equal(await isProcessAlive(deadProcess()), false);
    if (self.startedAt !== null)
      assert.equal(await isProcessAlive({ ...self, startedAt: 'another time' }), false);
  });
});

// A state folder whose files were changed: what is damaged is found, reported and made again; everything else goes on.
import assert from 'node:assert/strict';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFile } from 'openai';
import { ended, goodBody, ServerRoom, trainingText, upload, type TestServer } from './server-fixture.js';

const room = new ServerRoom();

/** Trains a model. @returns its id */
async function train({ client }: TestServer, answer: string): Promise<string> {
  const training_file = await upload(client, trainingText(answer));
  const job = await client.fineTuning.jobs.create({ model: 'micro-seed', training_file });
  const { status, fine_tuned_model: model } = await ended(client, job.id);
  assert.equal(status, 'succeeded');
  return model ?? '';
}

const filesIn = async (folder: string, ending: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(ending)).map((name) => join(folder, name));

/** Changes one byte in the middle. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe('a damaged state folder', () => {
  afterEach(() => room.close());

  for (const [what, damage] of [
    ['changed', flip],
    ['cut', (path: string) => truncate(path, 3)],
  ] as const) {
    it(`has no model whose weights were ${what}, until it is trained again`, async () => {
      const stateFolder = await room.folder();
      const first = await room.start({ stateFolder });
      const model = await train(first, '3');
      await first.app.close();
      const weights = await filesIn(join(stateFolder, 'models'), '.safetensors');
      const good = await Promise.all(weights.map((path) => readFile(path)));
      for (const path of weights) await damage(path);

      const server = await room.start({ stateFolder });
      const body = { ...goodBody, model };
      const answer = await fetch(`${server.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.equal(answer.status, 404);
      assert.match(await answer.text(), /The weights of the model .* are missing or damaged.*Train it again/);
      await assert.rejects(server.client.models.retrieve(model), { status: 404 });
      assert.equal(await train(server, '3'), model);
      assert.deepEqual(await Promise.all(weights.map((path) => readFile(path))), good);
      assert.equal((await server.client.models.retrieve(model)).id, model);
      assert.equal(server.trainer.requests.length, 1);
    });
  }

  it('loses one damaged record, not the server or the others', async () => {
    const stateFolder = await room.folder();
    const first = await room.start({ stateFolder });
    await train(first, '3');
    const kept = await train(first, '4');
    await first.app.close();
    for (const [folder, ending] of [
      ['models', '.json'],
      ['jobs', '.request.json'],
      ['jobs', '.outcome.json'],
      ['files', '.json'],
    ] as const) {
      const records = await filesIn(join(stateFolder, folder), ending);
      for (const record of records)
        if (!(await readFile(record, 'utf8')).includes(kept)) await writeFile(record, '{');
    }
    const server = await room.start({ stateFolder });
    const models = (await server.client.models.list()).data.map(({ id }) => id);
    assert.ok(models.includes(kept));
    await server.client.fineTuning.jobs.list();
    assert.equal((await server.client.files.list()).data.length, 0);
    await train(server, '5');
    assert.ok(server.failures.length > 0);
    for (const failure of server.failures)
      assert.match(String(failure), /expected a record of the server's state/);
  });

  it('serves no file whose content was changed', async () => {
    const stateFolder = await room.folder();
    const { client } = await room.start({ stateFolder });
    const training_file = await upload(client, trainingText('3'));
    const [content = ''] = await filesIn(join(stateFolder, 'files'), '.jsonl');
    await flip(content);
    await assert.rejects(client.files.content(training_file), /404 .*changed or damaged on disk/);
    const job = await client.fineTuning.jobs.create({ model: 'micro-seed', training_file });
    const { status, error } = await ended(client, job.id);
    assert.equal(status, 'failed');
    assert.match(error?.message ?? '', /changed or damaged on disk/);
  });

  for (const [what, folder, ending] of [
    ['a file', 'files', '.json'],
    ['a job', 'jobs', '.request.json'],
    ['the end of a job', 'jobs', '.outcome.json'],
  ] as const) {
    it(`makes ${what} anew whose record is damaged, when the same request comes again`, async () => {
      const stateFolder = await room.folder();
      const send = async ({ client }: TestServer): Promise<string | null> => {
        const file = await client.files.create(
          { file: await toFile(Buffer.from(trainingText('3')), 'a.jsonl'), purpose: 'fine-tune' },
          { headers: { 'Idempotency-Key': 'up' } },
        );
        assert.equal(await (await client.files.content(file.id)).text(), trainingText('3'));
        const job = await client.fineTuning.jobs.create(
          { model: 'micro-seed', training_file: file.id },
          { headers: { 'Idempotency-Key': 'job' } },
        );
        return (await ended(client, job.id)).fine_tuned_model;
      };
      const first = await room.start({ stateFolder });
      const model = await send(first);
      assert.ok(model);
      await first.app.close();
      for (const record of await filesIn(join(stateFolder, folder), ending)) await writeFile(record, '{');
      const again = await room.start({ stateFolder });
      assert.equal(await send(again), model);
      assert.equal(again.failures.length, 1);
    });
  }
});

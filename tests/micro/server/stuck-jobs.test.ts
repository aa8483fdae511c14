// Fine-tuning jobs that cannot go on: none is left waiting.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gate } from './scripted-engine.js';
import { ended, ServerRoom, trainingText, upload } from './server-fixture.js';

const room = new ServerRoom();

describe('a fine-tuning job that cannot go on', () => {
  afterEach(() => room.close());

  it('fails, in place of waiting for ever, when the server cannot go on with it', async () => {
    const stateFolder = await room.folder();
    const { client, origin } = await room.start({ stateFolder });
    const trainingFile = await upload(client, trainingText('3'));
    // A file in the place of a folder: nothing can be read or kept there.
    await writeFile(join(stateFolder, 'models'), '');
    const job = await client.fineTuning.jobs.create({ model: 'micro-seed', training_file: trainingFile });
    assert.equal((await ended(client, job.id)).status, 'failed');
    assert.equal((await fetch(`${origin}/health`)).status, 200);
  });

  it('is cancelled by clients that name a content type and send nothing', async () => {
    const { client, origin, trainer } = await room.start();
    const held = gate();
    trainer.gate = held.opened;
    const job = await client.fineTuning.jobs.create({
      model: 'micro-seed',
      training_file: await upload(client, trainingText('3')),
    });
    const headers = { 'content-type': 'application/json' };
    const url = `${origin}/v1/fine_tuning/jobs/${job.id}/cancel`;
    assert.equal((await fetch(url, { method: 'POST', headers })).status, 200);
    held.open();
    assert.equal((await ended(client, job.id)).status, 'cancelled');
  });
});

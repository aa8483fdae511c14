// Batches that are cancelled, in each of their states.
import assert from 'node:assert/strict';
import { AT_ONCE } from './batches-scenes.js';
import { gate } from './scripted-engine.js';
import { batchLines, batchResults, createBatch, endedBatch, ServerRoom, until } from './server-fixture.js';

const room = new ServerRoom();

describe('cancelling a batch', () => {
  afterEach(() => room.close());

  it('keeps what has a result and computes no more', async () => {
    const { client, engine, usage, failures } = await room.start();
    const never = gate().opened;
    engine.add({ texts: ['3'] }, ...Array.from({ length: AT_ONCE }, () => ({ texts: ['3'], until: never })));
    const { id } = await createBatch(client, batchLines(AT_ONCE + 4));
    await until(() => (engine.requests.length === AT_ONCE + 1 ? true : null));
    const { status } = await client.batches.cancel(id);
    assert.ok(['cancelling', 'cancelled'].includes(status), status);
    const batch = await endedBatch(client, id);
    assert.equal(batch.status, 'cancelled');
    assert.ok(batch.cancelling_at! > 0 && batch.cancelled_at! >= batch.cancelling_at!);
    assert.deepEqual(batch.request_counts, { total: AT_ONCE + 4, completed: 1, failed: 0 });
    assert.deepEqual(
      (await batchResults(client, batch.output_file_id)).map(({ custom_id }) => custom_id),
      ['r0'],
    );
    assert.equal(batch.error_file_id, null);
    await until(() => (engine.nAborted === AT_ONCE ? true : null));
    assert.equal((await usage()).completions.aborted, AT_ONCE);
    assert.equal(engine.requests.length, AT_ONCE + 1);
    assert.deepEqual(failures, []);
  });

  it('ends one that waits behind another at once', async () => {
    const { client, engine } = await room.start();
    const held = gate();
    engine.add({ texts: ['3'], until: held.opened }, { texts: ['3'] });
    const running = await createBatch(client, batchLines(1));
    const waiting = await createBatch(client, batchLines(3));
    const last = await createBatch(client, batchLines(1));
    await client.batches.cancel(waiting.id);
    const cancelled = await endedBatch(client, waiting.id);
    assert.equal(cancelled.status, 'cancelled');
    assert.equal(cancelled.output_file_id, null);
    assert.equal((await client.batches.retrieve(running.id)).status, 'in_progress');
    assert.equal(engine.requests.length, 1, 'the last one still waits for the first');
    held.open();
    assert.equal((await endedBatch(client, running.id)).status, 'completed');
    assert.equal((await endedBatch(client, last.id)).status, 'completed');
  });

  it('may be asked twice, but not after the end', async () => {
    const { client, engine } = await room.start();
    engine.add({ texts: ['3'], until: gate().opened });
    const { id } = await createBatch(client, batchLines(1));
    await until(() => (engine.requests.length === 1 ? true : null));
    const answers = await Promise.allSettled([client.batches.cancel(id), client.batches.cancel(id)]);
    assert.ok(answers.some(({ status }) => status === 'fulfilled'));
    await endedBatch(client, id);
    await assert.rejects(client.batches.cancel(id), { status: 400, code: 'batch_ended' });
    await assert.rejects(client.batches.cancel('batch_none'), { status: 404, code: 'batch_not_found' });
  });
});

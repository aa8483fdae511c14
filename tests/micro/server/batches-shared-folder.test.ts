// Batches of several servers that share a state folder.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answers,
  AT_ONCE,
  idsOf,
  killedBatch,
  N_FIRST,
  N_LINES,
  seedsOf,
  startedBatch,
} from './batches-scenes.js';
import { ScriptedEngine } from './scripted-engine.js';
import { batchLine, createBatch, endedBatch, ServerRoom, until, uploadBatch } from './server-fixture.js';

const room = new ServerRoom();
/** What the three results of the scenes leave to do. */
const resumedSeeds = Array.from({ length: N_LINES - N_FIRST }, (_, i) => i + N_FIRST);
const allIds = Array.from({ length: N_LINES }, (_, i) => `r${i}`);

describe('several servers of one folder', () => {
  afterEach(() => room.close());

  it('let one of them work on a batch, and all of them show and cancel it', async () => {
    const stateFolder = await room.folder();
    const other = await room.start({ stateFolder });
    const { id, engine, client } = await startedBatch(room, stateFolder);
    const shown = await other.client.batches.retrieve(id);
    assert.equal(shown.status, 'in_progress');
    assert.equal(shown.request_counts?.total, N_LINES);
    await other.client.batches.cancel(id);
    const batch = await endedBatch(other.client, id);
    assert.equal(batch.status, 'cancelled');
    assert.deepEqual(await client.batches.retrieve(id), batch);
    assert.deepEqual(await idsOf(other.client, batch.output_file_id), allIds.slice(0, N_FIRST));
    assert.equal(engine.nAborted, AT_ONCE);
    assert.equal(other.engine.requests.length, 0);
  });

  it('let only one of them take over the batch of a dead one', async () => {
    const { stateFolder, id } = await killedBatch(room);
    const servers = await Promise.all(
      [1, 2, 3].map(() =>
        room.start({ stateFolder, engine: new ScriptedEngine(answers(N_LINES - N_FIRST)) }),
      ),
    );
    const batch = await endedBatch(servers[0]!.client, id);
    assert.deepEqual(batch.request_counts, { total: N_LINES, completed: N_LINES, failed: 0 });
    assert.deepEqual(
      servers.map(({ engine }) => engine.requests.length).sort((a, b) => a - b),
      [0, 0, N_LINES - N_FIRST],
    );
  });

  it('take over what one that closed has left when they are asked', async () => {
    const stateFolder = await room.folder();
    const other = await room.start({ stateFolder, engine: new ScriptedEngine(answers(N_LINES - N_FIRST)) });
    const first = await startedBatch(room, stateFolder);
    await first.app.close();
    const batch = await until(async () => {
      const found = (await other.client.batches.list()).data[0];
      return found?.status === 'completed' ? found : null;
    });
    assert.equal(batch.request_counts?.completed, N_LINES);
    assert.deepEqual(seedsOf(other.engine), resumedSeeds);
  });

  it('make one batch of one Idempotency-Key', async () => {
    const stateFolder = await room.folder();
    const servers = [await room.start({ stateFolder }), await room.start({ stateFolder })];
    for (const { engine } of servers) engine.add(...answers(1));
    const inputFile = await uploadBatch(servers[0]!.client, [batchLine('r0', 0)]);
    const made = await Promise.all(servers.map(({ client }) => createBatch(client, inputFile, 'key')));
    assert.equal(made[0]?.id, made[1]?.id);
    await endedBatch(servers[0]!.client, made[0]!.id);
    assert.equal(
      servers.reduce((sum, { engine }) => sum + engine.requests.length, 0),
      1,
    );
    assert.deepEqual(await readdir(join(stateFolder, 'batches')), [made[0]?.id]);
  });
});

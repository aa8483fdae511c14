// What outlives a server: batches in the state folder, also when the server was killed.
import assert from 'node:assert/strict';
import { appendFile, cp, readdir, rm, writeFile } from 'node:fs/promises';
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
import { gate, ScriptedEngine } from './scripted-engine.js';
import { batchLines, createBatch, endedBatch, ServerRoom, until } from './server-fixture.js';

const room = new ServerRoom();
/** What the three results of the scenes leave to do. */
const resumedSeeds = Array.from({ length: N_LINES - N_FIRST }, (_, i) => i + N_FIRST);
const allIds = Array.from({ length: N_LINES }, (_, i) => `r${i}`);

describe('a batch that outlives its server', () => {
  afterEach(() => room.close());

  it('is resumed after a restart, and what had a result is not computed again', async () => {
    const stateFolder = await room.folder();
    const first = await startedBatch(room, stateFolder);
    await first.client.files.delete((await first.client.batches.retrieve(first.id)).input_file_id);
    await first.app.close();
    assert.deepEqual(first.failures, []);
    assert.equal(first.engine.nAborted, AT_ONCE);
    const engine = new ScriptedEngine(answers(N_LINES - N_FIRST));
    const { client } = await room.start({ stateFolder, engine });
    const batch = await endedBatch(client, first.id);
    assert.equal(batch.status, 'completed');
    assert.deepEqual(batch.request_counts, { total: N_LINES, completed: N_LINES, failed: 0 });
    assert.deepEqual(seedsOf(engine), resumedSeeds);
    assert.deepEqual(await idsOf(client, batch.output_file_id), allIds);
  });

  for (const [what, rest] of [
    ['in its middle', '{"id":"batch_req_x","custom_id":"r3","resp'],
    ['before its end', '{"id":"batch_req_x","custom_id":"r3","response":null,"error":null}'],
  ] as const) {
    it(`is resumed after a kill, without the line that was left ${what}`, async () => {
      const { stateFolder, id, folder } = await killedBatch(room);
      await appendFile(join(folder, 'output.jsonl'), rest);
      const engine = new ScriptedEngine(answers(N_LINES - N_FIRST));
      const { client } = await room.start({ stateFolder, engine });
      const batch = await endedBatch(client, id);
      assert.deepEqual(batch.request_counts, { total: N_LINES, completed: N_LINES, failed: 0 });
      assert.deepEqual(seedsOf(engine), resumedSeeds);
      assert.deepEqual(await idsOf(client, batch.output_file_id), allIds);
      // Input, results and lock go once the outcome has been written.
      await until(async () =>
        (await readdir(folder)).some((name) => /jsonl|partial/.test(name)) ? null : true,
      );
    });
  }

  it('starts where its server was killed before it had looked at the input', async () => {
    const { stateFolder, id, folder } = await killedBatch(room);
    for (const name of ['input.jsonl', 'output.jsonl', 'progress.json'])
      await rm(join(folder, name), { force: true });
    const engine = new ScriptedEngine(answers(N_LINES));
    const { client } = await room.start({ stateFolder, engine });
    assert.equal((await endedBatch(client, id)).request_counts?.completed, N_LINES);
  });

  it('ends with the same file where its server was killed between file and outcome', async () => {
    const { stateFolder, id, folder } = await killedBatch(room);
    const first = await room.start({ stateFolder, engine: new ScriptedEngine(answers(N_LINES - N_FIRST)) });
    const { output_file_id } = await endedBatch(first.client, id);
    const content = await (await first.client.files.content(output_file_id!)).text();
    await first.app.close();
    await rm(join(folder, 'outcome.json'));
    await writeFile(join(folder, 'output.jsonl'), content);
    const { client, engine } = await room.start({ stateFolder });
    const batch = await endedBatch(client, id);
    assert.equal(batch.status, 'completed');
    assert.equal(batch.output_file_id, output_file_id);
    assert.equal(await (await client.files.content(output_file_id!)).text(), content);
    assert.equal((await client.files.list({ purpose: 'batch_output' })).data.length, 1);
    assert.equal(engine.requests.length, 0);
  });

  it('is cancelled with what it has where the request to cancel came before the kill', async () => {
    const { stateFolder, id, folder } = await killedBatch(room);
    await writeFile(join(folder, 'cancel.json'), JSON.stringify({ atMs: 1 }));
    const { client, engine } = await room.start({ stateFolder });
    const batch = await endedBatch(client, id);
    assert.equal(batch.status, 'cancelled');
    assert.deepEqual(batch.request_counts, { total: N_LINES, completed: N_FIRST, failed: 0 });
    assert.deepEqual(await idsOf(client, batch.output_file_id), allIds.slice(0, N_FIRST));
    assert.equal(engine.requests.length, 0);
  });

  it('stays expired where its server was killed after the last line', async () => {
    const { stateFolder, id, folder } = await killedBatch(room);
    const line = (customId: string): string =>
      JSON.stringify({ custom_id: customId, response: null, error: { code: 'batch_expired', message: '' } });
    await writeFile(
      join(folder, 'errors.jsonl'),
      allIds
        .slice(N_FIRST)
        .map((name) => `${line(name)}\n`)
        .join(''),
    );
    const { client } = await room.start({ stateFolder });
    const batch = await endedBatch(client, id);
    assert.equal(batch.status, 'expired');
    assert.deepEqual(batch.request_counts, { total: N_LINES, completed: N_FIRST, failed: N_LINES - N_FIRST });
  });

  it('has no failures from a server that closed while it worked', async () => {
    const stateFolder = await room.folder();
    const nLines = 500;
    const first = await room.start({ stateFolder, engine: new ScriptedEngine(answers(nLines)) });
    const { id } = await createBatch(first.client, batchLines(nLines));
    await until(() => (first.engine.requests.length > 40 ? true : null));
    await first.app.close();
    assert.deepEqual(first.failures, []);
    assert.ok(first.engine.nLeft > 0, 'closed in the middle');
    const { client, engine } = await room.start({
      stateFolder,
      engine: new ScriptedEngine(answers(nLines)),
    });
    const batch = await endedBatch(client, id);
    assert.deepEqual(batch.request_counts, { total: nLines, completed: nLines, failed: 0 });
    assert.ok(engine.requests.length < nLines);
  });

  it('keeps what it says over a restart', async () => {
    const stateFolder = await room.folder();
    const first = await room.start({ stateFolder, engine: new ScriptedEngine(answers(1)) });
    const { id } = await createBatch(first.client, batchLines(1), 'key');
    const batch = await endedBatch(first.client, id);
    await first.app.close();
    const { client } = await room.start({ stateFolder });
    assert.deepEqual(await client.batches.retrieve(id), batch);
    assert.deepEqual((await client.batches.list()).data, [batch]);
    assert.equal((await createBatch(client, batch.input_file_id, 'key')).id, id);
  });

  it('goes on after a failure of the disk at the next request for it', async () => {
    const stateFolder = await room.folder();
    const server = await room.start({ stateFolder });
    const held = gate();
    server.engine.add({ texts: ['3'], until: held.opened }, ...answers(1));
    const { id } = await createBatch(server.client, batchLines(1));
    await until(() => (server.engine.requests.length === 1 ? true : null));
    // A folder where the results should be: nothing can be written.
    const place = join(stateFolder, 'batches', id, 'output.jsonl');
    await cp(await room.folder(), place, { recursive: true });
    held.open();
    await until(() => (server.failures.length > 0 ? true : null));
    assert.match(String(server.failures[0]), /output\.jsonl: expected a writable path/);
    await rm(place, { recursive: true });
    assert.equal((await endedBatch(server.client, id)).status, 'completed');
  });
});

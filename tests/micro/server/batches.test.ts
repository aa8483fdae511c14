// Batches as clients see them, through the openai package.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';
import { AT_ONCE } from './batches-scenes.js';
import { gate } from './scripted-engine.js';
import {
  batchLine,
  batchLines,
  batchResults,
  createBatch,
  endedBatch,
  goodBody,
  postChat,
  ServerRoom,
  trainingText,
  until,
  upload,
  uploadBatch,
} from './server-fixture.js';

const room = new ServerRoom();
const HOUR_MS = 3600 * 1000;

describe('a batch', () => {
  afterEach(() => room.close());

  it('answers each request as it would be answered online, and counts it so', async () => {
    const { client, engine, origin, usage, failures } = await room.start();
    engine.add({ texts: ['3', '4'] }, { texts: ['3', '4'] });
    const body = { n: 2, temperature: 0.5, logprobs: true, top_logprobs: 1 };
    const { response } = (
      await batchResults(
        client,
        (await endedBatch(client, (await createBatch(client, [batchLine('r0', 7, body)])).id)).output_file_id,
      )
    )[0]!;
    const online = (await (
      await postChat(origin, { ...goodBody, seed: 7, ...body })
    ).json()) as OpenAI.ChatCompletion;
    assert.deepEqual(engine.requests[0], engine.requests[1]);
    assert.equal(response?.status_code, 200);
    assert.deepEqual(response.body.choices, online.choices);
    assert.deepEqual(response.body.usage, online.usage);
    const { completions } = await usage();
    assert.equal(completions.requests, 2);
    assert.equal(completions.choices, 4);
    assert.equal(completions.promptTokens, 2 * online.usage!.prompt_tokens);
    assert.equal(completions.completionTokens, 2 * online.usage!.completion_tokens);
    assert.deepEqual(failures, []);
  });

  it('shows its states, counts and files', async () => {
    let nowMs = 1_700_000_000_000;
    const { client, engine } = await room.start({ clock: () => nowMs });
    const held = gate();
    engine.add({ texts: ['3'], until: held.opened });
    const inputFile = await uploadBatch(client, batchLines(1));
    const created = await client.batches.create({
      input_file_id: inputFile,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { purpose: 'test' },
    });
    assert.match(created.id, /^batch_[0-9a-f]{24}$/);
    assert.equal(created.object, 'batch');
    assert.deepEqual(created.metadata, { purpose: 'test' });
    assert.equal(created.created_at, 1_700_000_000);
    assert.equal(created.expires_at, 1_700_000_000 + 24 * 3600);
    const running = await until(async () => {
      const batch = await client.batches.retrieve(created.id);
      return batch.status === 'in_progress' ? batch : null;
    });
    assert.deepEqual(running.request_counts, { total: 1, completed: 0, failed: 0 });
    assert.equal(running.output_file_id, null);
    nowMs += 5000;
    held.open();
    const done = await endedBatch(client, created.id);
    assert.equal(done.status, 'completed');
    assert.deepEqual(done.request_counts, { total: 1, completed: 1, failed: 0 });
    assert.equal(done.in_progress_at, 1_700_000_000);
    assert.equal(done.finalizing_at, 1_700_000_005);
    assert.equal(done.completed_at, 1_700_000_005);
    assert.equal(done.errors, null);
    assert.equal(done.error_file_id, null);
    const file = await client.files.retrieve(done.output_file_id!);
    assert.equal(file.purpose, 'batch_output');
    assert.equal(file.filename, `${created.id}_output.jsonl`);
    const text = await (await client.files.content(file.id)).text();
    assert.equal(Buffer.byteLength(text), file.bytes);
  });

  it('writes what was refused to the error file, with its status and body', async () => {
    const { client, engine, failures } = await room.start();
    engine.add({ texts: ['3'] }, { texts: ['x'], failure: new Error('the engine broke') });
    // Deeper than most versions of Node can write again.
    const nested = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const deep = `{"custom_id":"r4","method":"POST","url":"/v1/chat/completions","body":${nested}}`;
    const lines = [
      batchLine('r0', 0),
      batchLine('r1', 1, { model: 'none' }),
      batchLine('r2', 2, { stream: true }),
      batchLine('r3', 3),
      deep,
      batchLine('r5', 5, { temperature: 'hot' }),
    ];
    const batch = await endedBatch(client, (await createBatch(client, lines)).id);
    assert.equal(batch.status, 'completed');
    assert.deepEqual(batch.request_counts, { total: 6, completed: 1, failed: 5 });
    assert.equal((await batchResults(client, batch.output_file_id))[0]?.custom_id, 'r0');
    const errors = await batchResults(client, batch.error_file_id);
    assert.deepEqual(
      errors.map(({ custom_id, response }) => [custom_id, response?.status_code]),
      [
        ['r1', 404],
        ['r2', 400],
        ['r3', 500],
        ['r4', 400],
        ['r5', 400],
      ],
    );
    const { body } = errors[0]!.response as unknown as { body: { error: { code: string } } };
    assert.equal(body.error.code, 'model_not_found');
    assert.equal(failures.length, 1, 'the failure of the engine, reported as online');
  });

  it('writes results as they come, in whatever order', async () => {
    const { client, engine } = await room.start();
    const held = gate();
    engine.add({ texts: ['1'], until: held.opened }, { texts: ['2'] });
    const { id } = await createBatch(client, batchLines(2));
    await until(async () =>
      (await client.batches.retrieve(id)).request_counts?.completed === 1 ? true : null,
    );
    held.open();
    const { output_file_id } = await endedBatch(client, id);
    const text = await (await client.files.content(output_file_id!)).text();
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id),
      ['r1', 'r0'],
    );
  });

  it('computes a bounded number at a time and lets online requests pass', async () => {
    const { client, engine, origin } = await room.start();
    const held = gate();
    const answer = { texts: ['3'], until: held.opened };
    engine.add(...Array.from({ length: AT_ONCE }, () => answer), { texts: ['3'] });
    const { id } = await createBatch(client, batchLines(AT_ONCE + 4));
    await until(() => (engine.requests.length === AT_ONCE ? true : null));
    assert.equal((await postChat(origin, goodBody)).status, 200);
    assert.equal(engine.requests.length, AT_ONCE + 1);
    engine.add(...Array.from({ length: 4 }, () => ({ texts: ['3'] })));
    held.open();
    assert.equal((await endedBatch(client, id)).request_counts?.completed, AT_ONCE + 4);
  });

  it('works behind an API key', async () => {
    const { client, engine } = await room.start({ apiKey: 'secret' });
    engine.add({ texts: ['3'] });
    const batch = await endedBatch(client, (await createBatch(client, batchLines(1))).id);
    assert.deepEqual(batch.request_counts, { total: 1, completed: 1, failed: 0 });
  });

  it('gives up what it has not begun when its window is over', async () => {
    let nowMs = 1_700_000_000_000;
    const { client, engine } = await room.start({ clock: () => nowMs });
    const held = gate();
    engine.add(...Array.from({ length: AT_ONCE }, () => ({ texts: ['3'], until: held.opened })));
    const { id } = await createBatch(client, batchLines(AT_ONCE + 2));
    await until(() => (engine.requests.length === AT_ONCE ? true : null));
    nowMs += 25 * HOUR_MS;
    held.open();
    const batch = await endedBatch(client, id);
    assert.equal(batch.status, 'expired');
    assert.deepEqual(batch.request_counts, { total: AT_ONCE + 2, completed: AT_ONCE, failed: 2 });
    assert.equal(batch.expired_at, nowMs / 1000);
    const errors = await batchResults(client, batch.error_file_id);
    assert.deepEqual(
      errors.map(({ response, error }) => [response, error?.code]),
      [
        [null, 'batch_expired'],
        [null, 'batch_expired'],
      ],
    );
    assert.equal(engine.requests.length, AT_ONCE);
  });

  it('goes on with its input when the file is deleted', async () => {
    const { client, engine } = await room.start();
    const held = gate();
    engine.add({ texts: ['3'], until: held.opened }, { texts: ['3'] });
    const first = await createBatch(client, batchLines(1));
    // Waits behind the first, so nothing of its file has been asked yet.
    const inputFile = await uploadBatch(client, batchLines(1));
    const second = await createBatch(client, inputFile);
    await client.files.delete(inputFile);
    await assert.rejects(createBatch(client, inputFile), /no file/);
    held.open();
    assert.equal((await endedBatch(client, first.id)).status, 'completed');
    assert.equal((await endedBatch(client, second.id)).request_counts?.completed, 1);
  });
});

describe('the list of batches', () => {
  afterEach(() => room.close());

  it('comes newest first, in pages', async () => {
    let nowMs = 1_700_000_000_000;
    const { client, engine } = await room.start({ clock: () => (nowMs += 1000) });
    engine.add({ texts: ['3'] }, { texts: ['3'] }, { texts: ['3'] });
    const inputFile = await uploadBatch(client, batchLines(1));
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await createBatch(client, inputFile)).id);
    const page = await client.batches.list({ limit: 2 });
    assert.deepEqual(
      page.data.map(({ id }) => id),
      ids.slice(0, 2),
    );
    assert.equal(page.has_more, true);
    const all: string[] = [];
    for await (const { id } of client.batches.list({ limit: 1 })) all.push(id);
    assert.deepEqual(all, ids);
    for (const id of ids) await endedBatch(client, id);
  });
});

describe('the idempotency key of a batch', () => {
  afterEach(() => room.close());

  it('makes one batch of a request sent twice, also at once', async () => {
    const { client, engine } = await room.start();
    engine.add({ texts: ['3'] });
    const inputFile = await uploadBatch(client, batchLines(1));
    const [one, two] = await Promise.all([1, 2].map(() => createBatch(client, inputFile, 'key')));
    assert.equal(one?.id, two?.id);
    await endedBatch(client, one!.id);
    const { data: again, response } = await client.batches
      .create(
        { input_file_id: inputFile, endpoint: '/v1/chat/completions', completion_window: '24h' },
        { headers: { 'Idempotency-Key': 'key' } },
      )
      .withResponse();
    assert.equal(again.id, one?.id);
    assert.equal(again.status, 'completed');
    assert.equal(response.headers.get('x-idempotent-replay'), 'true');
    assert.equal(engine.requests.length, 1);
    const other = await uploadBatch(client, batchLines(1));
    await assert.rejects(createBatch(client, other, 'key'), { status: 422, code: 'idempotency_key_reused' });
  });

  it('is free again when its batch came to nothing', async () => {
    const { client, engine } = await room.start();
    engine.add({ texts: ['3'], until: gate().opened });
    const inputFile = await uploadBatch(client, batchLines(1));
    const first = await createBatch(client, inputFile, 'key');
    await until(() => (engine.requests.length === 1 ? true : null));
    await client.batches.cancel(first.id);
    await endedBatch(client, first.id);
    engine.add({ texts: ['3'] });
    const second = await createBatch(client, inputFile, 'key');
    assert.notEqual(second.id, first.id);
    assert.equal((await endedBatch(client, second.id)).status, 'completed');
  });
});

describe('the files of batches', () => {
  afterEach(() => room.close());

  it('are listed by purpose', async () => {
    const { client, engine } = await room.start();
    engine.add({ texts: ['3'] });
    const training = await upload(client, trainingText('3'));
    const input = await uploadBatch(client, batchLines(1));
    const { output_file_id } = await endedBatch(client, (await createBatch(client, input)).id);
    const listed = async (purpose?: string): Promise<string[]> =>
      (await client.files.list(purpose === undefined ? {} : { purpose })).data.map(({ id }) => id).sort();
    assert.deepEqual(await listed('fine-tune'), [training]);
    assert.deepEqual(await listed('batch'), [input]);
    assert.deepEqual(await listed('batch_output'), [output_file_id]);
    assert.deepEqual(await listed(), [training, input, output_file_id].sort());
    await client.files.delete(output_file_id!);
    assert.deepEqual(await listed('batch_output'), []);
  });

  it('are uploaded once per idempotency key', async () => {
    const { client } = await room.start();
    const send = async (text: string, purpose: 'batch' | 'fine-tune' = 'batch'): Promise<string> => {
      const file = await toFile(Buffer.from(text), 'a.jsonl');
      return (await client.files.create({ file, purpose }, { headers: { 'Idempotency-Key': 'key' } })).id;
    };
    const text = trainingText('3');
    const id = await send(text);
    assert.equal(await send(text), id);
    await assert.rejects(send(text, 'fine-tune'), { status: 422, code: 'idempotency_key_reused' });
    await assert.rejects(send(batchLine('r1', 1)), { status: 422, code: 'idempotency_key_reused' });
    assert.equal(await (await client.files.content(id)).text(), text);
  });
});

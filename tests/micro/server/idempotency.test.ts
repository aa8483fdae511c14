// Idempotency keys of chat completions: replay, join in flight, conflict, bounded memory.
import assert from 'node:assert/strict';
import { ReplayMemory } from '../../../lib/src/micro/server/replay-memory.js';
import { gate } from './scripted-engine.js';
import { goodBody, postChat, ServerRoom, until } from './server-fixture.js';

const room = new ServerRoom();
const key = { headers: { 'idempotency-key': 'judge-1' } };

/** Requests that have come to the memory of answers, and those of them whose client has left. */
const signals: AbortSignal[] = [];
const nAsked = (): number => signals.length;
const nLeft = (): number => signals.filter(({ aborted }) => aborted).length;

describe('a repeated Idempotency-Key', () => {
  const answer = Reflect.get<ReplayMemory, 'answer'>(ReplayMemory.prototype, 'answer');
  beforeEach(() => {
    signals.length = 0;
    ReplayMemory.prototype.answer = function (this: ReplayMemory, asking, ...rest) {
      signals.push(asking.client);
      return answer.call(this, asking, ...rest);
    };
  });
  afterEach(() => {
    ReplayMemory.prototype.answer = answer;
    return room.close();
  });

  it('gets the same bytes again without computing', async () => {
    const { engine, origin, usage } = await room.start();
    engine.add({ texts: ['3 = 3'] });
    const first = await postChat(origin, goodBody, key);
    const second = await postChat(origin, goodBody, key);
    assert.equal(first.headers.get('x-idempotent-replay'), null);
    assert.equal(second.headers.get('x-idempotent-replay'), 'true');
    assert.equal(await second.text(), await first.text());
    const { completions, duplicateKeys } = await usage();
    assert.equal(completions.requests, 1);
    assert.equal(completions.replayed, 1);
    assert.equal(duplicateKeys, 0);
  });

  it('with another body is refused with 422', async () => {
    const { engine, origin } = await room.start();
    engine.add({ texts: ['3'] });
    await postChat(origin, goodBody, key);
    const conflict = await postChat(origin, { ...goodBody, seed: 1 }, key);
    assert.equal(conflict.status, 422);
    assert.match(await conflict.text(), /idempotency_key_reused/);
  });

  it('joins the first request while it is computed', async () => {
    const { engine, origin } = await room.start();
    const { opened, open } = gate();
    engine.add({ texts: ['3 = 3'], until: opened });
    const first = postChat(origin, goodBody, key);
    await until(() => (engine.requests.length === 1 ? true : null));
    const second = postChat(origin, goodBody, key);
    await until(async () => ((await fetch(`${origin}/health`)).ok ? true : null));
    open();
    const [one, two] = await Promise.all([first, second]);
    assert.equal(await one.text(), await two.text());
    assert.equal(two.headers.get('x-idempotent-replay'), 'true');
    assert.equal(engine.requests.length, 1);
  });

  it('keeps the computation going for the one who stays', async () => {
    const { engine, origin, usage } = await room.start();
    const { opened, open } = gate();
    engine.add({ texts: ['3 = 3'], until: opened });
    const leaving = new AbortController();
    const first = postChat(origin, goodBody, { ...key, signal: leaving.signal });
    await until(() => (engine.requests.length === 1 ? true : null));
    const second = postChat(origin, goodBody, key);
    await until(() => nAsked() === 2);
    leaving.abort();
    await assert.rejects(first);
    await until(() => nLeft() === 1);
    open();
    assert.match(await (await second).text(), /3 = 3/);
    assert.equal((await usage()).completions.aborted, 0);
  });

  it('computes anew after everybody has left, and counts no key twice', async () => {
    const { engine, origin, usage } = await room.start();
    engine.add({ texts: ['3'], until: gate().opened }, { texts: ['4'] });
    const leaving = new AbortController();
    const first = postChat(origin, goodBody, { ...key, signal: leaving.signal });
    await until(() => (engine.requests.length === 1 ? true : null));
    leaving.abort();
    await assert.rejects(first);
    await until(() => (engine.nAborted === 1 ? true : null));
    assert.match(await (await postChat(origin, goodBody, key)).text(), /"content":"4"/);
    assert.equal((await usage()).duplicateKeys, 0);
  });

  it('is not spoilt by a failure', async () => {
    const { engine, origin } = await room.start();
    engine.add({ texts: ['3'], failure: new Error('crash') }, { texts: ['4'] });
    assert.equal((await postChat(origin, goodBody, key)).status, 500);
    assert.equal((await postChat(origin, goodBody, key)).status, 200);
  });

  it('replays a stream event by event', async () => {
    const { engine, origin } = await room.start();
    engine.add({ texts: ['3 = 3', ''] });
    const body = { ...goodBody, n: 2, stream: true, logprobs: true, stream_options: { include_usage: true } };
    const first = await (await postChat(origin, body, key)).text();
    const replay = await postChat(origin, body, key);
    assert.equal(replay.headers.get('x-idempotent-replay'), 'true');
    // Choices may be interleaved differently; each event is the same.
    assert.deepEqual((await replay.text()).split('\n\n').sort(), first.split('\n\n').sort());
    assert.equal(engine.requests.length, 1);
  });

  it('streams to the one who stays when the first one leaves in mid-stream', async () => {
    const { engine, origin } = await room.start();
    const { opened, open } = gate();
    engine.add({ texts: ['3 = 3'], until: opened });
    const leaving = new AbortController();
    const body = { ...goodBody, stream: true };
    const first = await postChat(origin, body, { ...key, signal: leaving.signal });
    const second = postChat(origin, body, key);
    await until(() => nAsked() === 2);
    leaving.abort();
    await assert.rejects(first.text());
    await until(() => nLeft() === 1);
    open();
    assert.match(await (await second).text(), /"content":" ="[^]*\[DONE\]/);
    assert.equal(engine.requests.length, 1);
  });

  it('is counted as a duplicate when its answer had to be forgotten', async () => {
    const { engine, origin, usage } = await room.start({ replayBytes: 1000 });
    engine.add({ texts: ['3'] }, { texts: ['3'] }, { texts: ['3'] });
    await postChat(origin, goodBody, key);
    await postChat(origin, goodBody, { headers: { 'idempotency-key': 'judge-2' } });
    await postChat(origin, goodBody, key);
    assert.equal(engine.nLeft, 0);
    assert.equal((await usage()).duplicateKeys, 1);
  });
});

describe('ReplayMemory', () => {
  const client = new AbortController().signal;
  const answer = (memory: ReplayMemory, name: string): Promise<{ answer: string; isReplay: boolean }> =>
    memory.answer({ key: name, bodyHash: '', client }, () => Promise.resolve('x'.repeat(500)));

  it('forgets the least recently used answer first', async () => {
    // Two answers of 500 characters and their overhead fit, three do not.
    const memory = new ReplayMemory(1600);
    await answer(memory, 'a');
    await answer(memory, 'b');
    assert.equal((await answer(memory, 'a')).isReplay, true);
    await answer(memory, 'c');
    assert.equal((await answer(memory, 'a')).isReplay, true);
    assert.equal((await answer(memory, 'b')).isReplay, false);
  });
});

// Calls that a server makes of itself, at its end and when nobody wants their answer.
import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import fastify, { type FastifyInstance } from 'fastify';
import { BatchCalls, ServerClosing } from '../../../lib/src/micro/server/batch-calls.js';
import { gate } from './scripted-engine.js';

const path = '/v1/chat/completions';
const { signal } = new AbortController();
setMaxListeners(0, signal);

describe('a call of a server to itself', () => {
  let app: FastifyInstance;
  let calls: BatchCalls;
  beforeEach(() => {
    app = fastify();
    calls = new BatchCalls(app, 'secret');
  });
  afterEach(() => app.close());

  it('brings the answer, whatever its status', async () => {
    app.post(path, async ({ headers, body }, reply) =>
      reply.code(418).send({ body, key: headers.authorization }),
    );
    const answer = await calls.post({ a: [1] }, signal);
    assert.equal(answer.status, 418);
    assert.deepEqual(JSON.parse(answer.body), { body: { a: [1] }, key: 'Bearer secret' });
  });

  /** Calls at every moment of the framework's way from the wish to close to its end. */
  function callsDuringClose(wanted: AbortSignal): { closed: Promise<void>; answers: Promise<unknown>[] } {
    const call = (): Promise<unknown> => calls.post({}, wanted).catch((thrown: unknown) => thrown);
    const before = call();
    const closed = Promise.resolve(app.close());
    const during = Array.from({ length: 20 }, async (_, nTicks) => {
      for (let tick = 0; tick < nTicks; tick++) await new Promise((resolve) => process.nextTick(resolve));
      return call();
    });
    return { closed, answers: [before, ...during] };
  }

  it('has no answer where the server closes before it is read: neither a refusal nor a failure', async () => {
    let nSeen = 0;
    app.post(path, (_request, reply) => {
      nSeen++;
      return reply.send({});
    });
    await app.ready();
    const { closed, answers } = callsDuringClose(signal);
    const refused = (await Promise.all(answers)).filter((one) => one instanceof Error);
    assert.ok(refused.length > 0);
    for (const one of refused) assert.ok(one instanceof ServerClosing, String(one));
    assert.equal(nSeen, answers.length - refused.length);
    await closed;
  });

  it('does not keep a server from closing that waits for it', async () => {
    const cancel = new AbortController();
    setMaxListeners(0, cancel.signal);
    let answers: Promise<unknown>[] = [];
    app.post(path, (_request, reply) => reply.send({}));
    app.addHook('preClose', async () => {
      // Some calls have been made by now that the framework keeps until it has closed.
      await new Promise(setImmediate);
      cancel.abort(new Error('closing'));
      await Promise.all(answers);
    });
    await app.ready();
    const during = callsDuringClose(cancel.signal);
    answers = during.answers;
    await during.closed;
    assert.ok((await Promise.all(answers)).every((one) => one instanceof Error));
  });

  it('takes 503 for the end of the server', async () => {
    app.post(path, async (_request, reply) => reply.code(503).send({}));
    await assert.rejects(calls.post({}, signal), ServerClosing);
  });

  it('is hung up when its answer is not wanted any more, and the route notices', async () => {
    const gone = gate();
    const begun = gate();
    app.post(path, async (_request, reply) => {
      reply.raw.once('close', gone.open);
      begun.open();
      await gone.opened;
      return {};
    });
    const cancel = new AbortController();
    const answer = calls.post({}, cancel.signal);
    await begun.opened;
    cancel.abort(new Error('not wanted'));
    await assert.rejects(answer, /not wanted/);
    await gone.opened;
    await assert.rejects(calls.post({}, cancel.signal), /not wanted/);
  });

  it('cannot be hung up by name from outside', async () => {
    app.post(path, (_request, reply) => reply.send({ fine: true }));
    const response = await app.inject({
      method: 'POST',
      url: path,
      headers: { 'x-autodidact-batch-call': 'guess' },
      payload: {},
    });
    assert.deepEqual(response.json(), { fine: true });
  });
});

// Who may talk to the server: the API key, and the names under which it may be called.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { hostGuard, isLoopback } from '../../../lib/src/micro/server/guards.js';
import { goodBody, postChat, ServerRoom } from './server-fixture.js';
import OpenAI from 'openai';

const room = new ServerRoom();

describe('the API key', () => {
  afterEach(() => room.close());

  it('lets in who has it', async () => {
    const { client, engine } = await room.start({ apiKey: 'open sesame' });
    engine.add({ texts: ['3'] });
    await client.chat.completions.create({
      model: 'micro-seed',
      messages: [{ role: 'user', content: 'answer' }],
    });
  });

  it('keeps out who has none or another, without saying what it is', async () => {
    const { origin, engine } = await room.start({ apiKey: 'open sesame' });
    for (const [authorization, code] of [
      [undefined, 'missing_api_key'],
      ['Bearer open', 'invalid_api_key'],
      ['Bearer open sesame!', 'invalid_api_key'],
      ['Basic b3BlbiBzZXNhbWU=', 'missing_api_key'],
    ] as const) {
      const response = await postChat(
        origin,
        goodBody,
        authorization === undefined ? {} : { headers: { authorization } },
      );
      assert.equal(response.status, 401);
      assert.equal(response.headers.get('www-authenticate'), 'Bearer');
      const text = await response.text();
      assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, code);
      assert.ok(!text.includes('sesame'));
    }
    const stranger = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'wrong', maxRetries: 0 });
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
    assert.equal(engine.requests.length, 0);
  });

  it('guards unknown paths and usage, but not the health check', async () => {
    const { origin } = await room.start({ apiKey: 'open sesame' });
    assert.equal((await fetch(`${origin}/v1/nothing`)).status, 401);
    assert.equal((await fetch(`${origin}/autodidact/usage`)).status, 401);
    assert.equal((await fetch(`${origin}/health`)).status, 200);
  });
});

describe('the Host and Origin headers', () => {
  afterEach(() => room.close());

  it('must name this machine', async () => {
    const { port } = await room.start();
    const status = async (headers: Record<string, string>): Promise<number | undefined> => {
      const request = get({ host: '127.0.0.1', port, path: '/v1/models', headers });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    for (const host of [
      'localhost',
      'LOCALHOST:80',
      '127.0.0.1:8080',
      '127.1.2.3',
      '[::1]:99',
      'app.localhost',
    ]) {
      assert.equal(await status({ host }), 200, host);
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example:80',
      '192.168.0.1',
      '[::2]',
    ]) {
      assert.equal(await status({ host }), 403, host);
    }
    assert.equal(await status({ host: 'localhost', origin: 'http://localhost:8888' }), 200);
    assert.equal(await status({ host: 'localhost', origin: 'https://evil.example' }), 403);
    assert.equal(await status({ host: 'localhost', origin: 'null' }), 403);
  });

  it('may name the address that the server is bound to', () => {
    const check = hostGuard('10.0.0.5');
    const request = (host: string): Parameters<typeof check>[0] => ({ headers: { host } });
    check(request('10.0.0.5:8080'));
    assert.throws(() => {
      check(request('evil.example'));
    }, /Host header/);
    hostGuard('0.0.0.0')(request('any.example'));
    hostGuard('2001:db8::1')(request('[2001:db8::1]:8080'));
    hostGuard('[2001:db8::1]')(request('[2001:db8::1]'));
  });

  it('know loopback from what looks like it', () => {
    assert.deepEqual(['localhost', '127.0.0.1', '::1', '[::1]', 'localhost.'].map(isLoopback), [
      true,
      true,
      true,
      true,
      true,
    ]);
    assert.deepEqual(['0.0.0.0', '127.0.0.1.nip.io', '1270.0.0.1', '::', ''].map(isLoopback), [
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

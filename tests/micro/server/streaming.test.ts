// Streaming completions: events, joined deltas, stop texts, failures and clients that leave.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { gate } from './scripted-engine.js';
import { goodBody, postChat, ServerRoom, until, type TestServer } from './server-fixture.js';

const room = new ServerRoom();
const question = { role: 'user' as const, content: 'answer compute 1 + 2' };

interface Chunk {
  id: string;
  choices: {
    index: number;
    delta: { role?: string; content?: string };
    logprobs: unknown;
    finish_reason: string | null;
  }[];
  usage?: { total_tokens: number } | null;
}

/** The events of a stream, as they were sent. */
async function events(response: Response): Promise<string[]> {
  const text = await response.text();
  return text.split('\n\n').filter((event) => event !== '');
}

function chunksOf(sent: string[]): Chunk[] {
  return sent.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)) as Chunk);
}

function joined(chunks: Chunk[], index: number): string {
  return chunks
    .flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
    .map(({ delta }) => delta.content ?? '')
    .join('');
}

describe('streaming completions', () => {
  afterEach(() => room.close());

  it('send the role, a delta per word, the finish reason and [DONE]', async () => {
    const { engine, origin } = await room.start();
    engine.add({ texts: ['3 = 3'] });
    const response = await postChat(origin, { ...goodBody, stream: true });
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const sent = await events(response);
    assert.equal(sent.at(-1), 'data: [DONE]');
    const chunks = chunksOf(sent);
    assert.deepEqual(
      chunks.map(({ choices }) => choices[0]?.delta),
      [
        { role: 'assistant', content: '', refusal: null },
        { content: '3' },
        { content: ' =' },
        { content: ' 3' },
        {},
      ],
    );
    assert.deepEqual(
      chunks.map(({ choices }) => choices[0]?.finish_reason),
      [null, null, null, null, 'stop'],
    );
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    assert.ok(chunks.every((chunk) => !('usage' in chunk)));
  });

  it('work with the openai package, several choices, log-probabilities and usage', async () => {
    const { engine, client } = await room.start();
    engine.add({ texts: ['3 = 3', '4'] });
    const stream = await client.chat.completions.create({
      model: 'micro-seed',
      messages: [question],
      n: 2,
      logprobs: true,
      stream: true,
      stream_options: { include_usage: true },
    });
    const texts = ['', ''];
    const tokens = ['', ''];
    let usage: number | undefined;
    for await (const chunk of stream) {
      for (const { index, delta, logprobs } of chunk.choices) {
        texts[index] = `${texts[index] ?? ''}${delta.content ?? ''}`;
        const said = logprobs?.content?.map(({ token }) => token).join('') ?? '';
        tokens[index] = `${tokens[index] ?? ''}${said}`;
      }
      usage = chunk.usage?.total_tokens ?? usage;
    }
    assert.deepEqual(texts, ['3 = 3', '4']);
    assert.deepEqual(tokens, texts);
    assert.equal(usage, 7 + 4 + 2);
  });

  for (const stop of [['='], ['= 3'], ['3 ='], [' ='], ['3 = 4'], ['7'], ['1', '= 3 ,']]) {
    it(`join to the content that is not streamed when stopped at ${JSON.stringify(stop)}`, async () => {
      const { engine, origin } = await room.start();
      const said = { texts: ['2 3 = 3 , 1 2'] };
      engine.add(said, said);
      const whole = (await (await postChat(origin, { ...goodBody, stop })).json()) as {
        choices: { message: { content: string } }[];
      };
      const sent = await events(await postChat(origin, { ...goodBody, stop, stream: true }));
      assert.equal(joined(chunksOf(sent), 0), whole.choices[0]?.message.content);
    });
  }

  it('tell a failure in mid-stream as an event', async () => {
    const { engine, origin, client } = await room.start();
    const failing = { texts: ['3'], failure: new Error('a worker has crashed') };
    engine.add(failing, failing);
    const sent = await events(await postChat(origin, { ...goodBody, stream: true }));
    assert.match(sent.at(-1) ?? '', /^data: \{"error":\{"message":".*a worker has crashed/);
    const stream = await client.chat.completions.create({
      model: 'micro-seed',
      messages: [question],
      stream: true,
    });
    await assert.rejects(async () => {
      for await (const chunk of stream) assert.ok(chunk);
    }, /a worker has crashed/);
  });

  it('answer a wrong request with a status, not a stream', async () => {
    const { origin } = await room.start();
    const response = await postChat(origin, {
      ...goodBody,
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
    });
    assert.equal(response.status, 400);
  });
});

describe('a client that leaves', () => {
  afterEach(() => room.close());

  async function leaveDuring(server: TestServer, body: object): Promise<void> {
    const { engine, port, origin, usage } = server;
    const never = gate();
    engine.add({ texts: ['3 = 3'], until: never.opened }, { texts: ['3'] });
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
    });
    request.on('error', () => undefined);
    request.on('response', (response) => response.on('error', () => undefined).resume());
    request.end(JSON.stringify(body));
    await until(() => (engine.requests.length === 1 ? true : null));
    request.destroy();
    await until(() => (engine.nAborted === 1 ? true : null));
    await until(async () => ((await usage()).completions.aborted === 1 ? true : null));
    assert.equal((await postChat(origin, goodBody)).status, 200);
    assert.equal((await usage()).completions.requests, 1);
  }

  it('stops its computation', async () => {
    await leaveDuring(await room.start(), goodBody);
  });

  it('is not waited for when the server closes', async () => {
    const { app, engine, origin } = await room.start();
    engine.add({ texts: ['3'], until: gate().opened });
    const request = postChat(origin, goodBody);
    const cut = assert.rejects(request);
    await until(() => (engine.requests.length === 1 ? true : null));
    await app.close();
    await cut;
    await until(() => (engine.nAborted === 1 ? true : null));
  });

  it('stops its computation in mid-stream', async () => {
    await leaveDuring(await room.start(), { ...goodBody, stream: true });
  });
});

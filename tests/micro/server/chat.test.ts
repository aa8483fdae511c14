// Chat completions through the openai package and plain HTTP.
import assert from 'node:assert/strict';
import { encodeChat } from '../../../lib/src/micro/tokenizer.js';
import { CONTEXT_LENGTH, goodBody, postChat, ServerRoom } from './server-fixture.js';

const room = new ServerRoom();
const question = { role: 'user' as const, content: 'answer compute 1 + 2' };

describe('chat completions', () => {
  afterEach(() => room.close());

  it('answer with content, finish reason, usage and the fingerprint of the weights', async () => {
    const { engine, client } = await room.start();
    engine.add({ texts: ['3 = 3'] });
    const completion = await client.chat.completions.create({ model: 'micro-seed', messages: [question] });
    assert.equal(completion.object, 'chat.completion');
    assert.deepEqual(completion.choices, [
      {
        index: 0,
        message: { role: 'assistant', content: '3 = 3', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ]);
    // <user> answer compute 1 + 2 <assistant> is 7 tokens; 3 = 3 <eos> is 4.
    assert.deepEqual(completion.usage, { prompt_tokens: 7, completion_tokens: 4, total_tokens: 11 });
    assert.match(
      (completion as { system_fingerprint?: string }).system_fingerprint ?? '',
      /^fp_[0-9a-f]{16}$/,
    );
  });

  it('hand every setting to the engine', async () => {
    const { engine, client } = await room.start();
    engine.add({ texts: ['3', '4'] });
    // Settings that the client package calls deprecated, and most servers still want.
    const older = { max_tokens: 5, seed: 42, user: 'somebody' };
    await client.chat.completions.create({
      model: 'micro-seed',
      messages: [
        { role: 'developer', content: 'judge' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'answer' },
            { type: 'text', text: '1' },
          ],
        },
      ],
      n: 2,
      temperature: 0.7,
      top_p: 0.9,
      ...older,
      stop: '=',
      logprobs: true,
      top_logprobs: 2,
      metadata: { a: 'b' },
      store: false,
      frequency_penalty: 0,
      response_format: { type: 'text' },
    });
    assert.deepEqual(engine.requests, [
      {
        modelId: 'micro-seed',
        promptTokens: encodeChat([
          { role: 'system', content: 'judge' },
          { role: 'user', content: 'answer 1' },
        ]),
        nChoices: 2,
        temperature: 0.7,
        topP: 0.9,
        maxTokens: 5,
        seed: 42,
        stop: ['='],
        topLogprobs: 2,
      },
    ]);
  });

  it('default to temperature 1, one choice and all that the context leaves', async () => {
    const { engine, client } = await room.start();
    engine.add({ texts: ['3'] }, { texts: ['3'] });
    await client.chat.completions.create({ model: 'micro-seed', messages: [question] });
    await client.chat.completions.create({
      model: 'micro-seed',
      messages: [question],
      max_completion_tokens: 1000,
    });
    const [plain, long] = engine.requests;
    assert.equal(plain?.temperature, 1);
    assert.equal(plain.topP, 1);
    assert.equal(plain.maxTokens, CONTEXT_LENGTH - 7);
    assert.equal(long?.maxTokens, CONTEXT_LENGTH - 7);
    assert.notEqual(plain.seed, long.seed, 'without a seed, each request draws anew');
  });

  it('end with "length" where max_tokens ends', async () => {
    const { engine, client } = await room.start();
    engine.add({ texts: ['1 2 3 4'] });
    const completion = await client.chat.completions.create({
      model: 'micro-seed',
      messages: [question],
      max_completion_tokens: 2,
    });
    assert.equal(completion.choices[0]?.message.content, '1 2');
    assert.equal(completion.choices[0].finish_reason, 'length');
  });

  it('give log-probabilities whose tokens join to the content', async () => {
    const { engine, client } = await room.start();
    engine.add({ texts: ['3 = 3'] });
    const completion = await client.chat.completions.create({
      model: 'micro-seed',
      messages: [question],
      logprobs: true,
      top_logprobs: 2,
    });
    const tokens = completion.choices[0]?.logprobs?.content ?? [];
    assert.equal(tokens.map(({ token }) => token).join(''), '3 = 3');
    assert.deepEqual(tokens[1], {
      token: ' =',
      logprob: -0.5,
      bytes: [32, 61],
      top_logprobs: [
        { token: ' =', logprob: -0.5, bytes: [32, 61] },
        // JSON has no infinity.
        { token: '<eos>', logprob: -9999, bytes: [60, 101, 111, 115, 62] },
      ],
    });
  });

  it('tell a failure of the engine as 500 and go on', async () => {
    const { engine, origin, failures } = await room.start();
    engine.add({ texts: ['3'], failure: new Error('a worker has crashed') }, { texts: ['3'] });
    const failed = await postChat(origin, goodBody);
    assert.equal(failed.status, 500);
    const { error } = (await failed.json()) as { error: { message: string; type: string } };
    assert.match(error.message, /a worker has crashed/);
    assert.equal(error.type, 'server_error');
    assert.equal(failures.length, 1);
    assert.equal((await postChat(origin, goodBody)).status, 200);
  });

  it('count requests, choices and tokens', async () => {
    const { engine, client, usage } = await room.start();
    engine.add({ texts: ['3', '3 = 3'] });
    await client.chat.completions.create({ model: 'micro-seed', messages: [question], n: 2 });
    assert.deepEqual(await usage(), {
      completions: { requests: 1, choices: 2, replayed: 0, aborted: 0, promptTokens: 7, completionTokens: 6 },
      jobs: { created: 0, completed: 0 },
      duplicateKeys: 0,
    });
  });

  it('list and retrieve the seed model, which cannot be deleted', async () => {
    const { client } = await room.start();
    const models = await client.models.list();
    assert.deepEqual(
      models.data.map(({ id }) => id),
      ['micro-seed'],
    );
    assert.equal((await client.models.retrieve('micro-seed')).object, 'model');
    await assert.rejects(client.models.delete('micro-seed'), { status: 403 });
    await assert.rejects(client.models.retrieve('ft:micro-seed:none:00000000'), {
      status: 404,
      code: 'model_not_found',
    });
  });
});

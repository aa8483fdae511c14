// What becomes of inputs whose answers are none: nothing of them is stored, and each is asked again, dropped, or ends the run.
import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import {
  ChatModel,
  OpenAIEndpoint,
  type EngineEvent,
  type SampleRequest,
} from '../../lib/src/model/index.js';
import { kept } from '../../lib/src/schema/index.js';
import { sendChoices, sendJson, startQuirkyServer, type Behaviour } from '../fixtures/quirky-server.js';
import { memoryCache, NEVER } from '../fixtures/scripted-endpoint.js';

const requestOf = (content: string): SampleRequest => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 16 },
  nSamples: 1,
  seed: 11,
  promptVersion: 'v1',
});

interface Setting {
  /** What became of each input: its text, or the reason of its drop. */
  ask: (inputs: readonly string[]) => Promise<string[]>;
  /** Requests so far, by input. */
  nAsked: (input: string) => number;
  stored: () => string[];
  events: EngineEvent[];
}

async function withServer(
  { behave, giveUpAfterMs }: { behave: Behaviour; giveUpAfterMs?: number },
  test: (setting: Setting) => Promise<void>,
): Promise<void> {
  const server = await startQuirkyServer(behave);
  const cache = memoryCache();
  const events: EngineEvent[] = [];
  const endpoint = new OpenAIEndpoint({
    baseUrls: [server.baseUrl],
    apiKey: undefined,
    identity: 'test',
    timeoutMs: 5000,
    concurrency: 1,
    retries: { maxAttempts: 3, maxRateLimited: 5, firstWaitMs: 1, longestWaitMs: 2 },
    giveUpAfterMs,
    onEvent: (event) => events.push(event),
  });
  const chatModel = new ChatModel({ endpoint, cache, lookAhead: 1 });
  const ask: Setting['ask'] = async (inputs) => {
    const results: string[] = [];
    const work = async (input: string, signal: AbortSignal) =>
      kept((await chatModel.sample(requestOf(input), signal))[0]?.text ?? '');
    for await (const outcome of chatModel.outcomes(inputs, work, { subjectOf: String, signal: NEVER }))
      results.push(outcome.kind === 'kept' ? outcome.record : `dropped: ${outcome.drop.reason}`);
    return results;
  };
  try {
    const nAsked = (input: string): number =>
      server.bodies.filter(({ messages }) => messages[0]?.content === input).length;
    const stored = (): string[] => [...cache.entries.values()].map(({ text }) => text);
    await test({ ask, nAsked, stored, events });
  } finally {
    await endpoint.close();
    await server.close();
  }
}

const choice = (content: string | null, finishReason: string, more: object = {}): object => ({
  choices: [{ message: { content, ...more }, finish_reason: finishReason }],
});

describe('an answer that is none', () => {
  it('is not stored and loses its input alone where the input is the reason, which is asked once', () =>
    withServer(
      {
        behave: ({ body, response }) => {
          const input = body.messages[0]?.content;
          if (input === 'filtered') sendJson(response, 200, choice('[[A]] wins', 'content_filter'));
          else if (input === 'refused') sendJson(response, 200, choice(null, 'stop', { refusal: 'No.' }));
          else if (input === 'flagged')
            sendJson(response, 403, {
              error: { code: 403, metadata: { reasons: ['hate'], flagged_input: 'x' } },
            });
          else sendChoices(response, ['fine']);
        },
      },
      async ({ ask, nAsked, stored }) => {
        const inputs = ['filtered', 'refused', 'flagged', 'good'];
        const expected = ['dropped: content-filter', 'dropped: refusal', 'dropped: content-filter', 'fine'];
        assert.deepEqual(await ask(inputs), expected);
        assert.deepEqual(inputs.map(nAsked), [1, 1, 1, 1]);
        assert.deepEqual(stored(), ['fine']);
      },
    ));

  it('is asked for again where the server broke it off, until it is whole', () =>
    withServer(
      {
        behave: ({ index, response }) => {
          if (index === 0) sendJson(response, 200, choice('[[A]] wi', 'abort'));
          else if (index === 1) sendJson(response, 200, choice('', ''));
          else sendChoices(response, ['whole']);
        },
      },
      async ({ ask, stored }) => {
        assert.deepEqual(await ask(['a']), ['whole']);
        assert.deepEqual(stored(), ['whole']);
      },
    ));
});

describe('a server that repeats the prompt in its refusals', () => {
  const prompts = [
    'Explain the maximum context length of Llama 3',
    'My bank says insufficient funds, what now?',
    'Why does it say that my prompt was flagged?',
  ];

  it('is understood by its own words: parameters are left out, and no input is lost', () => {
    const refuse: Behaviour = ({ body, response }) => {
      const message = `[{'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted', 'messages': '${body.messages[0]?.content}'}]`;
      if (!('seed' in body)) sendChoices(response, ['fine']);
      else sendJson(response, 400, { error: { message } });
    };
    return Promise.all(
      prompts.map((prompt) =>
        withServer({ behave: refuse }, async ({ ask }) => assert.deepEqual(await ask([prompt]), ['fine'])),
      ),
    );
  });

  it('is asked again after an error of its own', () =>
    withServer(
      {
        behave: ({ index, body, response }) => {
          const detail = `in render(): ${body.messages[0]?.content.toUpperCase()}`;
          if (index % 2 === 1) sendChoices(response, ['fine']);
          else sendJson(response, 500, { detail });
        },
      },
      async ({ ask }) => assert.deepEqual(await ask(prompts), ['fine', 'fine', 'fine']),
    ));
});

describe('a server without credit', () => {
  it('ends the run with its own words at the first refusal, and the run goes on once it is topped up', () => {
    let isToppedUp = false;
    const behave: Behaviour = ({ index, response }) => {
      if (index === 0 || isToppedUp) sendChoices(response, ['fine']);
      else sendJson(response, 402, { error: { code: 402, message: 'Buy credits at example.com' } });
    };
    return withServer({ behave }, async ({ ask, nAsked, stored }) => {
      await assert.rejects(ask(['a', 'b', 'c']), (thrown: unknown) => {
        assert.ok(thrown instanceof ModelError && thrown.scope === 'endpoint');
        assert.equal(thrown.code, 'out-of-credit');
        assert.match(thrown.message, /Buy credits at example\.com.*Top up/);
        return true;
      });
      assert.deepEqual([nAsked('b'), nAsked('c')], [1, 0]);
      isToppedUp = true;
      assert.deepEqual(await ask(['a', 'b', 'c']), ['fine', 'fine', 'fine']);
      assert.equal(nAsked('a'), 1);
      assert.equal(stored().length, 3);
    });
  });
});

describe('a server that loads its model', () => {
  const loading = { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } };

  it('is waited for, whatever the number of attempts', () =>
    withServer(
      {
        behave: ({ index, response }) => {
          if (index < 12) sendJson(response, 503, loading);
          else sendChoices(response, ['ready']);
        },
      },
      async ({ ask }) => assert.deepEqual(await ask(['a']), ['ready']),
    ));

  it('is waited for no longer than giveUpAfterMs', () =>
    withServer(
      { behave: ({ response }) => sendJson(response, 503, loading), giveUpAfterMs: 100 },
      async ({ ask }) => {
        await assert.rejects(ask(['a']), (thrown: unknown) => {
          assert.ok(thrown instanceof ModelError && thrown.scope === 'endpoint');
          assert.match(thrown.message, /Loading model.*giveUpAfterMs/);
          return true;
        });
      },
    ));
});

describe('a pause that is too long', () => {
  it('ends the run at once, with the header and the time', () => {
    const until = new Date(Date.now() + 86_400_000).toUTCString();
    return withServer(
      {
        behave: ({ response }) =>
          sendJson(response, 429, { error: { message: 'slow down' } }, { 'retry-after': until }),
      },
      async ({ ask, nAsked, events }) => {
        await assert.rejects(ask(['a']), (thrown: unknown) => {
          assert.ok(thrown instanceof ModelError && thrown.scope === 'endpoint');
          assert.ok(
            thrown.message.includes(`slow down, with the header retry-after: ${until}`),
            thrown.message,
          );
          assert.match(thrown.message, /nothing is to be sent before \d{4}-\d\d-\d\dT/);
          return true;
        });
        assert.equal(nAsked('a'), 1);
        assert.equal(events.filter(({ kind }) => kind === 'paused').length, 1);
      },
    );
  });

  it('is not made after an answer, where only a refusal would be believed', () => {
    const reset = String(Date.now() + 86_400_000);
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': reset };
    return withServer(
      {
        behave: ({ response }) =>
          sendJson(
            response,
            200,
            { choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] },
            headers,
          ),
      },
      async ({ ask }) => assert.deepEqual(await ask(['a', 'b']), ['fine', 'fine']),
    );
  });
});

import assert from 'node:assert/strict';
import { ChatModel, OpenAIEndpoint, type SampleRequest } from '../../lib/src/model/index.js';
import { readTokenLogprobs } from '../../lib/src/model/token-logprobs.js';
import type { Completion } from '../../lib/src/schema/index.js';
import {
  sendChoices,
  sendJson,
  startQuirkyServer,
  type Behaviour,
  type ChatBody,
} from '../fixtures/quirky-server.js';
import { memoryCache, NEVER } from '../fixtures/scripted-endpoint.js';

const PLAIN: SampleRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'judge' }],
  sampling: { temperature: 0, topP: 1, maxTokens: 16 },
  nSamples: 1,
  seed: 0,
  promptVersion: 'v1',
};
const ASKED: SampleRequest = { ...PLAIN, sampling: { ...PLAIN.sampling, topLogprobs: 2 } };

/** The fields that ask for log-probabilities; the fixture's type leaves them out. */
type Body = ChatBody & { logprobs?: boolean; top_logprobs?: number };

/** Samples each request in turn from a server; the completions and the bodies that it was sent. */
async function sampleFrom(
  behave: Behaviour,
  requests: readonly SampleRequest[],
  cache = memoryCache(),
): Promise<{ completions: Completion[]; bodies: Body[]; retries: number }> {
  const server = await startQuirkyServer(behave);
  const endpoint = new OpenAIEndpoint({
    baseUrls: [server.baseUrl],
    apiKey: 'k',
    identity: 'test',
    timeoutMs: 5000,
    concurrency: 4,
    retries: { maxAttempts: 1, firstWaitMs: 1, longestWaitMs: 1 },
  });
  const chatModel = new ChatModel({ endpoint, cache, lookAhead: 1 });
  try {
    const completions: Completion[] = [];
    for (const request of requests) completions.push(...(await chatModel.sample(request, NEVER)));
    return { completions, bodies: server.bodies, retries: chatModel.usage.retries };
  } finally {
    await endpoint.close();
    await server.close();
  }
}

const entry = (token: string, logprob: number): { token: string; logprob: number; bytes: null } => ({
  token,
  logprob,
  bytes: null,
});

/** Answers `[[A]]` with this field `logprobs`. */
const sendLogprobs =
  (logprobs: unknown): Behaviour =>
  ({ response }) => {
    sendJson(response, 200, {
      choices: [
        { index: 0, message: { role: 'assistant', content: '[[A]]' }, logprobs, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 3 },
    });
  };

const CONTENT = [
  { ...entry('[[', -0.1), top_logprobs: [entry('[[', -0.1), entry('The', -3)] },
  { ...entry('A', -0.25), top_logprobs: [entry('A', -0.25), entry('B', -1.5)] },
  { ...entry(']]', 0), top_logprobs: [] },
];

describe('log-probabilities of an OpenAI-compatible endpoint', () => {
  it('are asked for only where they are wanted', async () => {
    const { bodies } = await sampleFrom(({ response }) => sendChoices(response, ['[[A]]']), [PLAIN, ASKED]);
    assert.deepEqual(
      bodies.map(({ logprobs, top_logprobs: top }) => [logprobs, top]),
      [
        [undefined, undefined],
        [true, 2],
      ],
    );
  });

  it('come with the completion, alternatives at the letter of a marker alone', async () => {
    const { completions } = await sampleFrom(sendLogprobs({ content: CONTENT }), [ASKED]);
    assert.deepEqual(completions, [
      {
        text: '[[A]]',
        finishReason: 'stop',
        tokens: [
          { text: '[[', logprob: -0.1, alternatives: [] },
          {
            text: 'A',
            logprob: -0.25,
            alternatives: [
              { text: 'A', logprob: -0.25 },
              { text: 'B', logprob: -1.5 },
            ],
          },
          { text: ']]', logprob: 0, alternatives: [] },
        ],
      },
    ]);
  });

  it('are left out where they were not asked for', async () => {
    const { completions } = await sampleFrom(sendLogprobs({ content: CONTENT }), [PLAIN]);
    assert.deepEqual(completions, [{ text: '[[A]]', finishReason: 'stop' }]);
  });

  for (const [what, logprobs] of [
    ['no such field', undefined],
    ['null', null],
    ['null content', { content: null }],
    ['no tokens', { content: [] }],
    [
      'the shape of the older completions API',
      { tokens: ['[[', 'A', ']]'], token_logprobs: [-0.1, -0.2, 0] },
    ],
    ['a token without a number', { content: [...CONTENT, { token: 'x', logprob: null }] }],
    ['a word', 'none'],
  ] as const) {
    it(`are absent, and no error, where the server sends ${what}`, async () => {
      const { completions } = await sampleFrom(sendLogprobs(logprobs), [ASKED]);
      assert.deepEqual(completions, [{ text: '[[A]]', finishReason: 'stop' }]);
    });
  }

  for (const status of [400, 422]) {
    it(`are done without at a server that refuses them with ${status}, which is asked for them once`, async () => {
      const refusing: Behaviour = ({ body, response }) => {
        if ((body as Body).logprobs === undefined) sendChoices(response, ['[[B]]']);
        else sendJson(response, status, { error: { message: 'logprobs are not supported' } });
      };
      const { completions, bodies, retries } = await sampleFrom(refusing, [ASKED, { ...ASKED, seed: 1 }]);
      assert.deepEqual(completions, Array(2).fill({ text: '[[B]]', finishReason: 'stop' }));
      assert.deepEqual(
        bodies.map(({ logprobs, top_logprobs: top }) => [logprobs, top]),
        [
          [true, 2],
          [undefined, undefined],
          [undefined, undefined],
        ],
      );
      assert.equal(retries, 1);
    });
  }

  it('are not asked for again where a server refused them and answered without, not even by a process that knows nothing of it', async () => {
    const cache = memoryCache();
    const nAsked: number[] = [];
    for (const request of [ASKED, ASKED, PLAIN]) {
      const { completions, bodies } = await sampleFrom(
        ({ body, response }) => {
          if ((body as Body).logprobs === undefined) sendChoices(response, ['[[B]]']);
          else sendJson(response, 400, { error: { message: 'logprobs are not supported' } });
        },
        [request],
        cache,
      );
      assert.deepEqual(completions, [{ text: '[[B]]', finishReason: 'stop' }]);
      nAsked.push(bodies.length);
    }
    // Refused and answered; from the store; another request.
    assert.deepEqual(nAsked, [2, 0, 1]);
  });

  it('are asked for again after a refusal that was about the prompt', async () => {
    const bodies: Body[] = [];
    const behave: Behaviour = ({ index, body, response }) => {
      bodies.push(body);
      if (index < 2) sendJson(response, 400, { error: { message: 'the prompt is malformed' } });
      else sendLogprobs({ content: CONTENT })({ index, body, response } as Parameters<Behaviour>[0]);
    };
    const server = await startQuirkyServer(behave);
    const endpoint = new OpenAIEndpoint({
      baseUrls: [server.baseUrl],
      apiKey: 'k',
      identity: 'test',
      timeoutMs: 5000,
      concurrency: 4,
      retries: { maxAttempts: 1, firstWaitMs: 1, longestWaitMs: 1 },
    });
    const options = { idempotencyKey: 'key', signal: NEVER };
    try {
      await assert.rejects(endpoint.sample(ASKED, options), /the prompt is malformed/);
      const answer = await endpoint.sample(ASKED, options);
      assert.equal(answer.completions[0]?.tokens?.length, 3);
      assert.deepEqual(
        bodies.map(({ logprobs }) => logprobs),
        [true, undefined, true],
      );
      // A refused body and the one that follows it must not share a key.
      const [first, second, third] = server.headers.map((headers) => headers['idempotency-key']);
      assert.notEqual(first, second);
      assert.equal(first, third);
    } finally {
      await endpoint.close();
      await server.close();
    }
  });

  it('do not hide that a server refuses several completions at once', async () => {
    const behave: Behaviour = ({ body, response }) => {
      if (body.n !== undefined) sendJson(response, 400, { error: { message: 'n must be 1' } });
      else sendLogprobs({ content: CONTENT })({ index: 0, body, response } as Parameters<Behaviour>[0]);
    };
    const { completions } = await sampleFrom(behave, [{ ...ASKED, nSamples: 2 }]);
    assert.deepEqual(
      completions.map(({ tokens }) => tokens?.length),
      [3, 3],
    );
  });
});

describe('reading log-probabilities', () => {
  /** The tokens whose alternatives are kept. */
  const keptAt = (...tokens: string[]): string[] =>
    (
      readTokenLogprobs({
        content: tokens.map((token) => ({ ...entry(token, -1), top_logprobs: [entry('x', -2)] })),
      }) ?? []
    )
      .filter(({ alternatives }) => alternatives.length > 0)
      .map(({ text }) => text);

  it('keeps alternatives at the token that follows two brackets, however they are split', () => {
    assert.deepEqual(keptAt('so', '[[', 'A', ']]', '.'), ['A']);
    assert.deepEqual(keptAt('so', ' [', '[', 'B', ']]'), ['B']);
    assert.deepEqual(keptAt('so', ' [[', 'A]]', '.'), ['A]]']);
    assert.deepEqual(keptAt('so', ' [[A]]', '.'), [' [[A]]']);
    assert.deepEqual(keptAt('[[', 'A', ']]', ' or ', '[[', 'B', ']]'), ['A', 'B']);
    assert.deepEqual(keptAt('[', 'A', ']'), []);
    assert.deepEqual(keptAt('[[[', 'A', ']]]'), ['A']);
    assert.deepEqual(keptAt('[', '', '[', '', '7', ']]'), ['7']);
  });
});

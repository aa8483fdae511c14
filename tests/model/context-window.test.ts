// Prompts and completions beyond a model's window: what refusals tell, and how few tokens are asked for then.
import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import {
  connectServers,
  listedWindow,
  type EngineEvent,
  type SampleRequest,
} from '../../lib/src/model/index.js';
import { readCompletionCap, readLengthRefusal } from '../../lib/src/model/context-window.js';
import { sendChoices, sendJson, startQuirkyServer, type Behaviour } from '../fixtures/quirky-server.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

describe('a refusal for length', () => {
  // Words of the servers, as their sources and issues have them; all for 4,096 completion tokens.
  const cases: [server: string, message: string, window: number | null, prompt: number | null][] = [
    [
      'OpenAI, old vLLM',
      "This model's maximum context length is 8192 tokens. However, you requested 9096 tokens (5000 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
      8192,
      5000,
    ],
    [
      'OpenAI, prompt alone',
      "This model's maximum context length is 16385 tokens. However, your messages resulted in 26164 tokens. Please reduce the length of the messages.",
      16_385,
      26_164,
    ],
    [
      'OpenAI, newer',
      'Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 509178 tokens. Please reduce the length of the messages.',
      272_000,
      509_178,
    ],
    [
      'vLLM 0.9',
      "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 8192 tokens and your request has 5000 input tokens (4096 > 8192 - 5000).",
      8192,
      5000,
    ],
    [
      'SGLang',
      "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 9096 tokens: 5000 tokens from the input messages and 4096 tokens for the completion. Please reduce the number of tokens.",
      8192,
      5000,
    ],
    [
      'SGLang, prompt alone',
      "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
      8192,
      9000,
    ],
    [
      'llama.cpp',
      'request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it',
      8192,
      9000,
    ],
    ['llama.cpp, older', 'the request exceeds the available context size, try increasing it', null, null],
    [
      'TGI, Together',
      'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 5000 `inputs` tokens and 4096 `max_new_tokens`',
      8193,
      5000,
    ],
    [
      'OpenRouter',
      "This endpoint's maximum context length is 8192 tokens. However, you requested about 9096 tokens (5000 of text input, 4096 in the output).",
      8192,
      5000,
    ],
    ['Fireworks', 'The prompt is too long: 9000, model maximum context length: 8191', 8191, 9000],
    ['Groq', 'Please reduce the length of the messages or completion.', null, null],
    [
      'Mistral',
      'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      32_768,
      40_000,
    ],
    ['Anthropic', 'prompt is too long: 208310 tokens > 200000 maximum', 200_000, 208_310],
    [
      'Anthropic, both',
      'input length and `max_tokens` exceed context limit: 197000 + 4096 > 200000, decrease input length or `max_tokens` and try again',
      200_000,
      197_000,
    ],
    [
      'Gemini',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      1_048_576,
      1_200_000,
    ],
    [
      'Cohere',
      'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.',
      4081,
      5000,
    ],
    [
      'xAI',
      "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
      131_072,
      537_812,
    ],
  ];
  for (const [server, message, window, promptTokens] of cases)
    it(`of ${server} is read`, () => {
      assert.deepEqual(readLengthRefusal(`400 ${message}`, 4096), { window, promptTokens, isAtLeast: false });
      assert.equal(readCompletionCap(message), null);
    });

  it('of vLLM that stopped counting says so', () => {
    const words = [
      // vllm/renderers/params.py: it counts one token more than fits, or only characters.
      "You passed 4097 input tokens and requested 4096 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 4096 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=4097)",
      "You passed 90000 input characters and requested 4096 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 4096 tokens (at most 65536 characters). Please reduce the length of the input prompt.",
      "This model's maximum context length is 8192 tokens. However, you requested 4096 output tokens and your prompt contains at least 4097 input tokens, for a total of at least 8193 tokens.",
    ];
    for (const said of words) {
      const refusal = readLengthRefusal(said, 4096);
      assert.deepEqual([refusal?.window, refusal?.isAtLeast], [8192, true], said);
    }
  });

  it('is not one about anything else', () => {
    for (const said of [
      "Unsupported parameter: 'max_tokens'",
      'bad request',
      'Could not finish the message because max_tokens was reached.',
    ])
      assert.equal(readLengthRefusal(said, 4096), null);
  });
});

describe('the most completion tokens of a model', () => {
  it('are read where a refusal tells them', () => {
    const words = [
      'max_tokens is too large: 5000. This model supports at most 4096 completion tokens, whereas you provided 5000.',
      '`max_tokens` must be less than or equal to `4096`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      'max_tokens: 5000 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku',
      'Invalid max_tokens value, the valid range of max_tokens is [1, 4096]',
      'max_completion_tokens is not valid: expected a value <= 4096, but got 32000 instead',
      'body.max_tokens: Input should be less than or equal to 4096',
      'max_tokens cannot be greater than 4096',
    ];
    for (const said of words) assert.equal(readCompletionCap(said), 4096, said);
    assert.equal(readCompletionCap('max_tokens cannot be less than 1'), null);
  });
});

describe('the window in a list of models', () => {
  it('has the names of vLLM, OpenRouter, Groq, Mistral and llama.cpp', () => {
    const listed = [
      { id: 'm', max_model_len: 8192 },
      { id: 'm', context_length: 8192 },
      { id: 'm', context_window: 8192 },
      { id: 'm', max_context_length: 8192 },
      { id: 'm', meta: { n_ctx: 8192, n_ctx_train: 131_072 } },
      { id: 'm', meta: { n_ctx_train: 8192 } },
    ];
    for (const model of listed) assert.equal(listedWindow(model), 8192, JSON.stringify(model));
    for (const model of [{ id: 'm' }, { max_model_len: 'big' }, { meta: null }, null])
      assert.equal(listedWindow(model), null);
  });
});

/** A token a word; `says` words the refusal. */
function windowed(window: number, says: (promptTokens: number, maxTokens: number) => string): Behaviour {
  return ({ body, response }) => {
    const { max_tokens: maxTokens } = body as unknown as { max_tokens?: number };
    const promptTokens = body.messages
      .map(({ content }) => content.split(' ').length)
      .reduce((a, b) => a + b);
    if (promptTokens + (maxTokens ?? 1) > window)
      return sendJson(response, 400, { error: { message: says(promptTokens, maxTokens ?? 0) } });
    sendChoices(response, [`${maxTokens ?? 'rest'}`]);
  };
}
const exact = (prompt: number, most: number): string =>
  `This model's maximum context length is 100 tokens. However, you requested ${prompt + most} tokens (${prompt} in the messages, ${most} in the completion).`;
const cut = (_: number, most: number): string =>
  `You passed ${101 - most} input tokens and requested ${most} output tokens. However, the model's context length is only 100 tokens.`;

/** What 64 completion tokens become for prompts of so many words. */
async function askWords(
  nWords: number[],
  behave: Behaviour,
  options: { fitToContext?: boolean; contextLength?: number } = {},
): Promise<{ texts: string[]; changes: string[] }> {
  const server = await startQuirkyServer(behave);
  const changes: string[] = [];
  const endpoint = connectServers({
    baseUrls: [server.baseUrl],
    apiKey: undefined,
    identity: 'id',
    timeoutMs: 5000,
    concurrency: 4,
    retries: { maxAttempts: 1 },
    onEvent: (event: EngineEvent) => event.kind === 'adapted' && changes.push(event.change),
    ...options,
  });
  try {
    const texts: string[] = [];
    for (const n of nWords) {
      const request: SampleRequest = {
        model: 'm',
        messages: [{ role: 'user', content: Array.from({ length: n }, () => 'w').join(' ') }],
        sampling: { temperature: 1, topP: 1, maxTokens: 64 },
        nSamples: 1,
        seed: n,
        promptVersion: 'v',
      };
      try {
        const { completions } = await endpoint.sample(request, { idempotencyKey: `k${n}`, signal: NEVER });
        texts.push(completions[0]?.text ?? '');
      } catch (thrown) {
        assert.ok(thrown instanceof ModelError, String(thrown));
        texts.push(`${thrown.scope} ${thrown.code}`);
      }
    }
    return { texts, changes };
  } finally {
    await endpoint.close();
    await server.close();
  }
}

describe('prompt and completion beyond the window', () => {
  it('get what fits, which depends on the prompt alone; prompts that leave no room are lost by their length', async () => {
    const nWords = [20, 50, 80, 90, 200, 50];
    const { texts, changes } = await askWords(nWords, windowed(100, exact));
    assert.deepEqual(texts, ['64', '50', '20', 'request context-length', 'request context-length', '50']);
    assert.deepEqual((await askWords([...nWords].reverse(), windowed(100, exact))).texts.reverse(), texts);
    assert.deepEqual(changes, [
      'asks for fewer completion tokens where prompt and maxTokens exceed the window of 100 tokens',
    ]);
  });

  it('get the rest of the window where the server did not count to the end', async () => {
    assert.deepEqual((await askWords([20, 50, 200], windowed(100, cut))).texts, [
      '64',
      'rest',
      'request context-length',
    ]);
  });

  it('are lost where a setting says so', async () => {
    const { texts } = await askWords([20, 50], windowed(100, exact), { fitToContext: false });
    assert.deepEqual(texts, ['64', 'request context-length']);
  });

  it('get what a setting tells where the server tells no numbers: a third of the characters is about the prompt', async () => {
    const silent = windowed(100, () => 'Please reduce the length of the messages or completion.');
    // 50 words are 99 characters, 33 tokens; 100 - 33 is above 64 for the first request, and does not fit for the server.
    const { texts } = await askWords([20, 50], silent, { contextLength: 80 });
    assert.deepEqual(texts, ['64', '47']);
    assert.deepEqual((await askWords([50], silent)).texts, ['request context-length']);
  });

  it('is not repeated for ever by a server that always says another number', async () => {
    let n = 0;
    const { texts } = await askWords([20], ({ response }) => {
      n++;
      sendJson(response, 400, { error: { message: exact(40 + n, 64) } });
    });
    assert.deepEqual(texts, ['request context-length']);
    assert.ok(n < 20, String(n));
  });
});

describe('a completion beyond what a model gives', () => {
  it('is asked for once, then with the most that it gives', async () => {
    const nAsked: unknown[] = [];
    const { texts, changes } = await askWords([5, 6], ({ body, response }) => {
      const { max_tokens: most } = body as unknown as { max_tokens: number };
      nAsked.push(most);
      if (most <= 32) return sendChoices(response, [String(most)]);
      sendJson(response, 400, {
        error: {
          message: `max_tokens is too large: ${most}. This model supports at most 32 completion tokens.`,
        },
      });
    });
    assert.deepEqual(
      [texts, nAsked],
      [
        ['32', '32'],
        [64, 32, 32],
      ],
    );
    assert.deepEqual(changes, ['asks for at most 32 completion tokens']);
  });
});

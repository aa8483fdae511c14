// Models that refuse sampling parameters: what is refused is left out from then on, with one event for each, and no request is lost.
import assert from 'node:assert/strict';
import { connectServers, type EngineEvent, type SampleRequest } from '../../lib/src/model/index.js';
import { chatBody, refusedParameter, type Omittable } from '../../lib/src/model/chat-body.js';
import { givenUp } from '../../lib/src/model/attempt-failure.js';
import { failureFrom } from '../../lib/src/model/server-error.js';
import { sendChoices, sendJson, startQuirkyServer, type Behaviour } from '../fixtures/quirky-server.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

const REQUEST: SampleRequest = {
  model: 'o9-mini',
  messages: [{ role: 'user', content: 'Which is better?' }],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 64, topLogprobs: 5 },
  nSamples: 2,
  seed: 7,
  promptVersion: 'v',
};

/** OpenAI's words and fields: https://platform.openai.com/docs/guides/reasoning, and issues that quote them. */
const refuse = (param: string, message: string, code = 'unsupported_parameter') => ({
  error: { message, type: 'invalid_request_error', param, code },
});

/** Refuses, for its reasoning model alone, everything that such models refuse. */
const reasoning: Behaviour = ({ body, response }) => {
  const sent = body as unknown as Record<string, unknown>;
  if (sent.model !== 'o9-mini') return sendChoices(response, ['plain']);
  const unsupported = (param: string, more = ''): void =>
    sendJson(
      response,
      400,
      refuse(param, `Unsupported parameter: '${param}' is not supported with this model.${more}`),
    );
  if ('max_tokens' in sent) return unsupported('max_tokens', " Use 'max_completion_tokens' instead.");
  for (const param of ['top_p', 'seed', 'logprobs']) if (param in sent) return unsupported(param);
  for (const param of ['temperature', 'n'])
    if (param in sent)
      return sendJson(
        response,
        400,
        refuse(
          param,
          `Unsupported value: '${param}' does not support ${JSON.stringify(sent[param])} with this model. Only the default (1) value is supported.`,
          'unsupported_value',
        ),
      );
  sendChoices(response, [`thought with ${String(sent.max_completion_tokens)}`]);
};

describe('a reasoning model', () => {
  it('costs no request an attempt for its refusals, which are asked around from then on, for this model alone', async () => {
    const server = await startQuirkyServer(reasoning);
    const events: EngineEvent[] = [];
    const endpoint = connectServers({
      baseUrls: [server.baseUrl],
      apiKey: undefined,
      identity: 'id',
      timeoutMs: 5000,
      concurrency: 4,
      // A single attempt: a refusal that counted as one would lose the request.
      retries: { maxAttempts: 1 },
      onEvent: (event) => events.push(event),
    });
    try {
      const ask = (request: SampleRequest) =>
        endpoint.sample(request, { idempotencyKey: `k${request.model}${request.seed}`, signal: NEVER });
      const single = { ...REQUEST, nSamples: 1 };
      // Together, so that several learn the same at once.
      const answers = await Promise.all([1, 2, 3].map((seed) => ask({ ...single, seed })));
      for (const { completions } of answers) assert.equal(completions[0]?.text, 'thought with 64');
      // The first one learned for all of them.
      assert.deepEqual(
        answers.map(({ errors }) => errors['http-400'] ?? 0),
        [5, 0, 0],
      );
      const nBefore = server.bodies.length;
      assert.deepEqual((await ask({ ...single, seed: 4 })).errors, {});
      assert.deepEqual(
        server.bodies.slice(nBefore).map((body) => Object.keys(body)),
        [['model', 'messages', 'max_completion_tokens']],
      );
      // Another model of the same server gets everything.
      await ask({ ...single, model: 'plain' });
      assert.deepEqual(
        Object.keys(server.bodies.at(-1) ?? {}),
        Object.keys(chatBody({ ...single, model: 'plain' })),
      );
      const changes = events.flatMap((event) => (event.kind === 'adapted' ? [event.change] : []));
      assert.deepEqual(changes.sort(), [
        'leaves out logprobs',
        'leaves out seed',
        'leaves out temperature',
        'leaves out top_p',
        'sends max_completion_tokens in place of max_tokens',
      ]);
      // That n is refused is learned by asking for one completion, and by one request alone.
      const nRequests = server.bodies.length;
      const several = await Promise.all([5, 6, 7].map((seed) => ask({ ...REQUEST, seed })));
      assert.deepEqual(
        several.map(({ completions }) => completions.length),
        [1, 0, 0],
      );
      assert.deepEqual(
        server.bodies.slice(nRequests).map((body) => body.n),
        [2, undefined],
      );
      assert.equal(endpoint.honoursN, false);
    } finally {
      await endpoint.close();
      await server.close();
    }
  });
});

describe('the parameter that a refusal is about', () => {
  const cases: [expected: Omittable | null, message: string][] = [
    // OpenAI and Azure, LiteLLM, pydantic in FastAPI (Mistral, vLLM), Gemini, Anthropic, Groq.
    [
      'max_tokens',
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ],
    [
      'temperature',
      "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.",
    ],
    [
      'top_p',
      "litellm.UnsupportedParamsError: openai does not support parameters: ['top_p'], for model=o1. To drop these, set `litellm.drop_params=True`",
    ],
    [
      'seed',
      '{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":1}]}',
    ],
    ['logprobs', '1 validation error: top_logprobs: extra fields not permitted (type=value_error.extra)'],
    ['seed', 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'],
    ['top_p', '`temperature` and `top_p` cannot both be specified for this model. Please use only one.'],
    ['temperature', '`temperature` may only be set to 1 when thinking is enabled.'],
    ['temperature', '`temperature` is deprecated for this model.'],
    ['logprobs', '`logprobs` is not supported with this model'],
    ['seed', 'Unrecognized request argument supplied: seed'],
    // About n, for which completions are asked one by one.
    [
      null,
      "Unsupported value: 'n' does not support 2 with this model. Only the default (1) value is supported.",
    ],
  ];
  for (const [expected, message] of cases)
    it(`is ${expected ?? 'none'} in: ${message.slice(0, 60)}`, () => {
      assert.equal(refusedParameter(REQUEST, { without: [] }, message), expected);
    });

  it('is none that only the prompt names, which a server repeats', () => {
    const content = 'Unsupported value: temperature and top_p';
    const request = {
      ...REQUEST,
      messages: [{ role: 'user' as const, content }],
      sampling: { ...REQUEST.sampling, topLogprobs: undefined },
    };
    assert.equal(
      refusedParameter(
        request as SampleRequest,
        { without: ['seed'] },
        `flagged: "${content}" is not allowed`,
      ),
      null,
    );
  });
});

describe('a refusal that names a model called like a parameter', () => {
  it('is about the parameter that it names besides', () => {
    const request = { ...REQUEST, model: 'judge-seed' };
    const said = "openai does not support parameters: ['logprobs'], for model=judge-seed";
    assert.equal(refusedParameter(request, { without: [] }, said), 'logprobs');
  });
});

describe('a refusal because the reasoning took all tokens', () => {
  it('is counted as reasoning alone, with the remedy', () => {
    const message =
      'Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.';
    const failure = failureFrom({
      status: 400,
      value: { error: { message, code: 'invalid_request_error' } },
    });
    assert.equal(failure.code, 'only-reasoning');
    const options = { subject: 'm', scope: 'request', attempts: {} } as const;
    assert.match(givenUp(failure, options).message, /Raise maxTokens/);
  });
});

describe('sampling settings that are null', () => {
  it('are not sent', () => {
    const body = chatBody({
      ...REQUEST,
      nSamples: 1,
      sampling: { temperature: null, topP: null, maxTokens: null },
    });
    assert.deepEqual(Object.keys(body), ['model', 'messages', 'seed']);
  });
});

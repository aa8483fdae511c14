// What every chat endpoint must do: answer each request with its own completions, count what was used, fail as ModelErrors, stop at once.
import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import { sha256 } from '../../lib/src/core/hash.js';
import type { ChatEndpoint, EndpointAnswer, SampleRequest } from '../../lib/src/model/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

/** How the server behind an endpoint behaves. `usual`: it takes everything. */
export type ServerKind = 'usual' | 'refuses n' | 'gives one' | 'refuses logprobs and seed' | 'silent';

/** An endpoint and what is known about the server behind it. */
export interface ChatEndpointSetting {
  endpoint: ChatEndpoint;
  model: string;
  /** Three prompts that are answered. */
  prompts: readonly [string, string, string];
  /** What is said to a prompt as sample `i`; null where only the endpoint knows. */
  textOf: ((prompt: string, i: number) => string) | null;
  /** A prompt that can never be answered, and how it fails. */
  refused: { prompt: string; scope: ModelError['scope']; code: string };
  /** How many requests the server has received; absent where that is not known. */
  nAsked?: () => number;
  /** Makes a request one that is answered, for endpoints that answer from a store. */
  prepare?: (request: SampleRequest) => Promise<void>;
}

/** An implementation of the interface. */
export interface ChatEndpointKind {
  /** Runs a test with an endpoint of its own. */
  use: (server: ServerKind, test: (setting: ChatEndpointSetting) => Promise<void>) => Promise<void>;
  /** The servers that it can be tested against besides the usual one. */
  servers: readonly ServerKind[];
  /** Whether it asks a server. One that does not uses no tokens, and has nothing to wait for when the signal aborts. */
  asksServer: boolean;
}

/** Runs the contract against an implementation. */
export function describeChatEndpoint(name: string, { use, servers, asksServer }: ChatEndpointKind): void {
  const usual = (test: (setting: ChatEndpointSetting) => Promise<void>): Promise<void> => use('usual', test);

  describe(`${name} as a chat endpoint`, () => {
    it('names a model always in the same way, and each one differently', () =>
      usual(async (setting) => {
        const { endpoint, model } = setting;
        const before = endpoint.identityOf(model);
        assert.ok(before.length > 0);
        await ask(setting, requestOf(setting, setting.prompts[0]));
        assert.equal(endpoint.identityOf(model), before);
        assert.notEqual(endpoint.identityOf(`${model}-2`), before);
      }));

    it('answers each of many requests at once with its own completion, and leaves the requests as they are', () =>
      usual(async (setting) => {
        const { prompts, textOf } = setting;
        const requests = prompts.map((prompt) => deepFrozen(requestOf(setting, prompt)));
        const answers = await Promise.all(requests.map((request) => ask(setting, request)));
        for (const [i, { completions }] of answers.entries()) {
          assert.equal(completions.length, 1);
          assert.equal(typeof completions[0]?.finishReason, 'string');
          if (textOf !== null) assert.equal(completions[0]?.text, textOf(prompts[i] ?? '', 0));
        }
      }));

    it('gives as many completions as asked for, in their order, or tells that it cannot', () =>
      usual(async (setting) => {
        const [prompt] = setting.prompts;
        const { completions } = await ask(setting, requestOf(setting, prompt, { nSamples: 3 }));
        assert.ok(completions.length <= 3);
        if (setting.endpoint.honoursN === true) assert.equal(completions.length, 3);
        if (completions.length < 3) assert.equal(setting.endpoint.honoursN, false);
        const { textOf } = setting;
        if (textOf !== null)
          assert.deepEqual(
            completions.map(({ text }) => text),
            completions.map((_, i) => textOf(prompt, i)),
          );
      }));

    it('gives the same request the same answer, also when it is asked twice at once', () =>
      usual(async (setting) => {
        const request = requestOf(setting, setting.prompts[0]);
        const first = await Promise.all([ask(setting, request), ask(setting, request)]);
        const again = await ask(setting, { ...request });
        const texts = [...first, again].map(({ completions }) => completions[0]?.text);
        assert.deepEqual(texts, [texts[0], texts[0], texts[0]]);
      }));

    it('counts what was used, and no failures where there were none', () =>
      usual(async (setting) => {
        const answer = await ask(setting, requestOf(setting, setting.prompts[0]));
        for (const n of [answer.promptTokens, answer.completionTokens]) {
          assert.ok(Number.isInteger(n) && n >= 0, String(n));
          if (asksServer) assert.ok(n > 0);
          else assert.equal(n, 0);
        }
        assert.deepEqual([answer.retries, answer.errors], [0, {}]);
      }));

    it('fails with a ModelError that says how far the failure reaches, and costs no other request its answer', () =>
      usual(async (setting) => {
        const { refused, prompts } = setting;
        const lost = failureOf(ask(setting, requestOf(setting, refused.prompt), { isPrepared: false }));
        const [found, { completions }] = await Promise.all([
          lost,
          ask(setting, requestOf(setting, prompts[1])),
        ]);
        assert.deepEqual([found.scope, found.code], [refused.scope, refused.code]);
        if (asksServer) assert.equal(found.attempts[refused.code], 1);
        assert.equal(completions.length, 1);
        // What failed once fails again, and says the same.
        const again = await failureOf(
          ask(setting, requestOf(setting, refused.prompt), { isPrepared: false }),
        );
        assert.deepEqual([again.scope, again.code], [refused.scope, refused.code]);
      }));

    if (asksServer) {
      it('asks nothing for a signal that has aborted, and gives its reason', () =>
        usual(async (setting) => {
          const reason = new Error('called off before');
          const request = requestOf(setting, setting.prompts[0]);
          await assert.rejects(ask(setting, request, { signal: AbortSignal.abort(reason) }), reason);
          if (setting.nAsked) assert.equal(setting.nAsked(), 0);
          assert.equal((await ask(setting, request)).completions.length, 1);
        }));

      it('stops at once when the signal aborts, for that request alone', () =>
        usual(async (setting) => {
          const stop = new AbortController();
          const reason = new Error('called off');
          const [own, other] = setting.prompts.map((prompt) => requestOf(setting, prompt));
          assert.ok(own && other);
          const stopped = assert.rejects(ask(setting, own, { signal: stop.signal }), reason);
          const kept = ask(setting, other);
          stop.abort(reason);
          await stopped;
          assert.equal((await kept).completions.length, 1);
          assert.equal((await ask(setting, own)).completions.length, 1);
        }));
    }

    if (servers.includes('silent'))
      it('stops waiting for a server that never answers when the signal aborts', () =>
        use('silent', async (setting) => {
          const reason = new Error('enough');
          const signal = new AbortController();
          const asked = ask(setting, requestOf(setting, setting.prompts[0]), { signal: signal.signal });
          setTimeout(() => signal.abort(reason), 30);
          await assert.rejects(asked, reason);
        }));

    for (const server of ['refuses n', 'gives one'] as const)
      if (servers.includes(server))
        it(`gives completions one by one where the server ${server}, and tells that`, () =>
          use(server, async (setting) => {
            const [prompt] = setting.prompts;
            // Both are of the same messages, as a request and its parts are.
            const whole = requestOf(setting, prompt, { nSamples: 3 });
            const { completions } = await ask(setting, whole);
            assert.ok(completions.length < 3);
            const single = await ask(setting, { ...whole, nSamples: 1 });
            assert.equal(single.completions.length, 1);
            assert.equal(setting.endpoint.honoursN, false);
          }));

    if (servers.includes('refuses logprobs and seed'))
      it('does without what the server refuses: log-probabilities, and then seeds', () =>
        use('refuses logprobs and seed', async (setting) => {
          const sampling = { temperature: 0, topP: 1, maxTokens: 8, topLogprobs: 5 };
          const [first, second] = setting.prompts;
          const answer = await ask(setting, requestOf(setting, first, { sampling }));
          assert.equal(answer.completions.length, 1);
          assert.deepEqual([answer.retries, answer.errors], [2, { 'http-400': 2 }]);
          const later = await ask(setting, requestOf(setting, second, { sampling }));
          assert.deepEqual([later.retries, later.errors], [0, {}], 'what was refused is not tried again');
        }));
  });
}

function requestOf(
  { model }: ChatEndpointSetting,
  prompt: string,
  parts: Partial<SampleRequest> = {},
): SampleRequest {
  return {
    model,
    messages: [{ role: 'user', content: prompt }],
    sampling: { temperature: 0.7, topP: 0.9, maxTokens: 8 },
    nSamples: 1,
    seed: 11,
    promptVersion: 'v1',
    ...parts,
  };
}

async function ask(
  { endpoint, prepare }: ChatEndpointSetting,
  request: SampleRequest,
  { signal = NEVER, isPrepared = true }: { signal?: AbortSignal; isPrepared?: boolean } = {},
): Promise<EndpointAnswer> {
  if (isPrepared) await prepare?.(request);
  return endpoint.sample(request, { idempotencyKey: sha256(JSON.stringify(request)), signal });
}

async function failureOf(promise: Promise<unknown>): Promise<ModelError> {
  const thrown: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof ModelError, String(thrown));
  return thrown;
}

function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFrozen);
  return value;
}

// The whole loop against hosted products and gateways, each test named in docs/servers.md.
import assert from 'node:assert/strict';
import { azure, azureDated } from '../fixtures/servers/azure.js';
import type { ChatBody } from '../fixtures/servers/chat.js';
import { gemini } from '../fixtures/servers/gemini.js';
import { litellm } from '../fixtures/servers/litellm.js';
import { openai } from '../fixtures/servers/openai.js';
import { openrouter } from '../fixtures/servers/openrouter.js';
import { together } from '../fixtures/servers/together.js';
import { assertAskedOnce, assertLearned, assertWhole, chatsOf, refusedBy, runLoop } from './whole-loop.js';

/** A trainer of one's own in place of that of the page. */
const BY_COMMAND = { finetune: { trainer: { backend: 'command', command: 'sh train.sh' } } };

/** What is said once of each parameter that a reasoning model refuses. */
const ADAPTED_TO_REASONING = [
  /max_completion_tokens/,
  /leaves out temperature/,
  /leaves out top_p/,
  /leaves out logprobs/,
];

describe('the whole loop on hosted products', function () {
  this.timeout(60_000);

  describe('LiteLLM', () => {
    const at = { heading: 'LiteLLM', environment: { LITELLM_KEY: 'sk-virtual' } };
    const models = { 'judge-seed': 'ordinary', other: 'ordinary' } as const;
    const usual = { models, masterKey: 'sk-master', virtualKeys: { 'sk-virtual': ['judge-seed'] } };

    it('a virtual key', () =>
      runLoop({ ...at, product: litellm(usual) }, (outcome) => {
        assertWhole(outcome);
        assert.deepEqual(refusedBy(outcome.server), []);
      }));

    it('a model that the key may not use', () => {
      const product = litellm({ ...usual, virtualKeys: { 'sk-virtual': ['other'] } });
      return assert.rejects(
        runLoop({ ...at, product }, () => undefined),
        /key not allowed to access model/,
      );
    });

    it('a virtual key without a database', () =>
      assert.rejects(
        runLoop({ ...at, product: litellm({ ...usual, virtualKeys: null }) }, () => undefined),
        /No connected db/,
      ));

    it('a reasoning model', () =>
      runLoop({ ...at, product: litellm({ ...usual, models: { 'judge-seed': 'reasoning' } }) }, (outcome) => {
        // The proxy renames max_tokens itself.
        assertWhole(outcome, ADAPTED_TO_REASONING.slice(1));
        assertLearned(outcome.server, /UnsupportedParamsError/);
      }));
  });

  describe('OpenRouter', () => {
    const at = { heading: 'OpenRouter', environment: { OPENROUTER_API_KEY: 'sk-or-1' } };
    const usual = { apiKey: 'sk-or-1', models: ['meta-llama/llama-3.1-8b-instruct'] };
    const oneByOne = [/one completion at a time/];

    it('the same provider for every answer', () =>
      runLoop({ ...at, product: openrouter(usual) }, (outcome) => {
        assertWhole(outcome, oneByOne);
        assert.deepEqual(refusedBy(outcome.server), []);
        for (const { provider } of chatsOf(outcome.server))
          assert.deepEqual(provider, { order: ['deepinfra'], allow_fallbacks: false });
      }));

    it('providers that fail', () => {
      let n = 0;
      const fates = new Map([
        [1, 'broken'],
        [3, 'down'],
        [6, 'broken'],
        [11, 'broken'],
        [15, 'down'],
      ] as const);
      const fate = (): 'down' | 'broken' | null => fates.get(++n as 1) ?? null;
      return runLoop({ ...at, product: openrouter({ ...usual, fate }) }, (outcome) => {
        assertWhole(outcome, oneByOne);
        assert.ok(n > 15);
        assert.deepEqual(
          outcome.kept.filter((text) => text.length <= 4),
          [],
        );
      });
    });

    it('an input that is flagged', () => {
      const isBear = ({ messages }: ChatBody): boolean =>
        messages.some(({ content }) => content.includes('bears'));
      const fate = (body: ChatBody): 'flagged' | null => (isBear(body) ? 'flagged' : null);
      return runLoop({ ...at, product: openrouter({ ...usual, fate }) }, ({ drops, result }) => {
        assert.equal(drops['content-filter'], 1);
        assert.deepEqual(
          Object.keys(drops).filter((reason) => /^http|bad-answer/.test(reason)),
          [],
        );
        assert.equal(result.iterations.at(-1)?.metrics.accuracy.value, 1);
      });
    });

    it('credit that ends', () => {
      const credit = { nRequests: 9 };
      const topUp = ({ message }: Error): void => {
        assert.match(message, /402.*Insufficient credits/);
        credit.nRequests = Infinity;
      };
      return runLoop({ ...at, product: openrouter({ ...usual, credit }), onStop: topUp }, (outcome) => {
        assertWhole(outcome, oneByOne);
        assertAskedOnce(outcome);
      });
    });
  });

  describe('OpenAI', () => {
    const at = { heading: 'OpenAI', environment: { OPENAI_API_KEY: 'sk-openai' } };
    const usual = {
      apiKey: 'sk-openai',
      models: { 'gpt-4.1-mini': 'ordinary', 'o4-mini': 'reasoning' },
    } as const;

    it('a model that it trains itself', () =>
      runLoop({ ...at, product: openai(usual) }, (outcome) => {
        assertWhole(outcome);
        assert.deepEqual(refusedBy(outcome.server), []);
        assert.match(outcome.result.manifest.models.at(-1) ?? '', /^ft:gpt-4\.1-mini:org:loop-1/);
      }));

    it('a reasoning model', () =>
      runLoop({ ...at, product: openai(usual), settings: { ...BY_COMMAND, model: 'o4-mini' } }, (outcome) => {
        assertWhole(outcome, ADAPTED_TO_REASONING);
        assertLearned(outcome.server, /^400 Unsupported (parameter|value)/);
      }));

    it('a reasoning model whose settings fit', () =>
      runLoop({ ...at, block: 1, product: openai(usual) }, (outcome) => {
        assertWhole(outcome, ADAPTED_TO_REASONING.slice(0, 1));
        assertLearned(outcome.server, /^400 Unsupported parameter: 'max_tokens'/);
        for (const { reasoning_effort: effort } of chatsOf(outcome.server)) assert.equal(effort, 'low');
      }));

    it('a quota that is used up', () => {
      const credit = { nRequests: 9 };
      const topUp = ({ message }: Error): void => {
        assert.match(message, /429.*exceeded your current quota/);
        credit.nRequests = Infinity;
      };
      return runLoop({ ...at, product: openai({ ...usual, credit }), onStop: topUp }, (outcome) => {
        assertWhole(outcome);
        assertAskedOnce(outcome);
      });
    });

    it('a restricted key', () =>
      runLoop(
        { ...at, product: openai({ ...usual, isRestricted: true }), settings: BY_COMMAND },
        (outcome) => {
          assertWhole(outcome, [/Missing scopes: api\.model\.read/]);
          assert.equal(refusedBy(outcome.server).length, 1);
        },
      ));
  });

  describe('Azure OpenAI', () => {
    const at = { heading: 'Azure OpenAI', environment: { AZURE_OPENAI_API_KEY: 'az-1' } };
    const usual = {
      apiKey: 'az-1',
      deployments: { 'judge-seed': 'ordinary' },
      apiVersions: ['2024-10-21'],
    } as const;

    it('the v1 API', () =>
      runLoop({ ...at, product: azure(usual) }, (outcome) => {
        assertWhole(outcome);
        assert.deepEqual(refusedBy(outcome.server), []);
      }));

    it('a deployment of the dated API', () =>
      runLoop({ ...at, block: 1, product: azureDated(usual) }, (outcome) => {
        assertWhole(outcome);
        // It has no list of models.
        assert.deepEqual(refusedBy(outcome.server), ['404 Resource not found']);
        const [{ query, headers } = {}] = outcome.server.answered.slice(-1);
        assert.deepEqual([query?.toString(), headers?.authorization], ['api-version=2024-10-21', undefined]);
      }));

    it('filters of content', () => {
      const has = (body: ChatBody, word: string): boolean =>
        body.messages.some(({ content }) => content.endsWith(`tell me of ${word}`));
      const filters = (body: ChatBody): 'input' | 'answer' | null =>
        has(body, 'bears') ? 'input' : has(body, 'clouds') ? 'answer' : null;
      return runLoop({ ...at, product: azure({ ...usual, filters }) }, (outcome) => {
        assert.deepEqual(outcome.drops, { 'content-filter': 2 });
        assert.deepEqual(
          outcome.kept.filter((text) => text.length <= 4),
          [],
        );
        assert.deepEqual(outcome.warnings, []);
      });
    });
  });

  describe('Together', () => {
    it('a model that it trains itself', () => {
      const product = together({
        apiKey: 'tg-1',
        models: ['meta-llama/Meta-Llama-3.1-8B-Instruct-Reference'],
      });
      return runLoop(
        { heading: 'Together', product, environment: { TOGETHER_API_KEY: 'tg-1' } },
        (outcome) => {
          assertWhole(outcome);
          assert.deepEqual(refusedBy(outcome.server), []);
        },
      );
    });
  });

  describe('Gemini', () => {
    it('refused fields', () => {
      const product = gemini({ apiKey: 'AIza', models: ['gemini-2.5-flash'] });
      return runLoop({ heading: 'Gemini', product, environment: { GEMINI_API_KEY: 'AIza' } }, (outcome) => {
        assertWhole(outcome, [/leaves out seed/, /leaves out logprobs/, /one completion at a time/]);
        assertLearned(outcome.server, /^400 (Invalid JSON payload|Multiple candidates)/);
        const last = chatsOf(outcome.server).at(-1) ?? {};
        assert.deepEqual(
          ['seed', 'logprobs', 'n'].filter((name) => name in last),
          [],
        );
      });
    });
  });
});

// The whole loop against one strict server per product, each test named in docs/servers.md.
import assert from 'node:assert/strict';
import { messageInside } from '../../lib/src/model/chat-answer.js';
import type { ChatBody } from '../fixtures/servers/chat.js';
import type { Product, StrictServer } from '../fixtures/servers/strict-server.js';
import { failingGateway } from '../fixtures/servers/failing-gateway.js';
import { gemini } from '../fixtures/servers/gemini.js';
import { litellm } from '../fixtures/servers/litellm.js';
import { llamaServer } from '../fixtures/servers/llama-server.js';
import { ollama } from '../fixtures/servers/ollama.js';
import { openai } from '../fixtures/servers/openai.js';
import { openrouter } from '../fixtures/servers/openrouter.js';
import { sglang } from '../fixtures/servers/sglang.js';
import { together } from '../fixtures/servers/together.js';
import { vllm } from '../fixtures/servers/vllm.js';
import { runLoop, type LoopOptions, type Outcome } from './whole-loop.js';

/** Loads an adapter into a server of vLLM and names it; the loading is all that is scripted. */
const LOADS_ADAPTER = `node -e '
  const { AUTODIDACT_SUFFIX: name, AUTODIDACT_OUTPUT_FOLDER: path, AUTODIDACT_RESULT_FILE: file } = process.env;
  const body = JSON.stringify({ lora_name: name, lora_path: path });
  const headers = { "content-type": "application/json" };
  const address = process.env.AUTODIDACT_SERVER + "/v1/load_lora_adapter";
  fetch(address, { method: "POST", headers, body }).then(async (answer) => {
    if (!answer.ok) throw new Error(await answer.text());
    require("fs").writeFileSync(file, JSON.stringify({ model: name }));
  }).catch((thrown) => { console.error(thrown.message); process.exit(1); });
'`;

/** Puts an adapter where another server of vLLM finds it, and says where it is served. */
const SERVES_ELSEWHERE = `printf '{"model": "%s", "endpoint": "%s/v1"}' "$AUTODIDACT_SUFFIX" "$ELSEWHERE" > "$AUTODIDACT_RESULT_FILE"`;

const chatsOf = (server: StrictServer | undefined): ChatBody[] =>
  (server?.answered ?? [])
    .filter(({ path }) => path.endsWith('/chat/completions'))
    .map(({ body }) => body as ChatBody);

/** What a server refused, in order, apart from the question whether it trains. */
const refusedBy = (server: StrictServer | undefined): string[] =>
  (server?.refused() ?? [])
    .filter(({ path }) => !path.includes('fine_tuning'))
    .map(({ status, reply }) => `${status} ${messageInside(reply) ?? String(reply)}`);

/** At most this many requests are in flight when a server first refuses something, so that each of them may learn it. */
const MOST_LEARNING = 40;

/** Whatever was refused was refused for this, and while it was being learned. */
function assertLearned(server: StrictServer, reason: RegExp): void {
  const refused = refusedBy(server);
  assert.ok(refused.length > 0 && refused.length <= MOST_LEARNING, `${refused.length} refusals`);
  for (const said of refused) assert.match(said, reason);
}

/** A finished run in which nothing was lost, and nothing wrong. */
function assertWhole({ result, drops }: Outcome): void {
  assert.deepEqual(drops, {});
  assert.deepEqual(
    result.iterations.map(({ metrics }) => metrics.accuracy.value),
    [1, 1],
  );
}

const LLAMA = 'meta-llama/Llama-3.1-8B-Instruct';

/** A server of vLLM for the judges of products that serve only their own models. */
const elsewhere = (): Product => vllm({ model: LLAMA, maxModelLen: 8192, resolvable: ['loop-1'] });

/** Runs the loop on one product, with its judges served elsewhere. */
const runBeside = (
  {
    heading,
    origin,
    product,
    ...more
  }: Pick<LoopOptions, 'heading' | 'environment' | 'settings'> & {
    origin: string;
    product: Product;
  },
  check: (outcome: Outcome, server: StrictServer) => void,
): Promise<void> =>
  runLoop(
    { heading, products: { [origin]: product, elsewhere: elsewhere() }, trainer: SERVES_ELSEWHERE, ...more },
    (outcome) => {
      check(outcome, outcome.servers[origin]!);
    },
  );

describe('the whole loop against strict servers', function () {
  this.timeout(60_000);

  describe('vLLM', () => {
    const origin = 'http://127.0.0.1:8000';
    const usual = { model: LLAMA, maxModelLen: 8192, allowsAdapters: true };

    it('an adapter that a command trains and loads', () =>
      runLoop({ heading: 'vLLM', products: { [origin]: vllm(usual) }, trainer: LOADS_ADAPTER }, (outcome) => {
        assertWhole(outcome);
        assert.deepEqual(outcome.warnings, []);
        assert.deepEqual(refusedBy(outcome.servers[origin]), []);
        const asked = new Set(chatsOf(outcome.servers[origin]).map(({ model }) => model));
        assert.deepEqual([...asked], [LLAMA, 'loop-1']);
      }));

    it('an adapter that the server does not load', () =>
      assert.rejects(
        runLoop(
          {
            heading: 'vLLM',
            products: { [origin]: vllm({ ...usual, allowsAdapters: false }) },
            trainer: LOADS_ADAPTER,
          },
          () => undefined,
        ),
        /job\.log ends with: .*"Not Found"/,
      ));
  });

  describe('llama.cpp', () => {
    const at = { heading: 'llama.cpp', origin: 'http://127.0.0.1:8080' };
    const usual = { alias: 'llama-3.1-8b', contextTokens: 8192, slots: 4 };

    it('a model that is still being loaded', () =>
      runBeside({ ...at, product: llamaServer({ ...usual, nWhileLoading: 3 }) }, (outcome, server) => {
        assertWhole(outcome);
        assert.deepEqual(refusedBy(server), Array<string>(3).fill('503 Loading model'));
      }));

    it('fewer slots than judgments', () =>
      runBeside({ ...at, product: llamaServer({ ...usual, slots: 1 }) }, (outcome, server) => {
        assertWhole(outcome);
        assert.deepEqual(outcome.learned, ['n']);
        assertLearned(server, /^400 n_cmpl cannot be greater/);
      }));

    it('a version without n', () =>
      runBeside({ ...at, product: llamaServer({ ...usual, slots: null }) }, (outcome, server) => {
        assertWhole(outcome);
        assert.deepEqual(outcome.learned, ['n']);
        assertLearned(server, /^500 Only one completion choice/);
      }));
  });

  describe('SGLang', () => {
    it('a judge that another server serves', () =>
      runBeside(
        {
          heading: 'SGLang',
          origin: 'http://127.0.0.1:30000',
          product: sglang({ model: LLAMA, contextTokens: 8192 }),
        },
        (outcome, server) => {
          assertWhole(outcome);
          assert.deepEqual([outcome.warnings, refusedBy(server)], [[], []]);
        },
      ));
  });

  describe('Ollama', () => {
    it('one completion at a time', () =>
      runBeside(
        { heading: 'Ollama', origin: 'http://127.0.0.1:11434', product: ollama({ models: ['llama3.1:8b'] }) },
        (outcome, server) => {
          assertWhole(outcome);
          assert.deepEqual([outcome.learned, refusedBy(server)], [['n'], []]);
        },
      ));
  });

  describe('LiteLLM', () => {
    const at = {
      heading: 'LiteLLM',
      origin: 'http://127.0.0.1:4000',
      environment: { LITELLM_KEY: 'sk-virtual' },
    };
    const models = { 'judge-seed': 'ordinary', other: 'ordinary' } as const;
    const usual = { models, masterKey: 'sk-master', virtualKeys: { 'sk-virtual': ['judge-seed'] } };

    it('a virtual key', () =>
      runBeside({ ...at, product: litellm(usual) }, (outcome, server) => {
        assertWhole(outcome);
        assert.deepEqual([outcome.warnings, refusedBy(server)], [[], []]);
      }));

    it('a model that the key may not use', () =>
      assert.rejects(
        runBeside(
          { ...at, product: litellm({ ...usual, virtualKeys: { 'sk-virtual': ['other'] } }) },
          () => undefined,
        ),
        /key not allowed to access model|does not list judge-seed/,
      ));

    it('a virtual key without a database', () =>
      assert.rejects(
        runBeside({ ...at, product: litellm({ ...usual, virtualKeys: null }) }, () => undefined),
        /No connected db/,
      ));

    it('a reasoning model', () =>
      runBeside(
        { ...at, product: litellm({ ...usual, models: { 'judge-seed': 'reasoning' } }) },
        (outcome, server) => {
          assertWhole(outcome);
          assertLearned(server, /UnsupportedParamsError/);
        },
      ));
  });

  describe('OpenRouter', () => {
    const at = {
      heading: 'OpenRouter',
      origin: 'https://openrouter.ai',
      environment: { OPENROUTER_API_KEY: 'sk-or-1' },
    };
    const usual = { apiKey: 'sk-or-1', models: ['meta-llama/llama-3.1-8b-instruct'] };

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
      return runBeside({ ...at, product: openrouter({ ...usual, fate }) }, (outcome, server) => {
        assertWhole(outcome);
        assert.deepEqual([outcome.warnings, refusedBy(server)], [[], []]);
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
      return runBeside({ ...at, product: openrouter({ ...usual, fate }) }, ({ drops, result }) => {
        assert.deepEqual(Object.values(drops), [1]);
        assert.equal(result.iterations.at(-1)?.metrics.accuracy.value, 1);
      });
    });

    it('credit that ends', () =>
      assert.rejects(
        runBeside({ ...at, product: openrouter({ ...usual, nPaid: 9 }) }, () => undefined),
        /402.*Insufficient credits/,
      ));
  });

  describe('OpenAI', () => {
    const origin = 'https://api.openai.com';
    const at = { heading: 'OpenAI', environment: { OPENAI_API_KEY: 'sk-openai' } };
    const usual = { apiKey: 'sk-openai', models: { 'gpt-4.1-mini': 'ordinary' } } as const;

    it('a model that it trains itself', () =>
      runLoop({ ...at, products: { [origin]: openai(usual) } }, (outcome) => {
        assertWhole(outcome);
        assert.deepEqual([outcome.warnings, refusedBy(outcome.servers[origin])], [[], []]);
        assert.match(outcome.result.manifest.models.at(-1) ?? '', /^ft:gpt-4\.1-mini:org:loop-1/);
      }));

    it('a reasoning model', () =>
      runBeside(
        {
          ...at,
          origin,
          product: openai({ ...usual, models: { 'o4-mini': 'reasoning' } }),
          settings: {
            model: 'o4-mini',
            finetune: { trainer: { backend: 'command', command: 'sh train.sh' } },
          },
        },
        (outcome, server) => {
          assertWhole(outcome);
          assertLearned(server, /^400 Unsupported (parameter|value)/);
        },
      ));

    it('a restricted key', () =>
      runBeside(
        {
          ...at,
          origin,
          product: openai({ ...usual, isRestricted: true }),
          settings: { finetune: { trainer: { backend: 'command', command: 'sh train.sh' } } },
        },
        (outcome, server) => {
          assertWhole(outcome);
          assert.match(outcome.warnings.join('\n'), /Missing scopes: api\.model\.read/);
          assert.equal(outcome.warnings.length, 1);
          assertLearned(server, /^403 .*api\.model\.read/);
        },
      ));
  });

  describe('Together', () => {
    const origin = 'https://api.together.xyz';
    const model = 'meta-llama/Meta-Llama-3.1-8B-Instruct-Reference';

    it('a model that it trains itself', () =>
      runLoop(
        {
          heading: 'Together',
          products: { [origin]: together({ apiKey: 'tg-1', models: [model] }) },
          environment: { TOGETHER_API_KEY: 'tg-1' },
        },
        (outcome) => {
          assertWhole(outcome);
          assert.deepEqual([outcome.warnings, refusedBy(outcome.servers[origin])], [[], []]);
        },
      ));
  });

  describe('Gemini', () => {
    it('refused fields', () =>
      runBeside(
        {
          heading: 'Gemini',
          origin: 'https://generativelanguage.googleapis.com',
          product: gemini({ apiKey: 'AIza', models: ['gemini-2.5-flash'] }),
          environment: { GEMINI_API_KEY: 'AIza' },
        },
        (outcome, server) => {
          assertWhole(outcome);
          assert.deepEqual([...outcome.learned].sort(), ['logprobs', 'n', 'seed']);
          assertLearned(server, /^400 /);
        },
      ));
  });

  describe('A gateway on a bad day', () => {
    it('failures of every kind', () =>
      runBeside(
        {
          heading: 'A gateway on a bad day',
          origin: 'http://127.0.0.1:9000',
          product: failingGateway(vllm({ model: LLAMA, maxModelLen: 8192 }), { period: 3 }),
        },
        (outcome, server) => {
          assertWhole(outcome);
          assert.ok(server.refused().length >= 3);
        },
      ));
  });
});

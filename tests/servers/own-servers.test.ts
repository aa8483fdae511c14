// The whole loop against servers that one runs oneself, each test named in docs/servers.md.
import assert from 'node:assert/strict';
import { failingGateway } from '../fixtures/servers/failing-gateway.js';
import { llamaServer } from '../fixtures/servers/llama-server.js';
import { ollama } from '../fixtures/servers/ollama.js';
import { sglang } from '../fixtures/servers/sglang.js';
import { vllm } from '../fixtures/servers/vllm.js';
import { assertLearned, assertWhole, chatsOf, LLAMA, refusedBy, runLoop } from './whole-loop.js';

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

const ONE_BY_ONE = /one completion at a time/;

describe('the whole loop on servers of one’s own', function () {
  this.timeout(60_000);

  describe('vLLM', () => {
    const usual = { model: LLAMA, maxModelLen: 8192, allowsAdapters: true };
    const at = { heading: 'vLLM', trainer: LOADS_ADAPTER };

    it('an adapter that a command trains and loads', () =>
      runLoop({ ...at, product: vllm(usual) }, (outcome) => {
        assertWhole(outcome);
        assert.deepEqual(refusedBy(outcome.server), []);
        assert.deepEqual([...new Set(chatsOf(outcome.server).map(({ model }) => model))], [LLAMA, 'loop-1']);
      }));

    it('an adapter that the server does not load', () =>
      assert.rejects(
        runLoop({ ...at, product: vllm({ ...usual, allowsAdapters: false }) }, () => undefined),
        /job\.log ends with: .*"Not Found"/,
      ));

    it('a window that prompt and maxTokens exceed', () =>
      runLoop({ ...at, product: vllm({ ...usual, maxModelLen: 4096 }) }, (outcome) => {
        assertWhole(outcome, [/fewer completion tokens/]);
        assertLearned(
          outcome.server,
          /context length is only 4096 tokens|cannot be greater than max_model_len/,
          40,
        );
      }));

    it('a model that thinks unless it is told not to', () =>
      runLoop({ ...at, block: 1, product: vllm({ ...usual, model: 'Qwen/Qwen3-8B' }) }, (outcome) => {
        assertWhole(outcome);
        for (const body of chatsOf(outcome.server))
          assert.deepEqual(body.chat_template_kwargs, { enable_thinking: false });
      }));
  });

  describe('llama.cpp', () => {
    const usual = { alias: 'llama-3.1-8b', contextTokens: 8192, slots: 4 };

    it('a model that is still being loaded', () =>
      runLoop({ heading: 'llama.cpp', product: llamaServer({ ...usual, nWhileLoading: 3 }) }, (outcome) => {
        assertWhole(outcome, [/^http\S+ is still loading its model, and is waited for: /m]);
        assert.deepEqual(refusedBy(outcome.server), Array<string>(3).fill('503 Loading model'));
      }));

    it('fewer slots than judgments', () =>
      runLoop({ heading: 'llama.cpp', product: llamaServer({ ...usual, slots: 1 }) }, (outcome) => {
        assertWhole(outcome, [ONE_BY_ONE]);
        assertLearned(outcome.server, /^400 n_cmpl cannot be greater/);
      }));

    it('a version without n', () =>
      runLoop({ heading: 'llama.cpp', product: llamaServer({ ...usual, slots: null }) }, (outcome) => {
        assertWhole(outcome, [ONE_BY_ONE]);
        assertLearned(outcome.server, /^500 Only one completion choice/);
      }));
  });

  describe('SGLang', () => {
    it('a judge that another server serves', () =>
      runLoop({ heading: 'SGLang', product: sglang({ model: LLAMA, contextTokens: 8192 }) }, (outcome) => {
        assertWhole(outcome);
        assert.deepEqual(refusedBy(outcome.server), []);
      }));

    it('a window that prompt and maxTokens exceed', () =>
      runLoop({ heading: 'SGLang', product: sglang({ model: LLAMA, contextTokens: 4096 }) }, (outcome) => {
        assertWhole(outcome, [/fewer completion tokens/]);
        assertLearned(outcome.server, /maximum context length of 4096 tokens/, 40);
      }));
  });

  describe('Ollama', () => {
    it('one completion at a time', () =>
      runLoop({ heading: 'Ollama', product: ollama({ models: ['llama3.1:8b'] }) }, (outcome) => {
        assertWhole(outcome, [ONE_BY_ONE]);
        assert.deepEqual(refusedBy(outcome.server), []);
        // The judge that is served elsewhere has log-probabilities; a table holds one kind alone.
        assert.match(outcome.report, /Calibration is of the share of votes/);
      }));
  });

  describe('A gateway on a bad day', () => {
    it('failures of every kind', () => {
      const product = failingGateway(vllm({ model: LLAMA, maxModelLen: 8192 }), { period: 3 });
      return runLoop({ heading: 'A gateway on a bad day', product }, (outcome) => {
        assertWhole(outcome);
        assert.ok(outcome.server.refused().length >= 3);
      });
    });
  });
});

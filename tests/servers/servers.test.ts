// The whole loop against one strict server per product, each test named in docs/servers.md.
import assert from 'node:assert/strict';
import type { ChatBody } from '../fixtures/servers/chat.js';
import type { StrictServer } from '../fixtures/servers/strict-server.js';
import { vllm } from '../fixtures/servers/vllm.js';
import { runLoop, type Outcome } from './whole-loop.js';

/** Loads an adapter into a server of vLLM and names it; the loading is all that is scripted. */
const loadsAdapter = (variable: 'AUTODIDACT_SERVER' | 'ELSEWHERE'): string => `node -e '
  const { AUTODIDACT_SUFFIX: name, AUTODIDACT_OUTPUT_FOLDER: path, AUTODIDACT_RESULT_FILE: file, ${variable}: server } = process.env;
  const body = JSON.stringify({ lora_name: name, lora_path: path });
  const headers = { "content-type": "application/json" };
  fetch(server + "/v1/load_lora_adapter", { method: "POST", headers, body }).then(async (answer) => {
    if (!answer.ok) throw new Error(await answer.text());
    require("fs").writeFileSync(file, JSON.stringify({ model: name, endpoint: server + "/v1" }));
  }).catch((thrown) => { console.error(thrown.message); process.exit(1); });
'`;

const chatsOf = (server: StrictServer | undefined): ChatBody[] =>
  (server?.answered ?? [])
    .filter(({ path }) => path.endsWith('/chat/completions'))
    .map(({ body }) => body as ChatBody);

/** What a server refused, apart from the question whether it trains. */
const refusedBy = (server: StrictServer | undefined): string[] =>
  (server?.refused() ?? [])
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => !route.includes('fine_tuning'));

/** A finished run in which nothing was lost, and nothing wrong. */
function assertWhole({ result, drops }: Outcome): void {
  assert.deepEqual(drops, {});
  assert.deepEqual(
    result.iterations.map(({ metrics }) => metrics.accuracy.value),
    [1, 1],
  );
}

const LLAMA = 'meta-llama/Llama-3.1-8B-Instruct';

describe('the whole loop against strict servers', function () {
  this.timeout(60_000);

  describe('vLLM', () => {
    const origin = 'http://127.0.0.1:8000';
    const usual = { model: LLAMA, maxModelLen: 8192, allowsAdapters: true };

    it('an adapter that a command trains and loads', () =>
      runLoop(
        { heading: 'vLLM', products: { [origin]: vllm(usual) }, trainer: loadsAdapter('AUTODIDACT_SERVER') },
        (outcome) => {
          assertWhole(outcome);
          assert.deepEqual(outcome.warnings, []);
          assert.deepEqual(refusedBy(outcome.servers[origin]), []);
          const asked = new Set(chatsOf(outcome.servers[origin]).map(({ model }) => model));
          assert.deepEqual([...asked], [LLAMA, 'loop-1']);
        },
      ));

    it('an adapter that the server does not load', () =>
      assert.rejects(
        runLoop(
          {
            heading: 'vLLM',
            products: { [origin]: vllm({ ...usual, allowsAdapters: false }) },
            trainer: loadsAdapter('AUTODIDACT_SERVER'),
          },
          () => undefined,
        ),
        /job\.log ends with: .*"Not Found"/,
      ));
  });
});

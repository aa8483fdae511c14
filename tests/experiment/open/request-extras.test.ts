// Headers, query and body fields that settings add to requests: who gets them, what they change, and that secrets among them stay secret.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadExperimentConfig } from '../../../lib/src/experiment/config/load-config.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import { partitionsOf } from '../../../lib/src/experiment/open/partitions.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { answerOf } from '../../fixtures/servers/mind.js';
import { sendChoices, sendJson, type ChatBody } from '../../fixtures/quirky-server.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const BASE = {
  name: 'extras',
  iterations: 0,
  model: 'judge',
  pack: 'general',
  evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' } },
};
const ADDRESS = 'http://127.0.0.1:9/v1';

const pairs = (n: number): string =>
  Array.from(
    { length: n },
    (_, i) =>
      `${JSON.stringify({ itemId: `i${i}`, instruction: `explain ${i}`, slice: 'all', errorKind: 'none', winner: `good ${i}`, loser: `bad ${i}` })}\n`,
  ).join('');

/** The path of an experiment with these settings of its endpoint. */
async function withEndpoint(folder: string, endpoint: object, more: object = {}): Promise<string> {
  await writeFile(join(folder, 'pairs.jsonl'), pairs(2));
  return writeExperiment(folder, {
    ...BASE,
    ...more,
    endpoint: { provider: 'openai', baseUrl: ADDRESS, ...endpoint },
  });
}

/** Where the completions of models are kept. */
const partitions = (endpoint: object, models: string[]): Promise<string[]> =>
  inTemporaryFolder(async (folder) => {
    const prepared = await prepareExperiment(await withEndpoint(folder, endpoint), [], NEVER);
    return models.map(await partitionsOf(prepared, new RunFolder(join(folder, 'run'))));
  });

describe('what settings add to requests', () => {
  it('names the completions of a server as before where it is absent or empty', async () => {
    const plain = [`${ADDRESS}:judge`, `${ADDRESS}:constructor`];
    assert.deepEqual(await partitions({}, ['judge', 'constructor']), plain);
    const empty = {
      headers: {},
      query: {},
      extraBody: {},
      models: { judge: { contextLength: 4096 } },
      contextLength: 8192,
    };
    assert.deepEqual(await partitions(empty, ['judge', 'constructor']), plain);
    // Headers say who asks.
    assert.deepEqual(await partitions({ headers: { 'x-title': 'a' } }, ['judge', 'constructor']), plain);
  });

  it('keeps apart what a query or a field of the body can change, by model as well', async () => {
    const [plain] = await partitions({ identity: 'cluster' }, ['judge']);
    const thinking = { chat_template_kwargs: { enable_thinking: true } };
    const names = [
      plain,
      ...(await partitions({ identity: 'cluster', query: { 'api-version': '1' } }, ['judge'])),
      ...(await partitions({ identity: 'cluster', query: { 'api-version': '2' } }, ['judge'])),
      ...(await partitions({ identity: 'cluster', extraBody: thinking }, ['judge'])),
      ...(await partitions(
        { identity: 'cluster', extraBody: { top_k: 1 }, models: { judge: { extraBody: thinking } } },
        ['judge'],
      )),
    ];
    assert.equal(new Set(names).size, names.length, names.join('\n'));
    const [judge, other] = await partitions({ models: { judge: { extraBody: thinking } } }, [
      'judge',
      'other',
    ]);
    assert.notEqual(judge, `${ADDRESS}:judge`);
    assert.equal(other, `${ADDRESS}:other`);
  });

  it('makes another run only where it can change an answer', () =>
    inTemporaryFolder(async (folder) => {
      const idOf = async (endpoint: object): Promise<string> =>
        (await prepareExperiment(await withEndpoint(folder, endpoint), [], NEVER)).runId;
      const plain = await idOf({});
      assert.equal(await idOf({ headers: { 'x-title': 'a' }, contextLength: 4096 }), plain);
      assert.notEqual(await idOf({ extraBody: { top_k: 1 } }), plain);
      assert.notEqual(await idOf({ models: { judge: { extraBody: { top_k: 1 } } } }), plain);
    }));

  const refused: [what: string, endpoint: object, message: RegExp][] = [
    [
      'a field that the engine sends itself',
      { extraBody: { temperature: 0 } },
      /extraBody\.temperature: the engine sends this field itself/,
    ],
    [
      'the same for a model',
      { models: { judge: { extraBody: { n: 2 } } } },
      /models\.judge\.extraBody\.n: the engine sends/,
    ],
    ['streaming', { extraBody: { stream: true } }, /extraBody\.stream: the engine sends/],
    [
      'a key as a header',
      { headers: { 'api-key': 'k' } },
      /headers\.api-key: a key does not belong into the file; .* headersEnv/,
    ],
    [
      'a key in the query',
      { query: { key: 'k' } },
      /query\.key: a key does not belong into the file; .* queryEnv/,
    ],
    [
      'a key in the body',
      { extraBody: { api_key: 'k' } },
      /extraBody\.api_key: a key does not belong into the file/,
    ],
    [
      'a key inside the body',
      { extraBody: { user_config: { model_list: [{ litellm_params: { api_key: 'sk-123' } }] } } },
      /extraBody\.user_config\.model_list.*api_key: a key does not belong into the file/,
    ],
    [
      'a key under another name',
      { headers: { 'x-upstream': 'Bearer sk-123' } },
      /headers\.x-upstream: a key does not belong into the file; .* headersEnv/,
    ],
    [
      'a header of the engine',
      { headers: { 'content-type': 'text/plain' } },
      /the engine sends this header itself/,
    ],
    ['a header in capitals', { headers: { 'X-Title': 'a' } }, /in lower case/],
    ['a key in place of a name', { headersEnv: { 'api-key': 'sk-123' } }, /NAME of an environment variable/],
  ];
  for (const [what, endpoint, message] of refused)
    it(`is refused when the file is read for ${what}`, () =>
      inTemporaryFolder(async (folder) => {
        await assert.rejects(
          loadExperimentConfig(await withEndpoint(folder, endpoint), []),
          (error: Error) => {
            assert.match(error.message, message);
            assert.doesNotMatch(error.message, /sk-123/);
            return true;
          },
        );
      }));

  it('sets sampling to null from the command line as from the file', () =>
    inTemporaryFolder(async (folder) => {
      const path = await withEndpoint(folder, {}, { judge: { temperature: null } });
      const { judge, evaluate } = await loadExperimentConfig(path, [
        'judge.topP=null',
        'evaluate.maxTokens=null',
      ]);
      assert.deepEqual([judge.temperature, judge.topP, evaluate.maxTokens], [null, null, null]);
    }));

  it('says which variable lacks its value', () =>
    inTemporaryFolder(async (folder) => {
      const path = await withEndpoint(folder, { headersEnv: { 'api-key': 'AZURE_KEY' } });
      await assert.rejects(
        runIn(folder, path),
        /endpoint\.headersEnv\.api-key: expected an environment variable AZURE_KEY/,
      );
    }));
});

const KEY = 'az-0123456789abcdef';
const QUERY_KEY = 'qk-0123456789abcdef';

/** A gateway that takes nothing without its header and its query, trains at once, and repeats its keys in answers. */
async function startGateway(): Promise<{
  baseUrl: string;
  bodies: ChatBody[];
  paths: string[];
  close: () => void;
}> {
  const bodies: ChatBody[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://gateway');
      const isKnown =
        request.headers['api-key'] === KEY &&
        request.headers.authorization === undefined &&
        url.searchParams.get('api-version') === '2024-10-21' &&
        url.searchParams.get('key') === QUERY_KEY;
      if (!isKnown) return sendJson(response, 401, { error: { message: `denied: ${KEY} ${QUERY_KEY}` } });
      paths.push(`${request.method} ${url.pathname}`);
      if (request.method === 'GET')
        return sendJson(response, 200, { object: 'list', data: [{ id: 'judge' }] });
      const body = JSON.parse(text) as ChatBody;
      const isFirst = bodies.push(body) === 1;
      if (isFirst) return sendJson(response, 500, { error: { message: `broken at ${KEY}, ${QUERY_KEY}` } });
      sendChoices(response, [`${answerOf(body.messages)} ${KEY} ${QUERY_KEY}`]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    paths,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('a gateway that demands a header and a query', () => {
  for (const path of ['/openai/v1', '/openai/deployments/judge'])
    it(`gets them with every request, and nothing keeps its keys: ${path}`, () =>
      inTemporaryFolder(async (folder) => {
        const gateway = await startGateway();
        try {
          const endpoint = {
            baseUrl: gateway.baseUrl + path,
            headersEnv: { 'api-key': 'AZURE_KEY' },
            query: { 'api-version': '2024-10-21' },
            queryEnv: { key: 'QUERY_KEY' },
            extraBody: { reasoning_effort: 'low', top_k: 3 },
            models: { judge: { extraBody: { top_k: 5 } } },
          };
          const configPath = await withEndpoint(folder, endpoint);
          const environment = { AZURE_KEY: KEY, QUERY_KEY };
          const { result, events } = await runIn(folder, configPath, { environment });
          assert.equal(result.iterations[0]?.metrics.accuracy.value, 1);
          for (const body of gateway.bodies) {
            const { reasoning_effort: effort, top_k: k } = body as unknown as Record<string, unknown>;
            assert.deepEqual([effort, k], ['low', 5]);
          }
          assert.ok(gateway.paths.includes(`POST ${path}/chat/completions`));
          assert.ok(
            gateway.paths.includes(path.endsWith('v1') ? 'GET /openai/v1/models' : 'GET /openai/models'),
          );
          for (const secret of [KEY, QUERY_KEY]) {
            assert.ok(!JSON.stringify(events).includes(secret));
            for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
              if (!entry.isFile()) continue;
              const file = join(entry.parentPath, entry.name);
              assert.ok(!(await readFile(file, 'latin1')).includes(secret), file);
            }
          }
          await assert.rejects(
            runIn(folder, configPath, {
              environment: { ...environment, AZURE_KEY: `${KEY}x` },
              resultsFolder: join(folder, 'wrong'),
              completionsFolder: join(folder, 'none'),
            }),
            (error: Error) => error.message.includes('denied') && !error.message.includes(QUERY_KEY),
          );
        } finally {
          gateway.close();
        }
      }));
});

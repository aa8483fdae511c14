import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { examinationSchema, type Finding } from '../../../lib/src/schema/finding.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import { PLANNED_EXPERIMENT, writePlanned } from '../../fixtures/planned-experiment.js';
import { litellm } from '../../fixtures/servers/litellm.js';
import { openai } from '../../fixtures/servers/openai.js';
import { startStrictServer, type Answered, type Product } from '../../fixtures/servers/strict-server.js';
import { vllm } from '../../fixtures/servers/vllm.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { chatsOf } from '../../servers/whole-loop.js';

const TRAINER = { backend: 'command', command: ['sh', 'train.sh'] };

/** What the command printed, with the server's address as SERVER and the folder as FOLDER. */
interface Printed {
  code: number;
  out: string;
  err: string;
  findings: Finding[];
  answered: Answered[];
}

/** Examines the planned experiment at a product: as a table, and as JSON where the table is not wanted. */
async function doctor(
  product: Product,
  {
    settings = {},
    options = [],
    asTable = false,
    script = 'echo "{}" > "$AUTODIDACT_RESULT_FILE"',
  }: {
    settings?: { endpoint?: object } & Record<string, unknown>;
    options?: string[];
    asTable?: boolean;
    script?: string | null;
  } = {},
): Promise<Printed> {
  const server = await startStrictServer(product);
  try {
    return await inTemporaryFolder(async (folder) => {
      if (script !== null) await writeFile(join(folder, 'train.sh'), script);
      const baseUrl = `${server.origin}/v1`;
      const { endpoint = {}, ...others } = settings;
      const config = {
        ...PLANNED_EXPERIMENT,
        endpoint: {
          provider: 'openai',
          baseUrl,
          ...endpoint,
        },
        finetune: { trainer: TRAINER },
      };
      const path = await writePlanned(folder, { ...config, ...others });
      const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
      const { code, out, err } = await runCommandLine(
        'doctor',
        path,
        ...places,
        ...options,
        ...(asTable ? [] : ['--json']),
      );
      const plain = (text: string): string =>
        text.replaceAll(server.origin, 'SERVER').replaceAll(folder, 'FOLDER');
      const findings = asTable || out === '' ? [] : examinationSchema.parse(JSON.parse(plain(out))).findings;
      return { code, out: plain(out), err: plain(err), findings, answered: server.answered };
    });
  } finally {
    await server.close();
  }
}

/** The findings that are not ok, one line each. */
const troubles = ({ findings }: Printed): string[] =>
  findings
    .filter(({ verdict, check }) => verdict !== 'ok' && !['cost', 'time', 'disk'].includes(check))
    .map(({ verdict, check, found, remedy }) => `${verdict} ${check}: ${found} -> ${remedy ?? ''}`);

const judge = vllm({ model: 'seed', maxModelLen: 8192 });
const free = ['--no-requests'];

describe('autodidact doctor', () => {
  it('prints a line for each check, within 80 columns, and sends a few short requests', async () => {
    const prices = { '*': { inputUsdPerMillion: 1000, outputUsdPerMillion: 2000 } };
    const settings = { prices, budget: { costUsd: 1 }, notify: { urlEnv: 'NO_HOOK' } };
    const { out, code, answered } = await doctor(judge, { asTable: true, settings });
    assert.equal(code, 0);
    // The free space is this machine's.
    assert.equal(out.replace(/^ok +disk [^]*?free at \S+$/m, 'ok       disk …'), TABLE);
    for (const line of out.split('\n')) assert.ok(line.length <= 80 || /\S{52}/.test(line), line);
    const chats = answered
      .filter(({ path }) => path.endsWith('/chat/completions'))
      .map(({ body }) => body as { max_tokens: number });
    assert.equal(chats.length, 4);
    assert.ok(chats.every(({ max_tokens: maxTokens }) => maxTokens <= 16));
  });

  it('contacts no server without requests', async () => {
    const printed = await doctor(judge, { options: free });
    assert.deepEqual([printed.code, printed.answered], [0, []]);
    assert.ok(printed.findings.every(({ check }) => !['servers', 'requests'].includes(check)));
  });

  it('says what a run changes for a reasoning model behind LiteLLM', async () => {
    const product = litellm({ models: { seed: 'reasoning' }, masterKey: 'sk-1', virtualKeys: {} });
    process.env.DOCTOR_KEY = 'sk-1';
    const printed = await doctor(product, { settings: { endpoint: { apiKeyEnv: 'DOCTOR_KEY' } } });
    assert.equal(printed.code, 0);
    assert.match(
      troubles(printed).join('\n'),
      /warning requests: seed at .* was asked for temperature 0, top_p 1: a run leaves out temperature, leaves out top_p/,
    );
  });

  it('takes a restricted key of OpenAI that may chat but not list', async () => {
    process.env.DOCTOR_KEY = 'sk-2';
    const product = openai({ apiKey: 'sk-2', models: { seed: 'ordinary' }, isRestricted: true });
    const printed = await doctor(product, { settings: { endpoint: { apiKeyEnv: 'DOCTOR_KEY' } } });
    const [lists, serving, ...others] = troubles(printed);
    assert.match(lists ?? '', /^warning servers: SERVER\/v1 does not list its models.*api\.model\.read/);
    assert.match(serving ?? '', /^warning serving: .*load_lora_adapter/);
    assert.deepEqual([others, printed.code], [[], 0]);
    // With the wrong key, chat is refused as well.
    process.env.DOCTOR_KEY = 'sk-3';
    const refused = await doctor(product, { settings: { endpoint: { apiKeyEnv: 'DOCTOR_KEY' } } });
    assert.equal(refused.code, 5);
    const stops = troubles(refused).filter((line) => line.startsWith('stop'));
    // Every request is refused alike, which is told once.
    assert.equal(stops.length, 1);
    assert.match(stops[0] ?? '', /^stop requests: seed at SERVER\/v1: .* -> .*key/m);
    assert.doesNotMatch(refused.out, /sk-3/);
  });

  it('names the nearest model where one is missing, and makes the other checks all the same', async () => {
    const printed = await doctor(judge, { settings: { model: 'sead' }, script: null });
    assert.equal(printed.code, 5);
    const text = troubles(printed).join('\n');
    assert.match(text, /^stop servers: model sead: .*does not exist.* -> .*did you mean seed\?/m);
    assert.match(text, /^stop trainer: no file train\.sh/m);
  });

  it('finds that the server is away, that inputs are missing, that nothing has a price', async () => {
    const printed = await doctor(judge, {
      settings: {
        endpoint: { baseUrl: 'http://127.0.0.1:9/v1' },
        instructions: { source: 'jsonl', path: 'none.jsonl', perIteration: 4 },
      },
    });
    assert.equal(printed.code, 5);
    const text = troubles(printed).join('\n');
    assert.match(text, /^stop servers: .*127\.0\.0\.1:9/m);
    assert.match(text, /^stop inputs: .*instructions\.path: expected a file.*none\.jsonl/m);
  });

  it('names all servers that are away and all inputs that are missing at once', async () => {
    const printed = await doctor(judge, {
      settings: {
        endpoint: {
          baseUrl: 'http://127.0.0.1:9/v1',
          otherModels: { writer: { baseUrl: 'http://127.0.0.1:10/v1' } },
        },
        generate: { model: 'writer' },
        instructions: { source: 'jsonl', path: 'none.jsonl', perIteration: 4 },
        evaluate: { benchmark: { source: 'jsonl', path: 'nothing.jsonl' } },
      },
    });
    const stops = troubles(printed).filter((line) => line.startsWith('stop'));
    const [benchmark = '', instructions = '', servers = ''] = stops;
    assert.match(benchmark, /^stop inputs: .*nothing\.jsonl/);
    assert.match(instructions, /^stop inputs: .*none\.jsonl/);
    assert.match(servers, /^stop servers: .*127\.0\.0\.1:9\/v1: .*127\.0\.0\.1:10\/v1: /);
    assert.equal(stops.length, 3);
  });

  it('says what is done about instructions that overlap with the benchmark', async () => {
    const columns = { text: 'instruction' };
    const files = ['instructions', 'benchmark'].map((name) => ({ path: `${name}.jsonl`, columns }));
    const overlapOf = async (overlap: object, pool: object = { perIteration: 10 }): Promise<string> => {
      const instructions = { source: 'pool', files, perIteration: 8, ...pool };
      const settings = { instructions, overlap, pack: 'general', iterations: 1 };
      const { findings } = await doctor(judge, { options: free, settings });
      const of = findings.find(({ check }) => check === 'overlap' || check === 'inputs');
      return `${of?.verdict} ${of?.found}`;
    };
    const [refused, classified] = [/^stop overlap of training and benchmark/, { classify: {} }];
    assert.match(await overlapOf({}), refused);
    assert.match(
      await overlapOf({ action: 'report' }),
      /^warning .* 2 of the benchmark's items \(overlap\.action is/,
    );
    assert.match(
      await overlapOf({ waive: [{ reason: 'known' }] }),
      /^warning .* 2 of the benchmark's items \(all waived/,
    );
    assert.match(await overlapOf({ action: 'drop' }, {}), /^ok .* 2 of the benchmark's items are left out/);
    assert.match(await overlapOf({}, classified), refused);
    assert.match(await overlapOf({ action: 'report' }, classified), /^ok the rows were compared/);
  });

  it('compares prompts and answers with the window', async () => {
    const long = await doctor(vllm({ model: 'seed', maxModelLen: 64 }), {
      settings: { judge: { maxTokens: 4096 } },
    });
    assert.match(
      troubles(long).join('\n'),
      /^warning prompts: judge: 4 prompts for seed \(window 64\), .* up to 4,096: 4 do not fit with their answers, 0 not even alone -> Lower maxTokens of that stage to \d+/m,
    );
    const tiny = await doctor(vllm({ model: 'seed', maxModelLen: 8 }));
    assert.match(troubles(tiny).join('\n'), /^stop prompts: evaluate: .* not even alone/m);
    assert.equal(tiny.code, 5);
  });

  it('warns of a cap that a run would reach, and of what has no price', async () => {
    const capped = await doctor(judge, { options: free, settings: { budget: { calls: 10 } } });
    const cost = capped.findings.find(({ check }) => check === 'cost');
    assert.match(
      `${cost?.verdict} ${cost?.found}`,
      /^warning unknown, since .*; budget\.calls of 10 calls: would stop the run in iteration 1, generate/,
    );
  });

  it('shows nothing of a server that a terminal would obey', async () => {
    const missing = (): { status: number; body: unknown } => ({
      status: 400,
      body: { error: { message: 'no\u001b]0;owned\u0007 \u202E such \u009b31m model' } },
    });
    const { out } = await doctor({ routes: {}, missing }, { asTable: true });
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.match(out, /no ]0;owned/);
  });

  it('takes an answer that is reasoning alone for what it is: too few tokens', async () => {
    const routes = {
      'GET /v1/models': () => ({ body: { data: [{ id: 'seed' }] } }),
      'POST /v1/chat/completions': ({ body }: { body: unknown }) => ({
        body: {
          choices: Array.from({ length: (body as { n?: number }).n ?? 1 }, (_, index) => ({
            index,
            message: { role: 'assistant', content: null, reasoning_content: 'Hm.' },
            finish_reason: 'stop',
          })),
        },
      }),
    };
    const printed = await doctor({ routes, missing: () => ({ status: 404, body: {} }) });
    assert.deepEqual([printed.code, troubles(printed).length], [0, 1]);
  });

  it('examines every arm of a matrix, and says of which a finding is', async () => {
    const printed = await doctor(judge, {
      settings: { matrix: { arms: { three: {}, others: { model: 'sead' } }, baseline: 'three' } },
    });
    assert.equal(printed.code, 5);
    const stops = troubles(printed).filter((line) => line.startsWith('stop'));
    assert.deepEqual([stops.length, (stops[0] ?? '').includes(' (others) -> ')], [1, true]);
    assert.equal(printed.findings.filter(({ check }) => check === 'benchmark').length, 1);
  });

  it('refuses a wrong experiment file as every command does', async () => {
    const printed = await doctor(judge, { settings: { iterations: -1 } });
    assert.deepEqual([printed.code, printed.out], [2, '']);
    assert.match(printed.err, /^error: [^]*iterations: Too small/);
  });

  it('sends what a run sends: temperatures, roles, several completions, log-probabilities', async () => {
    const evaluate = { ...PLANNED_EXPERIMENT.evaluate, logprobs: true };
    const { answered } = await doctor(judge, {
      settings: { evaluate, judge: { samples: 3, temperature: 0.6 } },
    });
    const forms = chatsOf({ answered } as never).map(({ temperature, top_p, n, logprobs, seed }) =>
      [temperature, top_p, n ?? 1, logprobs ?? false, typeof seed].join(' '),
    );
    assert.deepEqual(forms, [
      '0 1 1 true number',
      '0.7 0.9 2 false number',
      '0.7 0.9 1 false number',
      '1 1 2 false number',
      '0.6 0.9 2 false number',
    ]);
  });
});

/** What the first test prints; `SERVER` is shorter than the address by which lines were broken. */
const TABLE = `planned: nothing was trained; chat requests sent: 4

ok       benchmark           2 items
ok       instructions        enough for all iterations
ok       overlap             instructions and benchmark have nothing in common
ok       prompts: evaluate   8 prompts for seed (window 8,192), the longest
                             about 17 tokens; answers up to 4,096
ok       prompts: generate   8 prompts for seed (window 8,192), the longest
                             about 12 tokens; answers up to 2,048
ok       prompts: judge      4 prompts for seed (window 8,192), the longest
                             about 17 tokens; answers up to 4,096
ok       servers             SERVER/v1 lists seed
ok       requests            seed at SERVER/v1 takes temperature
                             0, top_p 1
ok       requests            seed at SERVER/v1 takes temperature
                             0.7, top_p 0.9, n 2
ok       requests            seed at SERVER/v1 takes temperature
                             0.7, top_p 0.9
ok       requests            seed at SERVER/v1 takes temperature
                             1, top_p 1, n 2
ok       trainer             sh is installed; the files that the command names
                             are there
ok       trained model       named by the result file that the trainer writes
warning  serving             trained judges are asked at
                             SERVER/v1, unless the result file
                             or the log names an "endpoint"
                             -> Let the command load them there before it ends
                             (vLLM: /v1/load_lora_adapter), or serve them and
                             report the address.
warning  notify              expected an address in the environment variable
                             NO_HOOK
                             -> Set it, or no message is sent when the run ends.
warning  cost                $1.28, for 32 calls, 536 tokens in, 372 out;
                             budget.costUsd of $1.00: would stop the run in
                             iteration 1, evaluate; it needs $1.28
                             -> Raise the cap, or plan a smaller run: autodidact
                             plan shows its stages.
warning  time                unknown, as is the pace of the servers
                             -> Set plan.tokensPerSecond to what they write in
                             all.
ok       disk …

ok 14, warning 4, stop 0. The run can start.
`;

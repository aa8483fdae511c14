// Kills a run at random moments, finishes it, and compares: npm run test:kill -- --kills 20 [--only command]
// The server is a process of its own that outlives the kills, so that what it computed can be counted there.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { deriveRandom } from '../../lib/src/core/random.js';
import { SMALL_EXPERIMENT } from '../fixtures/small-experiment.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const nKills = Number(values.kills);
assert.ok(Number.isInteger(nKills) && nKills > 0, '--kills: expected a whole number, 1 or more');
const random = deriveRandom('kill', values.seed);
const bin = 'lib/bin/autodidact.js';
const START_MS = 500;
const folder = await mkdtemp(join(tmpdir(), 'autodidact-kill-'));

interface Usage {
  completions: { choices: number; replayed: number };
  jobs: { created: number };
  duplicateKeys: number;
}

async function startServer(state: string): Promise<{ child: ChildProcess; baseUrl: string }> {
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json', '--state', state], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const died = once(child, 'close').then(([code]) =>
    Promise.reject(new Error(`the server ended with code ${String(code)}`)),
  );
  died.catch(() => undefined);
  const [line] = (await Promise.race([once(child.stdout, 'data'), died])) as [Buffer];
  return { child, baseUrl: (JSON.parse(String(line)) as { baseUrl: string }).baseUrl };
}

const usageOf = async (baseUrl: string): Promise<Usage> =>
  (await (await fetch(new URL('/autodidact/usage', baseUrl))).json()) as Usage;

function startRun(name: string, config: string): ChildProcess {
  const args = [
    'run',
    config,
    '--results',
    join(folder, name, 'results'),
    '--completions',
    join(folder, name, 'completions'),
  ];
  return spawn(process.execPath, [bin, ...args, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
}

async function finishRun(name: string, config: string): Promise<{ metrics: unknown; wallMs: number }> {
  const startedMs = performance.now();
  const child = startRun(name, config);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0, 'the run ended well');
  const { iterations } = JSON.parse(text) as { iterations: { metrics: unknown; model: string }[] };
  return {
    metrics: iterations.map(({ metrics, model }) => ({ metrics, model })),
    wallMs: performance.now() - startedMs,
  };
}

async function writeConfig(name: string, endpoint: object, trainer?: object): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  const instructions = { source: 'embedded', perIteration: 240 };
  const finetune = { ...SMALL_EXPERIMENT.finetune, ...(trainer ? { trainer } : {}) };
  await writeFile(path, stringify({ ...SMALL_EXPERIMENT, endpoint, instructions, finetune }));
  return path;
}

/**
 * Starts a run again and again and kills it at random moments, spread over the time that an undisturbed one takes. A run that ends
 * by itself before enough were killed is a failure of this test, not of the run.
 */
async function disturb(name: string, config: string, undisturbedMs: number): Promise<void> {
  for (let attempt = 1; attempt <= nKills; attempt++) {
    // Starting takes a while; after that each attempt gets, on average, half its share of an undisturbed run.
    const waitMs = START_MS + (random.next() * undisturbedMs) / nKills;
    const child = startRun(name, config);
    const closed = once(child, 'close');
    await sleep(waitMs);
    child.kill('SIGKILL');
    await closed;
    assert.equal(
      child.signalCode,
      'SIGKILL',
      `attempt ${attempt} was to be killed; it ended with code ${child.exitCode}`,
    );
  }
}

/** The server outlives the run: what it computed is counted there. */
async function killBesideAServer(): Promise<void> {
  const calm = await startServer(join(folder, 'calm-state'));
  const endpoint = { provider: 'openai', identity: 'the-same-server', concurrency: 16 };
  const undisturbed = await finishRun(
    'calm',
    await writeConfig('calm', { ...endpoint, baseUrl: calm.baseUrl }),
  );
  const calmUsage = await usageOf(calm.baseUrl);
  calm.child.kill();

  const rough = await startServer(join(folder, 'rough-state'));
  const config = await writeConfig('rough', { ...endpoint, baseUrl: rough.baseUrl });
  await disturb('rough', config, undisturbed.wallMs);
  const survived = await finishRun('rough', config);
  const usage = await usageOf(rough.baseUrl);
  rough.child.kill();

  assert.deepEqual(survived.metrics, undisturbed.metrics, 'same metrics and models as undisturbed');
  assert.equal(usage.duplicateKeys, 0, 'no completion computed twice');
  assert.equal(
    usage.completions.choices,
    calmUsage.completions.choices,
    'as many completions as undisturbed',
  );
  assert.equal(usage.jobs.created, calmUsage.jobs.created, 'as many jobs as undisturbed');
  process.stdout.write(
    `server apart: ${nKills} kills; metrics equal; ${usage.completions.choices} completions computed, none twice ` +
      `(${usage.completions.replayed} answers given again to an asker that came back); ${usage.jobs.created} jobs\n`,
  );
}

/** The server is a thread of the run and dies with it, fine-tuning jobs included. */
async function killWithTheServer(): Promise<void> {
  const configFor = (name: string): Promise<string> =>
    writeConfig(name, { provider: 'embedded', stateFolder: join(folder, `${name}-state`), concurrency: 16 });
  const undisturbed = await finishRun('calm-inside', await configFor('calm-inside'));
  const config = await configFor('rough-inside');
  await disturb('rough-inside', config, undisturbed.wallMs);
  const survived = await finishRun('rough-inside', config);
  assert.deepEqual(survived.metrics, undisturbed.metrics, 'same metrics and models as undisturbed');
  const { child, baseUrl } = await startServer(join(folder, 'rough-inside-state'));
  const jobs = (await (await fetch(`${baseUrl}/fine_tuning/jobs`)).json()) as { data: unknown[] };
  child.kill();
  assert.equal(jobs.data.length, SMALL_EXPERIMENT.iterations, 'one job an iteration');
  process.stdout.write(`server inside: ${nKills} kills; metrics equal; ${jobs.data.length} jobs\n`);
}

/** The routes that vLLM has and a run uses; it has no `GET /v1/models/<id>`, no files and no jobs. */
const VLLM_ROUTES = /^(?:POST \/v1\/chat\/completions|GET \/v1\/models|GET \/health|GET \/version)$/;

/** A server in front of another one, with the routes of vLLM alone, which closes with this process. */
async function withRoutesOfVllm(baseUrl: string): Promise<{ baseUrl: string; close: () => void }> {
  const proxy = createServer((request, response) => {
    if (!VLLM_ROUTES.test(`${request.method ?? ''} ${request.url ?? ''}`)) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"Not Found"}');
      return;
    }
    const { method, headers } = request;
    const passed = httpRequest(new URL(request.url ?? '/', baseUrl), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    // A run that was killed takes its requests with it.
    passed.on('error', () => response.destroy());
    response.on('error', () => passed.destroy());
    request.pipe(passed);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

/** A command trains, in a process that outlives the kills, and its models are found by the server at once, which has vLLM's routes. */
async function killBesideATrainer(): Promise<void> {
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const script = resolve('scripts/embedded-trainer.ts');
  const places = (name: string): { server: string; jobs: string; trainings: string } => ({
    server: join(folder, `${name}-state`),
    jobs: join(folder, `${name}-jobs`),
    trainings: join(folder, `${name}-trainings`),
  });
  const start = async (name: string): Promise<{ config: string; close: () => void }> => {
    const { server, jobs, trainings } = places(name);
    const { child, baseUrl: origin } = await startServer(server);
    const { baseUrl, close } = await withRoutesOfVllm(origin);
    const endpoint = { provider: 'openai', identity: 'the-same-server', concurrency: 16, baseUrl };
    const command = `echo "$AUTODIDACT_SUFFIX" >> '${trainings}' && '${process.execPath}' --import '${tsx}' '${script}'`;
    const trainer = { backend: 'command', command, values: { stateFolder: server }, jobsFolder: jobs };
    return {
      config: await writeConfig(name, endpoint, trainer),
      close: () => {
        close();
        child.kill();
      },
    };
  };
  const calm = await start('calm-command');
  const undisturbed = await finishRun('calm-command', calm.config);
  calm.close();
  const rough = await start('rough-command');
  await disturb('rough-command', rough.config, undisturbed.wallMs);
  const survived = await finishRun('rough-command', rough.config);
  rough.close();
  assert.deepEqual(survived.metrics, undisturbed.metrics, 'same metrics and models as undisturbed');
  const trainings = (await readFile(places('rough-command').trainings, 'utf8')).trim().split('\n');
  const once = Array.from(
    { length: SMALL_EXPERIMENT.iterations },
    (_, i) => `${SMALL_EXPERIMENT.name}-${i + 1}`,
  );
  assert.deepEqual(trainings, once, 'the command trained once for each iteration');
  process.stdout.write(
    `trainer command at a server with vLLM's routes: ${nKills} kills; metrics and models equal; ${trainings.length} trainings\n`,
  );
}

try {
  const parts = { server: killBesideAServer, inside: killWithTheServer, command: killBesideATrainer };
  for (const [name, part] of Object.entries(parts)) if ((values.only ?? name) === name) await part();
} finally {
  await rm(folder, { recursive: true, force: true });
}

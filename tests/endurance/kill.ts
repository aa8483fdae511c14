// Kills a run at random moments, finishes it, and compares: npm run test:kill -- --kills 20
// The server is a process of its own that outlives the kills, so that what it computed can be counted there.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { deriveRandom } from '../../lib/src/core/random.js';
import { SMALL_EXPERIMENT } from '../fixtures/small-experiment.js';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
const nKills = Number(values.kills);
const random = deriveRandom('kill', values.seed);
const bin = 'lib/bin/autodidact.js';
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
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
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

async function configFor(name: string, baseUrl: string): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  const endpoint = { provider: 'openai', baseUrl, identity: 'the-same-server', concurrency: 16 };
  const instructions = { source: 'embedded', perIteration: 240 };
  await writeFile(path, stringify({ ...SMALL_EXPERIMENT, endpoint, instructions }));
  return path;
}

try {
  const calm = await startServer(join(folder, 'calm-state'));
  const calmConfig = await configFor('calm', calm.baseUrl);
  const undisturbed = await finishRun('calm', calmConfig);
  const calmUsage = await usageOf(calm.baseUrl);
  calm.child.kill();

  const rough = await startServer(join(folder, 'rough-state'));
  const roughConfig = await configFor('rough', rough.baseUrl);
  let killed = 0;
  for (let attempt = 0; attempt < nKills; attempt++) {
    // Anywhere from the first moments to most of an undisturbed run: later stages are reached as earlier ones are done.
    const waitMs = 300 + random.next() * undisturbed.wallMs * 0.5;
    const child = startRun('rough', roughConfig);
    const closed = once(child, 'close');
    await Promise.race([sleep(waitMs), closed]);
    if (child.exitCode === null && child.kill('SIGKILL')) killed++;
    await closed;
    process.stdout.write(
      `kill ${attempt + 1} after ${waitMs.toFixed(0)} ms${child.exitCode === 0 ? ' (it had finished)' : ''}\n`,
    );
    if (child.exitCode === 0) break;
  }
  const survived = await finishRun('rough', roughConfig);
  const roughUsage = await usageOf(rough.baseUrl);
  rough.child.kill();

  assert.deepEqual(survived.metrics, undisturbed.metrics, 'same metrics and models as undisturbed');
  assert.equal(roughUsage.duplicateKeys, 0, 'no completion computed twice');
  assert.equal(
    roughUsage.completions.choices,
    calmUsage.completions.choices,
    'as many completions as undisturbed',
  );
  assert.equal(roughUsage.jobs.created, calmUsage.jobs.created, 'as many jobs as undisturbed');
  process.stdout.write(
    `${killed} kills; metrics equal; ${roughUsage.completions.choices} completions computed, none twice ` +
      `(${roughUsage.completions.replayed} answers given again to a request whose asker was killed); ${roughUsage.jobs.created} jobs\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

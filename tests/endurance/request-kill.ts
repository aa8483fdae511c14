// Kills one run of 5,000 requests again and again, then lets it end, and runs it in two processes at once: npm run test:request-kill
// The server is this process: it outlives the kills and counts what it is asked.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readTextIfPresent } from '../../lib/src/core/files.js';
import { deriveRandom } from '../../lib/src/core/random.js';
import { completionKeys } from '../../lib/src/model/index.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { compileScript, runScript, startScript } from '../fixtures/compiled-script.js';
import type { EngineFigures, EngineTask } from '../fixtures/engine-script.js';
import { numberedQuestion, QUESTION_IDENTITY } from '../fixtures/numbered-question.js';
import { startCountingServer, type CountingServer } from './counting-server.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    requests: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
  },
});
const nKills = Number(values.kills);
const nQuestions = Number(values.requests);
assert.ok(Number.isInteger(nKills) && nKills > 0, '--kills: expected a whole number, 1 or more');
assert.ok(Number.isInteger(nQuestions) && nQuestions > nKills, '--requests: expected more than kills');
const random = deriveRandom('request-kill', values.seed);

const N_IN_FLIGHT = 64;
const PROMPT_CHARACTERS = 200;
/** A process is up after about so long; some kills come before that. */
const START_MS = 250;
const folder = await mkdtemp(join(tmpdir(), 'autodidact-request-kill-'));
const script = await compileScript(new URL('../fixtures/engine-script.ts', import.meta.url));

/** A run of all questions by one process. */
function taskOf(name: string, options: Pick<EngineTask, 'baseUrl' | 'segmentName'>): EngineTask {
  return {
    ...options,
    kind: 'ask',
    storeFolder: join(folder, name, 'completions'),
    rowsFile: join(folder, name, `${options.segmentName}-rows.jsonl`),
    nQuestions,
    nWarmUp: 0,
    nInFlight: N_IN_FLIGHT,
    // What is under way counts until it is durable, so that no more than this can be lost.
    lookAhead: N_IN_FLIGHT,
    promptCharacters: PROMPT_CHARACTERS,
  };
}

const rowsOf = async ({ rowsFile }: EngineTask): Promise<string[]> =>
  (await readFile(rowsFile, 'utf8')).trimEnd().split('\n');

/** The questions whose answers a store holds, read by a store of this process. */
async function durableQuestions(storeFolder: string): Promise<Set<number>> {
  const store = new CompletionStore({ folder: storeFolder, segmentName: 'reader' });
  try {
    const requests = Array.from({ length: nQuestions }, (_, number) =>
      numberedQuestion(number, { promptCharacters: PROMPT_CHARACTERS }),
    );
    const partition = `${QUESTION_IDENTITY}:${requests[0]?.model ?? ''}`;
    const found = await store.getAll(
      partition,
      requests.flatMap((request) => completionKeys(partition, request)),
    );
    return new Set(found.flatMap((completion, number) => (completion === null ? [] : [number])));
  } finally {
    await store.close();
  }
}

/** Waits until the server has sent so many answers, then a little longer; or for a time, whichever is over first. */
async function untilKilled(
  child: ChildProcess,
  { server, nAnswers, latestMs }: { server: CountingServer; nAnswers: number; latestMs: number },
): Promise<void> {
  let nLeft = nAnswers;
  const answered = new Promise<void>((resolve) => {
    server.onAnswered = () => {
      if (--nLeft <= 0) resolve();
    };
  });
  const timeUp = new AbortController();
  const closed = once(child, 'close');
  await Promise.race([
    answered.then(() => sleep(5 * random.next())),
    sleep(latestMs, undefined, { signal: timeUp.signal }).catch(() => undefined),
    closed,
  ]);
  timeUp.abort();
  child.kill('SIGKILL');
  await closed;
  assert.equal(child.signalCode, 'SIGKILL', `it was to be killed and ended with code ${child.exitCode}`);
  // What it sent last may still be on its way to the server.
  await sleep(10);
}

/** One run, killed again and again. */
async function killOneRun(expectedRows: readonly string[]): Promise<void> {
  const server = await startCountingServer();
  const task = taskOf('rough', { baseUrl: server.baseUrl, segmentName: 'life-0' });
  const acknowledgedFile = join(folder, 'acknowledged');
  let durable = new Set<number>();
  let askedNow = new Set<number>();
  let nResent = 0;
  server.onAsked = (number) => {
    askedNow.add(number);
    if (durable.has(number)) nResent++;
  };
  let nLost = 0;
  let nRepeatable = 0;
  let mostRepeatable = 0;
  let nBeforeAnyRequest = 0;
  for (let life = 1; life <= nKills; life++) {
    askedNow = new Set();
    const share = Math.floor((2 * (nQuestions - durable.size)) / (nKills - life + 2));
    const isEarly = random.next() < 0.1;
    const child = startScript(script, { ...task, segmentName: `life-${life}`, acknowledgedFile });
    await untilKilled(child, {
      server,
      nAnswers: 1 + random.below(Math.max(1, share)),
      latestMs: isEarly ? START_MS * random.next() : 60_000,
    });
    durable = await durableQuestions(task.storeFolder);
    const acknowledged = ((await readTextIfPresent(acknowledgedFile)) ?? '').split('\n').slice(0, -1);
    nLost += acknowledged.filter((number) => !durable.has(Number(number))).length;
    const nAskedInVain = [...askedNow].filter((number) => !durable.has(number)).length;
    if (askedNow.size === 0) nBeforeAnyRequest++;
    nRepeatable += nAskedInVain;
    mostRepeatable = Math.max(mostRepeatable, nAskedInVain);
  }
  const nBeforeTheEnd = durable.size;
  const last = { ...task, segmentName: 'life-last' };
  await runScript(script, last);
  await server.close();
  const nAsked = [...server.timesAsked.values()].reduce((sum, times) => sum + times, 0);
  assert.equal(nLost, 0, 'nothing that was acknowledged is lost');
  assert.equal(nResent, 0, 'nothing that was durable is sent again');
  assert.ok(mostRepeatable <= N_IN_FLIGHT, `${mostRepeatable} requests were cut off by one kill`);
  assert.equal(server.timesAsked.size, nQuestions, 'everything was asked');
  assert.equal(nAsked, nQuestions + nRepeatable, 'only what a kill cut off was asked again');
  assert.ok(
    [...server.keys.values()].every((numbers) => numbers.size === 1) && server.keys.size === nQuestions,
    'each question has one idempotency key, its own',
  );
  assert.deepEqual(await rowsOf(last), expectedRows, 'the same rows as undisturbed');
  process.stdout.write(
    `one run of ${nQuestions} requests, killed ${nKills} times (${nBeforeAnyRequest} before its first request), ` +
      `${nBeforeTheEnd} durable before the last life: exit code 0, rows equal; 0 acknowledged lost, 0 durable sent again; ` +
      `${nAsked - nQuestions} repeated in all, at most ${mostRepeatable} for one kill\n`,
  );
}

/** Two processes at once on one store, over the same questions. */
async function runTwo(
  name: string,
  { expectedRows, backwards }: { expectedRows: readonly string[]; backwards: boolean },
): Promise<void> {
  const server = await startCountingServer();
  const tasks = ['one', 'other'].map((segmentName) => ({
    ...taskOf(name, { baseUrl: server.baseUrl, segmentName }),
    backwards: backwards && segmentName === 'other',
  }));
  const startMs = performance.now();
  const figures = await Promise.all(
    tasks.map(async (task) => JSON.parse(await runScript(script, task)) as EngineFigures),
  );
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  await server.close();
  assert.equal(server.timesAsked.size, nQuestions, 'everything was asked');
  assert.deepEqual(
    [...server.timesAsked].filter(([, times]) => times > 1),
    [],
    'nothing was asked twice',
  );
  for (const task of tasks) {
    const rows = await rowsOf(task);
    assert.deepEqual(task.backwards ? rows.toReversed() : rows, expectedRows, 'the same rows as alone');
  }
  process.stdout.write(
    `two processes at once, ${backwards ? 'one of them backwards' : 'in the same order'}: each question asked once ` +
      `(${figures.map(({ nRequests }) => nRequests).join(' + ')}), rows equal, ${seconds} s\n`,
  );
}

/** Of two processes at once one is killed: the other takes over what that had announced. */
async function killOneOfTwo(expectedRows: readonly string[]): Promise<void> {
  const server = await startCountingServer();
  const { baseUrl } = server;
  // From the other end, so that both always have something in flight.
  const victim = { ...taskOf('two-killed', { baseUrl, segmentName: 'victim' }), backwards: true };
  const survivor = taskOf('two-killed', { baseUrl, segmentName: 'survivor' });
  const child = startScript(script, victim);
  const survived = runScript(script, survivor);
  await untilKilled(child, { server, nAnswers: nQuestions / 2, latestMs: 60_000 });
  await survived;
  await server.close();
  const nRepeated = [...server.timesAsked.values()].filter((times) => times > 1).length;
  assert.equal(server.timesAsked.size, nQuestions, 'everything was asked');
  assert.ok(nRepeated <= N_IN_FLIGHT, `${nRepeated} requests were repeated`);
  assert.deepEqual(await rowsOf(survivor), expectedRows, 'the same rows as alone');
  process.stdout.write(
    `two processes at once, one killed: the other ends with code 0 and equal rows, ${nRepeated} repeated\n`,
  );
}

try {
  const server = await startCountingServer();
  const calm = taskOf('calm', { baseUrl: server.baseUrl, segmentName: 'only' });
  const { wallMs } = JSON.parse(await runScript(script, calm)) as EngineFigures;
  await server.close();
  const rows = await rowsOf(calm);
  assert.equal(rows.length, nQuestions);
  process.stdout.write(`undisturbed: ${nQuestions} requests in ${(wallMs / 1000).toFixed(1)} s\n`);
  await killOneRun(rows);
  await runTwo('two', { expectedRows: rows, backwards: false });
  await runTwo('two-backwards', { expectedRows: rows, backwards: true });
  await killOneOfTwo(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

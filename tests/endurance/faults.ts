// Ten thousand requests to a server that fails in every way that has been seen, twice over: npm run test:faults
// The client is a process of its own, so that what it leaves behind shows and that it ends by itself.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { questionOf } from '../fixtures/fault-echo.js';
import { assertEachEndedOnce } from '../fixtures/fault-expectations.js';
import { ALL_FAULTS, FaultPlan } from '../fixtures/fault-plan.js';
import { EMPTY } from '../fixtures/fault-run.js';
import { startFaultServer } from '../fixtures/fault-server.js';
import type { FaultClientResult, FaultClientTask } from './faults-client.js';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const nItems = Number(values.requests);
assert.ok(Number.isInteger(nItems) && nItems >= 1000, '--requests: expected a whole number, 1000 or more');

const CONCURRENCY = 64;
const TIMEOUT_MS = 500;
/** A client that has not ended by then waits for something that it should have let go. */
const LONGEST_MS = 600_000;
const MOST_HEAP_GROWTH_MIB = 8;

async function runClient(task: FaultClientTask): Promise<FaultClientResult> {
  const path = fileURLToPath(new URL('./faults-client.ts', import.meta.url));
  const args = ['--expose-gc', '--import', 'tsx', path, JSON.stringify(task)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.equal(code, 0, `the client ended by itself and well, not with ${String(code ?? signal)}`);
  return JSON.parse(text) as FaultClientResult;
}

/** No crash, no leak, no wrong pairing; every input one outcome; the store holds what was answered and nothing else. */
function assertWell(result: FaultClientResult, plan: FaultPlan): void {
  const asked = Array.from({ length: nItems }, (_, i) => i);
  assertEachEndedOnce(result, { asked, plan });
  const nSamplesOf = (items: readonly number[]): number =>
    items.reduce((sum, item) => sum + questionOf(item).nSamples, 0);
  assert.equal(result.nStoredOfKept, nSamplesOf(result.kept), 'all that is kept is in the store');
  const empty = result.drops.filter(([, reason]) => reason === EMPTY).map(([item]) => item);
  assert.equal(
    result.nStoredOfDropped,
    nSamplesOf(empty),
    'of what was dropped only answers without text are',
  );
  assert.deepEqual(result.warnings, [], 'no warning of the runtime');
  assert.deepEqual(result.leftOver, [], 'no connection, timer or file left open');
  assert.ok(
    result.heapGrowthMiB < MOST_HEAP_GROWTH_MIB,
    `the heap grew by ${result.heapGrowthMiB.toFixed(1)} MiB`,
  );
}

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');

const folder = await mkdtemp(join(tmpdir(), 'autodidact-faults-'));
const plan = new FaultPlan({
  seed: values.seed,
  weights: ALL_FAULTS,
  limitsFrom: Math.round(0.5 * nItems),
  // From here on requests for several samples fall back to one by one.
  fewerChoicesFrom: Math.round(0.7 * nItems),
});
const server = await startFaultServer(plan, {
  latencyMs: 5,
  retryAfterMs: 100,
  lateMs: TIMEOUT_MS + 200,
  slowMs: 50,
});
try {
  const task: FaultClientTask = {
    baseUrl: server.baseUrl,
    storeFolder: join(folder, 'completions'),
    segmentName: 'first',
    nItems,
    nFirst: Math.round(0.2 * nItems),
    concurrency: CONCURRENCY,
    timeoutMs: TIMEOUT_MS,
  };
  const first = await runClient(task);
  const counts = server.counts();
  assertWell(first, plan);
  // Those that were given up are still being closed when the next ones come.
  assert.ok(counts.mostInFlight <= 1.25 * CONCURRENCY, `${counts.mostInFlight} requests in flight at once`);
  const causes: Record<string, number> = {};
  for (const [, reason] of first.drops) causes[reason] = (causes[reason] ?? 0) + 1;
  process.stdout.write(
    `${nItems} inputs: ${first.kept.length} kept, each with its own answer; ${first.drops.length} dropped (${countsText(causes)})\n` +
      `  ${counts.nRequests} attempts, ${counts.mostInFlight} in flight at most; the server's answers: ${countsText(counts.byOutcome)}\n` +
      `  attempts that failed: ${countsText(first.usage.errors)}; ${counts.nInVain} answers came too late\n` +
      `  ${(first.wallMs / 1000).toFixed(1)} s, peak ${first.peakMiB.toFixed(0)} MiB, heap ` +
      `${first.heapGrowthMiB >= 0 ? '+' : ''}${first.heapGrowthMiB.toFixed(1)} MiB over the last ${nItems - task.nFirst} inputs; ` +
      `events: ${countsText(first.events)}\n`,
  );

  server.resetCounts();
  const second = await runClient({ ...task, segmentName: 'second' });
  assertWell(second, plan);
  assert.deepEqual(second.kept, first.kept, 'the same inputs are kept');
  assert.deepEqual(second.drops, first.drops, 'the same inputs are dropped');
  const keptItems = new Set(first.kept);
  const askedAgain = [...server.counts().attemptsByItem.keys()].filter((item) => keptItems.has(item));
  assert.deepEqual(askedAgain, [], 'nothing that was kept is asked again');
  process.stdout.write(
    `again over the same store: the same outcomes; 0 of the kept inputs asked again, ` +
      `${server.counts().attemptsByItem.size} that always fail were, in ${(second.wallMs / 1000).toFixed(1)} s\n`,
  );
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

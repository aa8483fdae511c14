// The whole engine against a server that fails in every way that has been seen; 10,000 requests of it: npm run test:faults
import assert from 'node:assert/strict';
import type { EngineEvent } from '../../lib/src/model/index.js';
import { questionOf } from '../fixtures/fault-echo.js';
import { assertEachEndedOnce } from '../fixtures/fault-expectations.js';
import { ALL_FAULTS, FaultPlan, type FaultPlanOptions, type PassingFault } from '../fixtures/fault-plan.js';
import { FaultRun } from '../fixtures/fault-run.js';
import { startFaultServer, type FaultServer } from '../fixtures/fault-server.js';
import { memoryCache } from '../fixtures/scripted-endpoint.js';

/** Long enough that nothing but a stall takes it; tests with stalls have a shorter one. */
const TIMEOUT_MS = 5000;
const STALLED_MS = 150;
const TIMES = { retryAfterMs: 20, lateMs: STALLED_MS + 100, slowMs: 30 };
const STALLS: Partial<Record<PassingFault, number>> = { stall: 1, 'stall-mid-body': 1, 'answered-late': 1 };
const QUICK_FAULTS = { ...ALL_FAULTS, stall: 0, 'stall-mid-body': 0, 'answered-late': 0 };

interface Setting {
  run: FaultRun;
  server: FaultServer;
  plan: FaultPlan;
  cache: ReturnType<typeof memoryCache>;
  events: EngineEvent[];
}

async function withFaults(
  options: Omit<FaultPlanOptions, 'seed'> & { timeoutMs?: number },
  test: (setting: Setting) => Promise<void>,
): Promise<void> {
  const plan = new FaultPlan({ seed: 1, ...options });
  const server = await startFaultServer(plan, TIMES);
  const cache = memoryCache();
  const events: EngineEvent[] = [];
  const run = new FaultRun({
    baseUrl: server.baseUrl,
    cache,
    concurrency: 32,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    onEvent: (event) => events.push(event),
  });
  try {
    await test({ run, server, plan, cache, events });
  } finally {
    await run.close();
    await server.close();
  }
}

/** Items after the outage with which each plan begins. */
const LATER = itemsBetween(25, 250);

describe('the engine under faults', () => {
  it('ends every input as its own answer or as one drop with its cause', () =>
    withFaults({ weights: QUICK_FAULTS }, async ({ run, server, plan }) => {
      const asked = itemsBetween(0, 300);
      assertEachEndedOnce(await run.ask(asked), { asked, plan });
      const { byOutcome } = server.counts();
      const planned = Object.entries(QUICK_FAULTS).filter(([, weight]) => weight > 0);
      const missing = planned.filter(([fault]) => byOutcome[fault] === undefined);
      assert.deepEqual(missing, [], 'every fault came up');
    }));

  it('gives up on answers that stall, before they begin and in their middle, and asks again', () =>
    withFaults({ weights: STALLS, timeoutMs: STALLED_MS }, async ({ run, server, plan }) => {
      const asked = LATER.slice(0, 40);
      const result = await run.ask(asked);
      assertEachEndedOnce(result, { asked, plan });
      const { byOutcome, nInVain } = server.counts();
      const nStalls = sum(byOutcome, Object.keys(STALLS));
      // More where the machine itself was slow.
      assert.ok((result.usage.errors.timeout ?? 0) >= nStalls, 'each stall is a time-out');
      assert.ok(nInVain > 0, 'some answers came after their requests were given up');
    }));

  it('puts the choices of one request in the order of their index', () =>
    withFaults({ weights: {} }, async ({ run, server, plan }) => {
      const asked = LATER.filter((item) => questionOf(item).nSamples > 1);
      assertEachEndedOnce(await run.ask(asked), { asked, plan });
      assert.ok((server.counts().byOutcome.shuffled ?? 0) > 0);
    }));

  it('asks one by one where a server gives fewer choices than asked for', () =>
    withFaults({ weights: QUICK_FAULTS, fewerChoicesFrom: 100 }, async ({ run, plan }) => {
      const asked = LATER.slice(0, 150);
      assertEachEndedOnce(await run.ask(asked), { asked, plan });
    }));

  it('takes an answer that was cut by its length limit for what it is', () =>
    withFaults({ weights: {} }, async ({ run, plan }) => {
      const { kept, finishReasons } = await run.ask(LATER.slice(0, 100));
      const expected = kept.map((item) => {
        const { nSamples: n, seed } = questionOf(item);
        return plan.style({ item, n, seed }) === 'cut-by-length' ? 'length' : 'stop';
      });
      assert.ok(expected.includes('length'));
      assert.deepEqual(finishReasons, expected);
    }));

  it('counts every attempt that failed under its cause', () =>
    withFaults({ weights: { 'rate-limit-bare': 1, 'html-502': 1, 'empty-choices': 1 } }, async (setting) => {
      // Single samples: a refusal of several is asked again without `n`, and not held against the request.
      const { usage } = await setting.run.ask(LATER.filter((item) => questionOf(item).nSamples === 1));
      const { byOutcome } = setting.server.counts();
      assert.deepEqual(usage.errors, {
        'http-429': byOutcome['rate-limit-bare'],
        'http-502': byOutcome['html-502'],
        'context-length': byOutcome['context-length'],
        'http-500': byOutcome['server-error'],
        'bad-answer': sum(byOutcome, ['empty-choices', 'never-any-choices']),
      });
      const nReported = setting.events.filter(({ kind }) => kind === 'attempt-failed').length;
      assert.equal(
        nReported,
        sum(usage.errors, Object.keys(usage.errors)),
        'every one was reported as an event',
      );
    }));

  it('keeps exactly what was answered, and asks for none of it again', () =>
    withFaults({ weights: QUICK_FAULTS }, async ({ run, server, cache, plan }) => {
      const first = await run.ask(LATER.slice(0, 100));
      const answered = first.items.filter((item) => plan.lasting(item) === null);
      const nSamples = answered.reduce((total, item) => total + questionOf(item).nSamples, 0);
      assert.equal(cache.entries.size, nSamples);
      server.resetCounts();
      const asked = LATER.slice(0, 150);
      const second = await run.ask(asked);
      assertEachEndedOnce(second, { asked, plan });
      assert.deepEqual(second.kept.slice(0, first.kept.length), first.kept);
      assert.deepEqual(
        [...server.counts().attemptsByItem.keys()].toSorted((a, b) => a - b),
        asked.filter((item, i) => i >= 100 || plan.lasting(item) !== null),
      );
    }));

  it('drops prompts that always fail also when nothing else is left to ask', () =>
    withFaults({ weights: {} }, async ({ run, plan }) => {
      const asked = [13, 17, 29];
      const { drops } = await run.ask(asked);
      assert.deepEqual(drops, [
        [13, 'context-length'],
        [17, 'http-500'],
        [29, 'bad-answer'],
      ]);
      assert.ok(asked.every((item) => plan.lasting(item) !== null));
    }));

  it('leaves no connection, timer or listener behind', async () => {
    // The test's own time limit begins to run in between.
    await Promise.resolve();
    const before = countsOf(process.getActiveResourcesInfo());
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const weights = { ...QUICK_FAULTS, ...STALLS };
    await withFaults({ weights, timeoutMs: STALLED_MS }, async ({ run, server }) => {
      await run.ask(LATER.slice(0, 80));
      await run.close();
      await settledWithin(async () => assert.equal(await server.nConnections(), 0));
    });
    // Closed sockets and warnings are reported in later turns of the event loop.
    await settledWithin(() => assert.deepEqual(countsOf(process.getActiveResourcesInfo()), before));
    process.off('warning', onWarning);
    assert.deepEqual(warnings, []);
  });
});

/** Repeats a check until it holds, for 15 seconds at most. */
async function settledWithin(check: () => void | Promise<void>): Promise<void> {
  const untilMs = Date.now() + 15_000;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    try {
      await check();
      return;
    } catch (thrown) {
      if (Date.now() > untilMs) throw thrown;
    }
  }
}

function itemsBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The sum of the counts of these names; those that are missing are 0. */
function sum(counts: Readonly<Record<string, number>>, names: readonly string[]): number {
  return names.reduce((total, name) => total + (counts[name] ?? 0), 0);
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

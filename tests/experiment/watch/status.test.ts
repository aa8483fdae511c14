import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BudgetError } from '../../../lib/src/core/errors.js';
import { Secrets } from '../../../lib/src/core/secrets.js';
import { thisProcess } from '../../../lib/src/core/process-identity.js';
import {
  experimentConfigSchema,
  observeRun,
  runStatusSchema,
  StatusFile,
  type ObservedRun,
  type StageProgress,
  type StatusFileOptions,
} from '../../../lib/src/experiment/index.js';
import { NO_USAGE, type StageRecord, type Usage } from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { SMALL_EXPERIMENT } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { until } from '../../fixtures/until.js';

const SERVER = 'http://one/v1';

const USAGE: Usage = {
  ...NO_USAGE,
  requests: 5,
  retries: 3,
  errors: { 'http-429': 2, timeout: 1 },
  costUsd: 0.5,
};

function progressOf(done: number, parts: Partial<StageProgress> = {}): StageProgress {
  return { iteration: 1, stage: 'judge', done, total: 100, elapsedMs: 0, usage: NO_USAGE, ...parts };
}

function recordOf(stage: string, usage: Usage): StageRecord {
  return { stage, nInput: 4, nKept: 3, drops: { unparsed: 1 }, wallMs: 10, usage };
}

/** What another process sees once `use` is over. */
async function observed(
  use: (status: StatusFile, pass: (ms: number) => void) => void,
  options: Partial<StatusFileOptions> = {},
): Promise<ObservedRun> {
  return inTemporaryFolder(async (folder) => {
    let nowMs = 0;
    const config = experimentConfigSchema.parse(SMALL_EXPERIMENT);
    const status = new StatusFile(new RunFolder(folder), {
      config,
      runId: 'seed-3-abc',
      process: await thisProcess(),
      now: () => nowMs,
      ...options,
    });
    use(status, (ms) => (nowMs += ms));
    await status.close();
    const run = await observeRun(folder);
    assert.ok(run);
    return run;
  });
}

describe('the status of a run', () => {
  it('tells how far its stage is, how fast it goes now and on average, and when it will be done', async () => {
    const { progress, state } = await observed((status, pass) => {
      // 60 out of the store in the first second, then one a second for 20 seconds.
      status.onEvent({ kind: 'progress', progress: progressOf(0) });
      for (let second = 1; second <= 21; second++) {
        pass(1000);
        const done = 59 + second;
        status.onEvent({ kind: 'progress', progress: progressOf(done, { elapsedMs: 1000 * second }) });
      }
    });
    assert.equal(state, 'running');
    assert.equal(progress?.done, 80);
    assert.equal(progress.total, 100);
    assert.equal(progress.recentPerSecond, 1);
    assert.equal(progress.overallPerSecond, 80 / 21);
    // 20 are left at one a second.
    assert.equal(progress.leftMs, 20_000);
  });

  it('claims no rate at the start and no end while it stands still', async () => {
    const start = await observed((status) => {
      status.onEvent({ kind: 'progress', progress: progressOf(0) });
    });
    assert.equal(start.progress?.recentPerSecond, null);
    assert.equal(start.progress.overallPerSecond, null);
    assert.equal(start.progress.leftMs, null);
    const stalled = await observed((status, pass) => {
      status.onEvent({ kind: 'progress', progress: progressOf(50, { elapsedMs: 5000 }) });
      pass(60_000);
    });
    assert.equal(stalled.progress?.recentPerSecond, 0);
    assert.equal(stalled.progress.overallPerSecond, 10);
    assert.equal(stalled.progress.leftMs, null);
  });

  it('starts a rate of its own with each stage', async () => {
    const { progress } = await observed((status, pass) => {
      status.onEvent({ kind: 'progress', progress: progressOf(0, { stage: 'generate' }) });
      pass(2000);
      status.onEvent({ kind: 'progress', progress: progressOf(90, { stage: 'generate', elapsedMs: 2000 }) });
      status.onEvent({ kind: 'progress', progress: progressOf(95) });
      pass(1000);
      status.onEvent({ kind: 'progress', progress: progressOf(97, { elapsedMs: 1000 }) });
    });
    assert.equal(progress?.recentPerSecond, 2);
  });

  it('adds up what this attempt used, the stage at work included, once', async () => {
    const during = await observed((status) => {
      status.onEvent({
        kind: 'stage-finished',
        iteration: 1,
        record: recordOf('select', USAGE),
        wasDone: true,
      });
      status.onEvent({
        kind: 'stage-finished',
        iteration: 1,
        record: recordOf('generate', USAGE),
        wasDone: false,
      });
      status.onEvent({ kind: 'progress', progress: progressOf(1, { usage: USAGE }) });
    });
    // What an earlier attempt finished is not of this one: generate and judge are, five requests each.
    assert.equal(during.usage?.requests, 10);
    assert.equal(during.usage.retries, 6);
    assert.deepEqual(during.usage.errors, { 'http-429': 4, timeout: 2 });
    assert.equal(during.usage.costUsd, 1);
    assert.deepEqual(
      during.stages.map(({ stage, nInput, nKept }) => [stage, nInput, nKept]),
      [
        ['select', 4, 3],
        ['generate', 4, 3],
      ],
    );
    const after = await observed((status) => {
      status.onEvent({ kind: 'progress', progress: progressOf(1, { usage: USAGE }) });
      status.onEvent({
        kind: 'stage-finished',
        iteration: 1,
        record: recordOf('judge', USAGE),
        wasDone: false,
      });
      status.onEvent({
        kind: 'stage-finished',
        iteration: 2,
        record: recordOf('select', NO_USAGE),
        wasDone: false,
      });
    });
    assert.equal(after.usage?.requests, 5);
    assert.deepEqual(
      after.stages.map(({ stage }) => stage),
      ['select'],
      'those of the present iteration',
    );
  });

  it('tells what all attempts paid for, where an account is kept', async () => {
    const spent = { requests: 7, promptTokens: 70, completionTokens: 30, costUsd: 0.125 };
    assert.deepEqual((await observed(() => undefined, { spent: () => spent })).spent, spent);
    assert.equal((await observed(() => undefined)).spent, null);
  });

  it('learns of servers what the request engine tells', async () => {
    const { servers, lastError } = await observed((status) => {
      status.onEngineEvent({ kind: 'capability', server: SERVER, capability: 'n', isOffered: true });
      status.onEngineEvent({ kind: 'limit', server: SERVER, limit: 16, reason: 'rate-limited' });
      status.onEngineEvent({ kind: 'breaker', server: 'http://two/v1', state: 'open' });
      // No server can ask for a pause that breaks the file.
      status.onEngineEvent({
        kind: 'paused',
        server: 'http://two/v1',
        ms: 1e300,
        reason: 'retry-after',
        header: 'retry-after: 1',
      });
      status.onEngineEvent({
        kind: 'attempt-failed',
        server: SERVER,
        request: 'r',
        attempt: 1,
        code: 'http-500',
        message: 'out of\nmemory',
        waitMs: 5,
      });
    });
    assert.deepEqual(servers, [
      { server: SERVER, state: 'closed', limit: 16, pausedUntil: null },
      { server: 'http://two/v1', state: 'open', limit: null, pausedUntil: '9999-12-31T00:00:00.000Z' },
    ]);
    assert.deepEqual(
      { ...lastError, at: '' },
      {
        at: '',
        server: SERVER,
        code: 'http-500',
        message: 'out of memory',
      },
    );
  });

  it('tells what ended the run', async () => {
    const { lastError } = await observed((status) => {
      status.failed(new Error('the disk is full'));
    });
    assert.equal(lastError?.message, 'the disk is full');
    assert.equal(lastError.server, null);
  });

  it('tells which cap ended the run', async () => {
    const { stoppedBy } = await observed((status) => {
      status.failed(new BudgetError({ subject: 'budget.costUsd', expected: 'less', remedy: 'Raise it.' }));
    });
    assert.equal(stoppedBy, 'budget.costUsd');
  });

  it("holds no secret of a server's words", async () => {
    const run = await observed(
      (status) => {
        status.onEvent({ kind: 'progress', progress: progressOf(1, { detail: 'key sk-very-secret' }) });
        status.failed(new Error('key sk-very-secret'));
      },
      { redact: new Secrets(['sk-very-secret']).redact },
    );
    assert.equal(run.progress?.detail, 'key [secret]');
    assert.equal(run.lastError?.message, 'key [secret]');
  });

  it('is written while the run works; an account that cannot be told costs one write', () =>
    inTemporaryFolder(async (folder) => {
      let isBroken = false;
      const status = new StatusFile(new RunFolder(folder), {
        config: experimentConfigSchema.parse(SMALL_EXPERIMENT),
        runId: 'seed-3-abc',
        process: await thisProcess(),
        spent: () => {
          if (isBroken) throw new Error('closed');
          return null;
        },
      });
      status.onEvent({ kind: 'progress', progress: progressOf(1) });
      await until(() => observeRun(folder));
      assert.equal((await observeRun(folder))?.progress?.done, 1);
      isBroken = true;
      status.onEvent({ kind: 'progress', progress: progressOf(2) });
      await status.close();
      assert.equal((await observeRun(folder))?.progress?.done, 1);
    }));

  it('is that of an interrupted run once its process is gone', () =>
    inTemporaryFolder(async (folder) => {
      const child = spawn(process.execPath, ['-e', '']);
      const pid = child.pid ?? 0;
      await once(child, 'exit');
      const status = new StatusFile(new RunFolder(folder), {
        config: experimentConfigSchema.parse(SMALL_EXPERIMENT),
        runId: 'seed-3-abc',
        process: { pid, startedAt: 'long ago' },
      });
      await status.close();
      assert.equal((await observeRun(folder))?.state, 'interrupted');
      await writeFile(join(folder, 'manifest.json'), '{}');
      assert.equal((await observeRun(folder))?.state, 'finished');
    }));

  it('can be read as runs of before wrote it', () =>
    inTemporaryFolder(async (folder) => {
      // As version 0.1 wrote it, without errors, costs, rates and servers.
      const old = {
        experiment: 'small',
        runId: 'seed-3-abc',
        process: { pid: 1, startedAt: 'long ago' },
        nIterations: 2,
        updatedAt: '2025-01-01T00:00:00.000Z',
        progress: {
          iteration: 1,
          stage: 'judge',
          done: 3,
          total: 9,
          elapsedMs: 100,
          usage: {
            requests: 1,
            retries: 0,
            completions: 5,
            cachedCompletions: 0,
            promptTokens: 10,
            completionTokens: 20,
          },
        },
        iterations: [],
      };
      await writeFile(join(folder, 'status.json'), JSON.stringify(old));
      const run = await observeRun(folder);
      assert.equal(run?.progress?.done, 3);
      assert.deepEqual(
        [run.servers, run.stages, run.usage, run.spent, run.lastError],
        [[], [], null, null, null],
      );
    }));

  it('fits its schema as it is written', async () => {
    await inTemporaryFolder(async (folder) => {
      const status = new StatusFile(new RunFolder(folder), {
        config: experimentConfigSchema.parse(SMALL_EXPERIMENT),
        runId: 'seed-3-abc',
        process: await thisProcess(),
      });
      status.onEvent({ kind: 'progress', progress: progressOf(1, { detail: 'step 1', usage: USAGE }) });
      await status.close();
      const written: unknown = JSON.parse(await readFile(join(folder, 'status.json'), 'utf8'));
      assert.deepEqual(runStatusSchema.parse(written), written);
    });
  });
});

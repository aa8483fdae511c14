import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../../../lib/src/core/errors.js';
import { Secrets } from '../../../lib/src/core/secrets.js';
import type { StageProgress } from '../../../lib/src/experiment/index.js';
import { LOG_FILE, RunLog, type RunLogOptions } from '../../../lib/src/experiment/watch/run-log.js';
import type { EngineEvent } from '../../../lib/src/model/index.js';
import { NO_USAGE } from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

type Line = Record<string, unknown> & { level: string; time: string; msg: string };

const HEAD: RunLogOptions = {
  experiment: 'small',
  runId: 'seed-1-abc',
  configHash: 'abcdef',
  isResumed: false,
};

const FAILURE: Extract<EngineEvent, { kind: 'attempt-failed' }> = {
  kind: 'attempt-failed',
  server: 'http://one/v1',
  request: 'r1',
  attempt: 1,
  code: 'http-429',
  message: 'slow down',
  waitMs: 250.4,
};

const PROGRESS: StageProgress = {
  iteration: 1,
  stage: 'judge',
  done: 10,
  total: 40,
  elapsedMs: 5000.7,
  usage: { ...NO_USAGE, requests: 10, retries: 2, errors: { 'http-429': 2 }, costUsd: 0.25 },
};

async function linesOf(folder: string): Promise<Line[]> {
  const text = await readFile(join(folder, LOG_FILE), 'utf8');
  assert.ok(text.endsWith('\n'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** The lines that `use` leaves behind the first one. */
async function logged(
  use: (log: RunLog, pass: (ms: number) => void) => void,
  options: Partial<RunLogOptions> = {},
): Promise<Line[]> {
  return inTemporaryFolder(async (folder) => {
    let nowMs = 0;
    const log = new RunLog(new RunFolder(folder), { ...HEAD, now: () => nowMs, ...options });
    use(log, (ms) => (nowMs += ms));
    log.close();
    return (await linesOf(folder)).slice(1);
  });
}

/** A line without its time. */
function timeless({ time, ...rest }: Line): Record<string, unknown> {
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return rest;
}

describe('the log of a run', () => {
  it('begins every attempt with who runs what', () =>
    inTemporaryFolder(async (folder) => {
      for (const isResumed of [false, true]) {
        const log = new RunLog(new RunFolder(folder), { ...HEAD, isResumed });
        log.finished();
        log.close();
      }
      const lines = await linesOf(folder);
      assert.deepEqual(
        lines.map(({ msg }) => msg),
        ['run started', 'run finished', 'run started', 'run finished'],
      );
      const { experiment, runId, configHash, pid } = lines[0]!;
      assert.deepEqual(
        { experiment, runId, configHash, pid },
        {
          experiment: 'small',
          runId: 'seed-1-abc',
          configHash: 'abcdef',
          pid: process.pid,
        },
      );
      assert.equal(lines[0]!['version.node'], process.versions.node);
      assert.match(String(lines[0]!['version.autodidact']), /^\d+\.\d+\.\d+/);
      assert.deepEqual([lines[0]!.isResumed, lines[2]!.isResumed], [false, true]);
      // No name of the machine.
      assert.ok(!('hostname' in lines[0]!));
    }));

  it('has each line on disk as soon as it is written, so that a kill loses none', () =>
    inTemporaryFolder(async (folder) => {
      const log = new RunLog(new RunFolder(folder), HEAD);
      log.onEvent({ kind: 'warning', message: 'one' });
      assert.equal((await linesOf(folder)).at(-1)!.message, 'one');
      log.close();
    }));

  it('starts on a line of its own behind one that a kill cut', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, LOG_FILE), '{"level":"info"}\n');
      await appendFile(join(folder, LOG_FILE), '{"level":"in');
      const log = new RunLog(new RunFolder(folder), HEAD);
      log.close();
      const lines = (await readFile(join(folder, LOG_FILE), 'utf8')).split('\n');
      assert.equal(lines[1], '{"level":"in');
      assert.equal((JSON.parse(lines[2]!) as Line).msg, 'run started');
    }));

  it('tells of finished stages and iterations, flat and with units', async () => {
    const usage = { ...NO_USAGE, requests: 3, errors: { timeout: 1 }, costUsd: 0.5 };
    const record = { stage: 'judge', nInput: 4, nKept: 3, drops: { 'http-400': 1 }, wallMs: 12, usage };
    const [finished, before] = await logged((log) => {
      log.onEvent({ kind: 'stage-finished', iteration: 1, record, wasDone: false });
      log.onEvent({ kind: 'stage-finished', iteration: 1, record, wasDone: true });
    });
    assert.deepEqual(timeless(finished!), {
      level: 'info',
      iteration: 1,
      stage: 'judge',
      nInput: 4,
      nKept: 3,
      'drops.http-400': 1,
      wallMs: 12,
      requests: 3,
      retries: 0,
      completions: 0,
      cachedCompletions: 0,
      promptTokens: 0,
      completionTokens: 0,
      costUsd: 0.5,
      'errors.timeout': 1,
      msg: 'stage finished',
    });
    assert.deepEqual(timeless(before!), {
      level: 'debug',
      iteration: 1,
      stage: 'judge',
      msg: 'stage done before',
    });
  });

  it('tells of progress once a minute', async () => {
    const lines = await logged((log, pass) => {
      for (let second = 0; second < 150; second++) {
        log.onEvent({ kind: 'progress', progress: PROGRESS });
        pass(1000);
      }
    });
    assert.equal(lines.length, 2);
    const { nDone, nTotal, elapsedMs, retries, costUsd } = lines[0]!;
    assert.deepEqual(
      { nDone, nTotal, elapsedMs, retries, costUsd },
      {
        nDone: 10,
        nTotal: 40,
        elapsedMs: 5001,
        retries: 2,
        costUsd: 0.25,
      },
    );
    assert.equal(lines[0]!['errors.http-429'], 2);
  });

  it('tells of what the request engine meets, each at its level', async () => {
    const server = 'http://one/v1';
    const lines = await logged((log) => {
      log.onEngineEvent(FAILURE);
      log.onEngineEvent({ ...FAILURE, waitMs: null });
      log.onEngineEvent({ kind: 'paused', server, ms: 1500.2, reason: 'retry-after', header: 'h' });
      log.onEngineEvent({ kind: 'limit', server, limit: 16, reason: 'rate-limited' });
      log.onEngineEvent({ kind: 'limit', server, limit: 17, reason: 'recovering' });
      log.onEngineEvent({ kind: 'breaker', server, state: 'open' });
      log.onEngineEvent({ kind: 'breaker', server, state: 'closed' });
      log.onEngineEvent({ kind: 'capability', server, capability: 'n', isOffered: false });
      log.onEngineEvent({ kind: 'batch', batchId: 'b1', state: 'completed', nRequests: 9, nFailed: 1 });
    });
    assert.deepEqual(timeless(lines[0]!), {
      level: 'warn',
      server,
      code: 'http-429',
      request: 'r1',
      attempt: 1,
      waitMs: 250,
      message: 'slow down',
      msg: 'attempt failed',
    });
    assert.deepEqual(
      lines.map(({ level, msg }) => `${level} ${msg}`),
      [
        'warn attempt failed',
        'error attempt failed',
        'info server paused',
        'info limit changed',
        'debug limit changed',
        'warn server state changed',
        'info server state changed',
        'info capability found',
        'warn batch',
      ],
    );
    assert.equal(lines[2]!.waitMs, 1500);
  });

  it('stays short when everything fails: 100 lines a minute of one server and cause, and a count of the rest', async () => {
    const lines = await logged((log, pass) => {
      // Ten minutes at 1000 failures a minute, and another cause between them.
      for (let i = 0; i < 10_000; i++) {
        log.onEngineEvent(FAILURE);
        if (i % 1000 === 0) log.onEngineEvent({ ...FAILURE, code: 'timeout' });
        pass(60);
      }
    });
    const failures = lines.filter(({ msg }) => msg === 'attempt failed');
    assert.equal(failures.filter(({ code }) => code === 'timeout').length, 10);
    assert.equal(failures.filter(({ code }) => code === 'http-429').length, 10 * 100);
    const leftOut = lines.filter(({ msg }) => msg === 'lines left out');
    assert.equal(leftOut.length, 10);
    assert.deepEqual(timeless(leftOut[0]!), {
      level: 'warn',
      of: 'attempt failed',
      server: 'http://one/v1',
      code: 'http-429',
      nLeftOut: 900,
      periodMs: 60_000,
      msg: 'lines left out',
    });
    const nLeftOut = leftOut.reduce((sum, line) => sum + Number(line.nLeftOut), 0);
    assert.equal(nLeftOut + 1000, 10_000, 'none is forgotten, the last minute included');
  });

  it('tells why a run ended', async () => {
    const lost = new ModelError({
      subject: 'model at http://one/v1',
      expected: 'an answer',
      remedy: 'Wait.',
      scope: 'endpoint',
      code: 'unreachable',
    });
    const lines = await logged((log) => {
      log.failed(lost);
      log.failed(new TypeError('x is not a function'));
      log.stopped();
    });
    assert.deepEqual(timeless(lines[0]!), {
      level: 'error',
      error: 'ModelError',
      code: 'unreachable',
      message: lost.message,
      msg: 'run failed',
    });
    assert.equal(lines[1]!.error, 'defect');
    assert.match(String(lines[1]!.stack), /x is not a function\n +at /);
    assert.equal(lines[2]!.msg, 'run stopped');
  });

  it('holds no secret and no long text of a server', async () => {
    const { redact } = new Secrets(['sk-very-secret']);
    const lines = await logged(
      (log) => {
        log.onEngineEvent({ ...FAILURE, message: `bad key sk-very-secret\u001b[2J ${'x'.repeat(10_000)}` });
        log.onEvent({ kind: 'warning', message: 'bad key sk-very-secret' });
        log.failed(new Error('bad key sk-very-secret'));
      },
      { redact },
    );
    assert.doesNotMatch(JSON.stringify(lines), /very/);
    assert.match(String(lines[0]!.message), /^bad key \[secret\] \[2J x+…$/);
    assert.ok(String(lines[0]!.message).length < 600);
  });

  // Every write to this device fails as on a full disk: ENOSPC, see full(4).
  if (existsSync('/dev/full')) {
    it('does not stop a run when it cannot be written, and says so once', () =>
      inTemporaryFolder(async (folder) => {
        await symlink('/dev/full', join(folder, LOG_FILE));
        const problems: string[] = [];
        const told: RunLog[] = [];
        const log = new RunLog(new RunFolder(folder), {
          ...HEAD,
          onProblem: (message) => {
            problems.push(message);
            // Who hears of it may tell the log.
            for (const each of told) each.onEvent({ kind: 'warning', message });
          },
        });
        told.push(log);
        for (let i = 0; i < 1000; i++) log.onEvent({ kind: 'warning', message: 'x'.repeat(5000) });
        log.close();
        log.close();
        log.finished();
        assert.equal(problems.length, 1);
        assert.match(problems[0]!, /the log cannot be written: ENOSPC.*the run goes on without it/);
      }));
  }

  it('does not stop a run when it cannot be opened', () =>
    inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, LOG_FILE));
      const problems: string[] = [];
      const log = new RunLog(new RunFolder(folder), {
        ...HEAD,
        onProblem: (message) => problems.push(message),
      });
      log.onEvent({ kind: 'warning', message: 'unheard' });
      log.close();
      assert.equal(problems.length, 1);
      assert.match(problems[0]!, /EISDIR/);
    }));
});

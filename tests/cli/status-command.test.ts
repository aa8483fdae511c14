import assert from 'node:assert/strict';
import { detailsOf, listOf } from '../../lib/src/cli/status-command.js';
import { thisProcess } from '../../lib/src/core/process-identity.js';
import {
  experimentConfigSchema,
  StatusFile,
  type ObservedRun,
  type StageProgress,
} from '../../lib/src/experiment/index.js';
import { NO_USAGE } from '../../lib/src/schema/index.js';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import { RunFolder } from '../../lib/src/store/index.js';
import { runCommandLine } from '../fixtures/command-line.js';
import { SMALL_EXPERIMENT } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const UPDATED_MS = Date.parse('2025-06-01T12:00:00.000Z');

const PROGRESS: StageProgress = {
  iteration: 1,
  stage: 'judge',
  done: 250,
  total: 1000,
  elapsedMs: 5000,
  usage: { ...NO_USAGE, promptTokens: 1000, completionTokens: 2500 },
};

const RUN: ObservedRun = {
  folder: 'results/small/seed-3',
  state: 'running',
  experiment: 'small',
  runId: 'seed-3',
  process: { pid: 1, startedAt: null },
  nIterations: 2,
  updatedAt: new Date(UPDATED_MS).toISOString(),
  progress: { ...PROGRESS, recentPerSecond: 25, leftMs: 30_000 },
  runLeft: { ms: 19_000_000, unmeasured: ['finetune'] },
  stages: [
    { stage: 'select', nInput: 1000, nKept: 1000, drops: {}, wallMs: 5, usage: NO_USAGE },
    { stage: 'generate', nInput: 1000, nKept: 990, drops: { 'http-400': 10 }, wallMs: 5, usage: NO_USAGE },
  ],
  iterations: [],
  usage: {
    requests: 1200,
    retries: 14,
    errors: { timeout: 4, 'http-429': 11 },
    completions: 6000,
    cachedCompletions: 300,
    promptTokens: 50_000,
    completionTokens: 70_000,
    costUsd: 0.41,
  },
  spent: { requests: 1500, promptTokens: 60_000, completionTokens: 80_000, costUsd: 0.5 },
  servers: [
    { server: 'http://one/v1', state: 'closed', limit: 32, pausedUntil: '2025-06-01T12:00:03.500Z' },
    { server: 'http://two/v1', state: 'open', limit: null, pausedUntil: '2025-06-01T11:00:00.000Z' },
  ],
  lastError: {
    at: '2025-06-01T11:59:59.000Z',
    server: 'http://two/v1',
    code: 'http-500',
    message: 'out of memory',
  },
  stoppedBy: null,
  waitsFor: null,
  configFile: null,
};

describe('the status command', () => {
  it('describes a run in a few lines', () => {
    assert.deepEqual(detailsOf(RUN, UPDATED_MS + 1500).split('\n'), [
      'results/small/seed-3: running, updated 2025-06-01T12:00:00.000Z, 1.5 s ago',
      'select    1,000 of 1,000 kept',
      'generate  990 of 1,000 kept',
      'iteration 1  judge     250/1,000  25/s  30.0 s left  3,500 tokens',
      'run: about 5 h 17 min left and finetune, not measured yet',
      'server http://one/v1: in use, at most 32 requests at once, pausing for 2.0 s',
      'server http://two/v1: not in use',
      'this attempt: requests 1,200, completions 6,000 and 300 from the store, tokens 50,000 in, 70,000 out',
      'retries 14; failed attempts: http-429 11, timeout 4',
      'all attempts: requests 1,500, cost $0.50',
      'last error, 2025-06-01T11:59:59.000Z, http://two/v1 http-500: out of memory',
      '',
    ]);
  });

  it('leaves out what is unknown', () => {
    const bare = {
      ...RUN,
      progress: null,
      stages: [],
      usage: null,
      spent: null,
      servers: [],
      lastError: null,
    };
    const shown = detailsOf({ ...bare, state: 'interrupted' }, UPDATED_MS + 1e6);
    assert.equal(shown, 'results/small/seed-3: interrupted, updated 2025-06-01T12:00:00.000Z\n');
    const unpriced = { ...bare, spent: { requests: 2, promptTokens: 1, completionTokens: 1, costUsd: null } };
    assert.match(detailsOf(unpriced, UPDATED_MS), /all attempts: requests 2, cost unknown \(no price set\)/);
  });

  it('names the cap that stopped a run', () => {
    const shown = detailsOf({ ...RUN, state: 'capped', stoppedBy: 'budget.tokens' }, UPDATED_MS);
    assert.match(shown, /^results\/small\/seed-3: stopped by the cap budget\.tokens, updated/);
  });

  it('says of an interrupted run where it stopped and why, and no longer what its servers do', () => {
    const shown = detailsOf({ ...RUN, state: 'interrupted' }, UPDATED_MS);
    assert.match(shown, /^results\/small\/seed-3: interrupted, updated 2025-06-01T12:00:00\.000Z\n/);
    assert.match(shown, /250\/1,000/);
    assert.match(shown, /last error, .*out of memory/);
    assert.doesNotMatch(shown, /^server/m);
  });

  it('says what a finished run came to, and no longer how it was on the way', () => {
    const shown = detailsOf({ ...RUN, state: 'finished' }, UPDATED_MS);
    assert.match(shown, /^results\/small\/seed-3: finished/);
    assert.match(shown, /all attempts: requests 1,500, cost \$0\.50/);
    assert.doesNotMatch(shown, /server|last error|250/);
  });

  it('shows nothing that a terminal would obey', () => {
    const lastError = { at: RUN.updatedAt, server: null, code: null, message: 'a\u001b[2J\nb' };
    const shown = detailsOf({ ...RUN, lastError }, UPDATED_MS);
    assert.match(shown, /last error, \S+: a \[2J b\n/);
  });

  it('lists runs with what their accuracy is of, and what is unscored in it', () => {
    const accuracy = { ...judgeMetrics([], { nDropped: { truncated: 2 } }).accuracy, value: 0.75, n: 1200 };
    const metrics = { ...judgeMetrics([]), accuracy };
    const run = { ...RUN, iterations: [{ iteration: 0, model: 'm', metrics, rule: 'strict' }] };
    const [head, , first, second] = listOf([run, RUN], 'results').split('\n');
    assert.match(head!, /accuracy % \[95%\] +n +unscored +updated$/);
    assert.match(first!, / 0\/2 +75\.0 +1,200 +truncated 4 +2025/);
    assert.match(second!, / –\/2 +– +2025/);
  });

  it('reads what another part of the program wrote, as text and as JSON', () =>
    inTemporaryFolder(async (folder) => {
      const status = new StatusFile(new RunFolder(folder), {
        config: experimentConfigSchema.parse(SMALL_EXPERIMENT),
        runId: 'seed-3-abc',
        process: await thisProcess(),
      });
      status.onEvent({ kind: 'progress', progress: PROGRESS });
      status.onEngineEvent({ kind: 'limit', server: 'http://one/v1', limit: 8, reason: 'rate-limited' });
      await status.close();
      const { code, out } = await runCommandLine('status', folder);
      assert.equal(code, 0);
      assert.match(out, /running, updated .* ago\niteration 1 {2}judge {5}250\/1,000/);
      assert.match(out, /server http:\/\/one\/v1: in use, at most 8 requests at once/);
      const json = JSON.parse((await runCommandLine('status', folder, '--json')).out) as ObservedRun;
      assert.equal(json.state, 'running');
      assert.equal(json.progress?.done, 250);
      assert.deepEqual(
        json.servers.map(({ limit }) => limit),
        [8],
      );
    }));
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { timeSpan } from '../../../lib/src/cli/option-values.js';
import { ModelError } from '../../../lib/src/core/errors.js';
import { supervised } from '../../../lib/src/experiment/run/supervise.js';
import type { RunEvent } from '../../../lib/src/experiment/watch/events.js';
import { OpenAIEndpoint, shortRequest } from '../../../lib/src/model/index.js';
import { NO_USAGE } from '../../../lib/src/schema/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';

const failure = (code: string, scope: 'endpoint' | 'request' = 'endpoint'): ModelError =>
  new ModelError({
    subject: 'http://gone',
    expected: 'an answer',
    received: code,
    remedy: 'Wait.',
    scope,
    code,
  });

/** A step of an attempt: a failure, progress, or the end. */
type Step = ModelError | 'progress' | 'training' | 'done';

/** Attempts that go through these steps, on a clock that moves with the pauses alone. */
async function attempts(steps: Step[], superviseMs?: number) {
  const pauses: number[] = [];
  const warnings: string[] = [];
  let nowMs = 0;
  const result = supervised(
    (onEvent) => {
      for (;;) {
        const step = steps.shift() ?? assert.fail('no further attempt was expected');
        if (step === 'done') return Promise.resolve('result');
        if (step instanceof ModelError) return Promise.reject(step);
        const at = { iteration: 1, done: 1, total: 2, elapsedMs: 1 };
        const usage = { ...NO_USAGE, completions: 1 };
        if (step === 'progress') onEvent({ kind: 'progress', progress: { ...at, stage: 'judge', usage } });
        else {
          const progress = { ...at, stage: 'finetune' as const, usage: NO_USAGE, detail: 'running' };
          onEvent({ kind: 'progress', progress });
        }
      }
    },
    {
      superviseMs,
      signal: NEVER,
      onEvent: (event: RunEvent) => event.kind === 'warning' && warnings.push(event.message),
    },
    {
      now: () => nowMs,
      pause: (ms) => {
        pauses.push(ms);
        nowMs += ms;
        return Promise.resolve();
      },
    },
  );
  const ended = await result.catch((thrown: unknown) => thrown);
  return { ended, pauses, warnings };
}

describe('a supervised run', () => {
  it('is told how long to wait in minutes, hours or days', () => {
    assert.deepEqual(['90m', '6h', '2d'].map(timeSpan), [5_400_000, 21_600_000, 172_800_000]);
    for (const wrong of ['6', '0h', 'soon']) assert.throws(() => timeSpan(wrong), /such as 90m, 6h or 2d/);
  });

  it('waits ever longer for servers that are away, and goes on when they are back', async () => {
    const away = failure('unreachable');
    const { ended, pauses, warnings } = await attempts(
      [away, failure('connection-lost'), failure('http-503'), 'done'],
      3_600_000,
    );
    assert.equal(ended, 'result');
    assert.deepEqual(pauses, [5000, 10_000, 20_000]);
    assert.equal(warnings[0], 'http://gone: unreachable; trying again in 5 s, for 60 min at most');
  });

  it('asks again for inputs that too many were lost of, for as long as some are answered', async () => {
    const lost = failure('server-losses');
    const { ended, pauses } = await attempts([lost, 'progress', lost, 'progress', 'done'], 6000);
    assert.deepEqual([ended, pauses], ['result', [5000, 5000]]);
    assert.equal((await attempts([lost, lost, lost], 6000)).ended, lost);
  });

  it('gives up after the time that it was told, from the last progress on', async () => {
    const away = failure('unreachable');
    const { ended, pauses } = await attempts([away, away, 'progress', away, away, away], 12_000);
    assert.equal(ended, away);
    // 5 and 7 of the 12 seconds are waited for twice, since the server answered in between.
    assert.deepEqual(pauses, [5000, 7000, 5000, 7000]);
  });

  it('counts a training that goes on as progress', async () => {
    const away = failure('unreachable');
    const { pauses } = await attempts([away, away, 'training', away, away, away], 12_000);
    assert.deepEqual(pauses, [5000, 7000, 5000, 7000]);
  });

  it('waits for a server behind a tunnel that takes connections and closes them', async () => {
    const tunnel = createServer((socket) => socket.destroy());
    await once(tunnel.listen(0, '127.0.0.1'), 'listening');
    const endpoint = new OpenAIEndpoint({
      baseUrls: [`http://127.0.0.1:${(tunnel.address() as AddressInfo).port}/v1`],
      apiKey: undefined,
      identity: 'gone',
      timeoutMs: 5000,
      concurrency: 1,
      retries: { maxAttempts: 100, firstWaitMs: 1, longestWaitMs: 1 },
      giveUpAfterMs: 0,
    });
    const asked = endpoint.sample(shortRequest('m'), { idempotencyKey: 'k', signal: NEVER });
    const thrown = await asked.catch((error: unknown) => error);
    await endpoint.close();
    tunnel.close();
    assert.ok(thrown instanceof ModelError && thrown.scope === 'endpoint');
    assert.equal((await attempts([thrown, 'done'], 1e6)).ended, 'result');
  });

  for (const [what, thrown, superviseMs] of [
    ['a refusal', failure('http-401'), 1e6],
    ['credit that is used up', failure('out-of-credit'), 1e6],
    ['a failure of one input', failure('timeout', 'request'), 1e6],
    ['servers that are away, where it is not told to', failure('unreachable'), undefined],
  ] as const)
    it(`does not wait for ${what}`, async () => {
      const { ended, pauses } = await attempts([thrown], superviseMs);
      assert.equal(ended, thrown);
      assert.deepEqual(pauses, []);
    });
});

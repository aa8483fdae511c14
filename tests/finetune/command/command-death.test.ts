import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '../../../lib/src/core/process-identity.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { until } from '../../micro/server/server-fixture.js';
import { CommandSetting, endOf } from './command-setting.js';

const setting = new CommandSetting();

/** A field of a JSON file. */
async function jsonOf(...path: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(await setting.folder(), ...path), 'utf8')) as Record<string, unknown>;
}

async function textOf(...path: string[]): Promise<string> {
  return readFile(join(await setting.folder(), ...path), 'utf8');
}

describe('a trainer command', () => {
  afterEach(() => setting.close());

  it('is cancelled with all that it started, also when it does not want to', async () => {
    const backend = await setting.backend({
      command: `trap '' TERM; sh -c 'trap "" TERM; echo $$ > pid; while :; do sleep 0.05; done'`,
      graceMs: 100,
    });
    const jobId = await backend.submit(await setting.request(), NEVER);
    const pid = await until(async () => Number(await textOf('pid').catch(() => '')) || null);
    await backend.cancel(jobId, NEVER);
    assert.deepEqual(await backend.poll(jobId, NEVER), { state: 'cancelled', detail: 'cancelled' });
    await until(async () => ((await isProcessAlive({ pid, startedAt: null })) ? null : true)).catch(
      async () => {
        // In a container without an init the dead stay in the table.
        assert.match(await readFile(`/proc/${pid}/stat`, 'utf8'), /\) [ZX] /);
      },
    );
    await backend.cancel(jobId, NEVER);
    const second = await backend.submit(await setting.request(), NEVER);
    assert.equal(second, jobId.replace('attempt-1', 'attempt-2'));
    await backend.cancel(second, NEVER);
  });

  it('is ended when it takes too long', async () => {
    let nowMs = Date.now();
    const backend = await setting.backend({ command: 'sleep 60', timeoutMs: 50 }, { now: () => nowMs });
    const jobId = await backend.submit(await setting.request(), NEVER);
    const { pid, startedAt } = await until(
      () =>
        jsonOf('jobs', jobId, 'process.json').catch(() => null) as Promise<{
          pid: number;
          startedAt: string;
        } | null>,
    );
    nowMs += 51;
    const end = await endOf(backend, jobId);
    assert.match('detail' in end ? end.detail : '', /longer than 50 ms and was ended/);
    assert.equal(end.state, 'failed');
    assert.equal(await isProcessAlive({ pid, startedAt }), false);
  });

  it('that was killed with its wrapper, or whose machine went down, has failed', async () => {
    const backend = await setting.backend({ command: 'sleep 60' });
    const jobId = await backend.submit(await setting.request(), NEVER);
    const { pid } = await jsonOf('jobs', jobId, 'process.json');
    process.kill(-(pid as number), 'SIGKILL');
    const end = await endOf(backend, jobId);
    assert.match('detail' in end ? end.detail : '', /was killed, or its machine went down/);
  });

  it('whose process number another process has by now is not taken for alive', async () => {
    const backend = await setting.backend({ command: 'exit 0', model: 'm' });
    const jobId = await backend.submit(await setting.request(), NEVER);
    await endOf(backend, jobId);
    const job = join(await setting.folder(), 'jobs', jobId);
    await rm(join(job, 'exit-code'));
    // As it is after a crash before the number was taken note of, and much later: this process has the number now.
    await rm(join(job, 'process.json'), { force: true });
    await writeFile(join(job, 'started', 'pid'), `${process.pid}\n`);
    const end = await backend.poll(jobId, NEVER);
    assert.match('detail' in end ? end.detail : '', /was killed/);
  });

  it('that runs on another machine is waited for until it has written how it ended', async () => {
    const backend = await setting.backend({ command: 'exit 0', model: 'm' });
    const jobId = await backend.submit(await setting.request(), NEVER);
    await endOf(backend, jobId);
    const job = join(await setting.folder(), 'jobs', jobId);
    await rm(join(job, 'exit-code'));
    const noted = { pid: 1, startedAt: 'boot 1', host: 'other-node', notedMs: 0 };
    await writeFile(join(job, 'process.json'), JSON.stringify(noted));
    assert.deepEqual(await backend.poll(jobId, NEVER), { state: 'running', detail: 'started on other-node' });
    await writeFile(join(job, 'exit-code'), '0\n');
    assert.deepEqual(await backend.poll(jobId, NEVER), { state: 'succeeded', model: 'm' });
  });
});

import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../../../lib/src/core/errors.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { until } from '../../micro/server/server-fixture.js';
import { CommandSetting, endOf } from './command-setting.js';

const setting = new CommandSetting();

/** A scheduler of three programs that print the content of a file. */
async function withPrograms(programs: Record<string, string>): Promise<NodeJS.ProcessEnv> {
  const folder = join(await setting.folder(), 'bin');
  await mkdir(folder, { recursive: true });
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` };
}

const SLURM = {
  sbatch: 'echo "$@" >> sbatch-calls; echo "sbatch: a warning" >&2; echo "Submitted batch job 4217"',
  sacct: 'echo "$@" > sacct-call; cat state 2>/dev/null || true',
  scancel: 'echo "$1" > cancelled; echo "CANCELLED by 0" > state',
};

async function say(name: string, text: string): Promise<void> {
  await writeFile(join(await setting.folder(), name), text);
}

describe('a job that a scheduler runs', () => {
  afterEach(() => setting.close());

  it('is submitted once, followed through its states, and names its model in its own log', async () => {
    const environment = await withPrograms(SLURM);
    const config = {
      command: ['sbatch', '--output={{logFile}}', 'train.sbatch'],
      modelPattern: '^model (?<model>\\S+)$',
      scheduler: { pollMs: 10 },
    };
    const backend = await setting.backend(config, { environment });
    const jobId = await backend.submit(await setting.request(), NEVER);
    // Accounting does not know it yet.
    const first = await until(async () => {
      const status = await backend.poll(jobId, NEVER);
      return 'detail' in status && status.detail.includes('4217') ? status : null;
    });
    assert.deepEqual(first, { state: 'waiting', detail: 'job 4217 of the scheduler: not known there yet' });
    for (const [said, state] of [
      ['PENDING', 'waiting'],
      ['RUNNING', 'running'],
      ['COMPLETING', 'running'],
    ] as const) {
      await say('state', `${said}\n`);
      await until(async () => ((await backend.poll(jobId, NEVER)).state === state ? true : null));
    }
    const resumed = await setting.backend(config, { environment });
    assert.equal(await resumed.submit(await setting.request(), NEVER), jobId);
    const log = join(await setting.folder(), 'jobs', jobId, 'job.log');
    await writeFile(log, 'epoch 1\nmodel judge-1\n');
    await say('state', 'COMPLETED\n');
    assert.deepEqual(await endOf(resumed, jobId), { state: 'succeeded', model: 'judge-1' });
    assert.equal(
      await readFile(join(await setting.folder(), 'sacct-call'), 'utf8'),
      '--jobs=4217 --format=State --noheader --parsable2 --allocations\n',
    );
    const calls = await readFile(join(await setting.folder(), 'sbatch-calls'), 'utf8');
    assert.equal(calls, `--output=${log} train.sbatch\n`);
  });

  it('is reported with the end of its log when it fails, and is cancelled by its id', async () => {
    const environment = await withPrograms(SLURM);
    const config = { command: ['sbatch', 'train.sbatch'], scheduler: { pollMs: 10 } };
    const backend = await setting.backend(config, { environment });
    const jobId = await backend.submit(await setting.request(), NEVER);
    await say('state', 'OUT_OF_MEMORY\n');
    await writeFile(join(await setting.folder(), 'jobs', jobId, 'job.log'), 'slurmstepd: oom-kill\n');
    const end = await endOf(backend, jobId);
    assert.equal(end.state, 'failed');
    assert.match('detail' in end ? end.detail : '', /OUT_OF_MEMORY; .* ends with: .*slurmstepd: oom-kill$/);

    await say('state', 'RUNNING\n');
    const second = await backend.submit(await setting.request(), NEVER);
    await until(async () => ((await backend.poll(second, NEVER)).state === 'running' ? true : null));
    // As if the program had been killed before it cancelled the job at the scheduler.
    const outcome = { state: 'cancelled', detail: 'cancelled' };
    await writeFile(join(await setting.folder(), 'jobs', second, 'outcome.json'), JSON.stringify(outcome));
    assert.deepEqual(await backend.poll(second, NEVER), outcome);
    assert.equal(await readFile(join(await setting.folder(), 'cancelled'), 'utf8'), '4217\n');
    const third = await backend.submit(await setting.request(), NEVER);
    assert.match(third, /\/attempt-3$/);
    await say('state', 'RUNNING\n');
    await say('cancelled', '');
    await until(async () => ((await backend.poll(third, NEVER)).state === 'running' ? true : null));
    await backend.cancel(third, NEVER);
    assert.equal(await readFile(join(await setting.folder(), 'cancelled'), 'utf8'), '4217\n');
  });

  it('has failed when the command that submits it fails, or prints no id', async () => {
    const broken = { ...SLURM, sbatch: 'echo "sbatch: error: invalid partition" >&2; exit 1' };
    const config = { command: ['sbatch', 'train.sbatch'], scheduler: { pollMs: 10 } };
    const backend = await setting.backend(config, { environment: await withPrograms(broken) });
    const end = await endOf(backend, await backend.submit(await setting.request(), NEVER));
    assert.match('detail' in end ? end.detail : '', /exit code 1; .*invalid partition/);
    const silent = await withPrograms({ ...SLURM, sbatch: 'echo queued' });
    const other = await setting.backend(config, { environment: silent });
    const second = await endOf(other, await other.submit(await setting.request(), NEVER));
    assert.match('detail' in second ? second.detail : '', /without the id of a scheduled job/);
  });

  it('may be done some time before its result appears here', async () => {
    let nowMs = 0;
    const backend = await setting.backend(
      { command: ['sbatch', 'train.sbatch'], scheduler: { pollMs: 10, resultGraceMs: 5000 } },
      { environment: await withPrograms(SLURM), now: () => nowMs },
    );
    await say('state', 'COMPLETED\n');
    const jobId = await backend.submit(await setting.request(), NEVER);
    const waiting = { state: 'running', detail: 'done, waiting for its result' };
    await until(async () => ((await backend.poll(jobId, NEVER)).state === 'running' ? true : null));
    nowMs = 4999;
    assert.deepEqual(await backend.poll(jobId, NEVER), waiting);
    nowMs = 5000;
    assert.equal((await backend.poll(jobId, NEVER)).state, 'failed');
    await writeFile(join(await setting.folder(), 'jobs', jobId, 'result.json'), '{"model": "late"}');
    assert.deepEqual(await backend.poll(jobId, NEVER), { state: 'succeeded', model: 'late' });
  });

  it('survives a scheduler that does not answer for a while, and fails if it never answers', async () => {
    const environment = await withPrograms({ ...SLURM, sacct: 'echo "connection refused" >&2; exit 1' });
    let nowMs = 0;
    const backend = await setting.backend(
      { command: ['sbatch', 'train.sbatch'], scheduler: { pollMs: 1000 } },
      { environment, now: () => nowMs },
    );
    const jobId = await backend.submit(await setting.request(), NEVER);
    const status = await until(async () => {
      const found = await backend.poll(jobId, NEVER);
      return 'detail' in found && found.detail.includes('statusCommand') ? found : null;
    });
    assert.equal(status.state, 'waiting');
    await assert.rejects(
      async () => {
        for (let i = 0; i < 12; i++) {
          nowMs += 1000;
          await backend.poll(jobId, NEVER);
        }
      },
      (thrown: unknown) => thrown instanceof ModelError && thrown.code === 'scheduler',
    );
    assert.equal(nowMs, 9000);
  });
});

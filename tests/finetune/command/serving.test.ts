// Jobs that go on and serve what they trained.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { until } from '../../fixtures/until.js';
import { CommandSetting, endOf } from './command-setting.js';

describe('a command that serves its model', () => {
  const setting = new CommandSetting();
  afterEach(() => setting.close());

  it('has succeeded as soon as its result names the model, and is found again at its new address', async () => {
    const command = `echo '{"model": "judge", "endpoint": "http://127.0.0.1:1/v1"}' > "$AUTODIDACT_RESULT_FILE"; sleep 30`;
    const backend = await setting.backend({ command, serves: true, model: 'ignored' });
    const jobId = await backend.submit(await setting.request(), NEVER);
    const served = { state: 'succeeded', model: 'judge', endpoint: 'http://127.0.0.1:1/v1' };
    assert.deepEqual(await endOf(backend, jobId), served);
    const folder = join(await setting.folder(), 'jobs', jobId);
    const moved = { model: 'judge', endpoint: 'http://127.0.0.1:2/v1' };
    await writeFile(join(folder, 'result.json'), JSON.stringify(moved));
    assert.equal(await backend.submit(await setting.request(), NEVER), jobId);
    assert.deepEqual(await backend.poll(jobId, NEVER), { state: 'succeeded', ...moved });
    process.kill(-Number(await readFile(join(folder, 'started', 'pid'), 'utf8')), 'SIGKILL');
  });

  it('has failed when it ends before it named one, however its model is named in the settings', async () => {
    const backend = await setting.backend({ command: 'exit 1', serves: true, model: 'judge' });
    const end = await endOf(backend, await backend.submit(await setting.request(), NEVER));
    assert.equal(end.state, 'failed');
  });
});

describe('the log of a command', () => {
  const setting = new CommandSetting();
  afterEach(() => setting.close());

  it('loses the keys that its trainer printed, while it runs and at its end, and keeps everything else', async () => {
    const key = 'hf_0123456789abcdef';
    const command =
      'printf "key é %s\\rnext\\n" "$HF_TOKEN"; while [ ! -e go ]; do sleep 0.01; done; printf "last $HF_TOKEN"; printf \'{"model": "m"}\' > "$AUTODIDACT_RESULT_FILE"';
    const backend = await setting.backend({ command }, { environment: { ...process.env, HF_TOKEN: key } });
    const jobId = await backend.submit(await setting.request(), NEVER);
    const log = join(await setting.folder(), 'jobs', jobId, 'job.log');
    const masked = 'key é [secret]           \rnext\n';
    await until(async () => {
      await backend.poll(jobId, NEVER);
      return (await readFile(log, 'utf8')) === masked ? true : null;
    });
    await writeFile(join(await setting.folder(), 'go'), '');
    await endOf(backend, jobId);
    assert.equal(await readFile(log, 'utf8'), `${masked}last [secret]           `);
    const { events } = await backend.events(jobId, null, NEVER);
    assert.doesNotMatch(JSON.stringify(events), /hf_/);
  });
});

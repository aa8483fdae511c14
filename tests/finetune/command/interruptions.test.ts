import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { CommandSetting, endOf, NAMES_ITS_MODEL } from './command-setting.js';
import { killedAtChange } from './killing-disk.js';

const setting = new CommandSetting();

/** Counts its runs, so that a second one cannot go unseen. */
const COUNTS = `echo ran >> runs; cat "$AUTODIDACT_TRAINER_CONFIG" "$AUTODIDACT_TRAINING_FILE" > seen; ${NAMES_ITS_MODEL}`;

async function textOf(name: string): Promise<string> {
  return readFile(join(await setting.folder(), name), 'utf8').catch(() => '');
}

describe('an interrupted trainer command', () => {
  afterEach(() => setting.close());

  it('is submitted by the next attempt, and runs once, whichever change of the disk was the last', async () => {
    let nKilled = 0;
    for (let change = 1, hasEnded = false; !hasEnded; change++) {
      await writeFile(join(await setting.folder(), 'sft.yaml'), 'data: {{trainingFile:json}}\n');
      const config = { command: COUNTS, templates: ['sft.yaml'] };
      const request = await setting.request();
      const first = await setting.backend(config);
      hasEnded = await killedAtChange(change, () => first.submit(request, NEVER));
      if (!hasEnded) nKilled++;
      const second = await setting.backend(config);
      const jobId = await second.submit(request, NEVER);
      assert.match(jobId, /\/attempt-1$/, `change ${change}`);
      assert.deepEqual(await endOf(second, jobId), { state: 'succeeded', model: 'made' }, `change ${change}`);
      assert.equal(await textOf('runs'), 'ran\n', `change ${change}`);
      assert.match(await textOf('seen'), /^data: ".*training\.jsonl"\n\{"messages": \[\]\}\n$/);
      await setting.close();
    }
    // Folder, data set, template and record; then the start, after which only the number of the process is written.
    assert.ok(nKilled >= 6, `killed ${nKilled} times`);
  });

  it('is cancelled by the next attempt to, whichever change of the disk was the last', async () => {
    for (let change = 1, hasEnded = false; !hasEnded; change++) {
      const config = { command: 'sleep 60', graceMs: 200 };
      const first = await setting.backend(config);
      const jobId = await first.submit(await setting.request(), NEVER);
      hasEnded = await killedAtChange(change, () => first.cancel(jobId, NEVER));
      const second = await setting.backend(config);
      await second.cancel(jobId, NEVER);
      assert.equal((await second.poll(jobId, NEVER)).state, 'cancelled');
      await setting.close();
    }
  });

  it('goes on when the program that started it is killed, and is found with its end', async () => {
    const folder = await setting.folder();
    const config = { command: `while [ ! -e go ]; do sleep 0.02; done; ${COUNTS}`, templates: ['sft.yaml'] };
    await writeFile(join(folder, 'sft.yaml'), 'x: 1\n');
    const request = await setting.request();
    const script = fileURLToPath(new URL('./submitting-process.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', script, JSON.stringify({ folder, config, request })],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const first = said.toString().trim();
    child.kill('SIGKILL');
    await once(child, 'close');
    const backend = await setting.backend(config);
    const jobId = await backend.submit(request, NEVER);
    assert.equal(jobId, first);
    assert.equal((await backend.poll(jobId, NEVER)).state, 'running');
    await writeFile(join(folder, 'go'), '');
    assert.deepEqual(await endOf(backend, jobId), { state: 'succeeded', model: 'made' });
    assert.equal(await textOf('runs'), 'ran\n');
    assert.deepEqual(await readdir(join(folder, 'jobs', dirname(jobId))), ['attempt-1']);
  });
});

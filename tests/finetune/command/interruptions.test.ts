import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { CommandSetting, endOf, NAMES_ITS_MODEL } from './command-setting.js';

const setting = new CommandSetting();

/** Counts its runs, so that a second one cannot go unseen. */
const COUNTS = `echo ran >> runs; cat "$AUTODIDACT_TRAINER_CONFIG" "$AUTODIDACT_TRAINING_FILE" > seen; ${NAMES_ITS_MODEL}`;

async function textOf(name: string): Promise<string> {
  return readFile(join(await setting.folder(), name), 'utf8').catch(() => '');
}

describe('an interrupted trainer command', () => {
  afterEach(() => setting.close());

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

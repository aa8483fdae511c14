// The script that trains and serves on one machine: the judge before is gone before the next one is trained.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareJob } from '../../../lib/src/finetune/command/job-preparation.js';
import { environmentOf } from '../../../lib/src/finetune/command/template.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { freePort } from '../../fixtures/free-port.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { CommandSetting, commandConfig } from './command-setting.js';
import { describeWithPython, openRecipe } from './recipe-world.js';

const setting = new CommandSetting();
const isServed = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/models`).then(
    ({ ok }) => ok,
    () => false,
  );

describeWithPython('train-and-serve.sh', () => {
  afterEach(() => setting.close());

  it('serves a trained judge in place of the one before, and only serves one that is trained already', () =>
    inTemporaryFolder(async (folder) => {
      const world = await openRecipe(folder, ['paper', 'rewardbench.yaml']);
      const port = String(await freePort());
      const environment = { ...world.environment, TMPDIR: folder, JUDGE_PORT: port };
      const templates = ['trainers/train_trl.py', 'trainers/fsdp.yaml'];
      const config = commandConfig({ command: ['true'], templates, devices: 8 });
      const request = await setting.request({ hyperparameters: { nEpochs: 2, batchSize: 64 } });
      const row = {
        messages: [
          { role: 'user', content: 'a or b' },
          { role: 'assistant', content: '[[A]]' },
        ],
      };
      await writeFile(request.trainingFilePath, `${JSON.stringify(row)}\n`);
      const serve = async (job: string): Promise<{ model: string; endpoint: string }> => {
        const attempt = new RunFolder(join(folder, job, 'attempt-1'));
        const { values } = await prepareJob(attempt, request, {
          config,
          baseFolder: world.folder,
          now: () => 0,
        });
        const { status, stdout, stderr } = spawnSync('sh', ['train-and-serve.sh'], {
          cwd: world.folder,
          env: { ...environment, ...environmentOf(values) },
          encoding: 'utf8',
        });
        assert.equal(status, 0, stdout + stderr);
        return JSON.parse(await readFile(attempt.file('result.json'), 'utf8')) as {
          model: string;
          endpoint: string;
        };
      };
      const pidFile = join(folder, `autodidact-judge-${port}.pid`);
      try {
        const first = await serve('one');
        assert.ok(await isServed(first.endpoint));
        const firstPid = Number(await readFile(pidFile, 'utf8'));
        const second = await serve('two');
        assert.throws(() => process.kill(firstPid, 0), { code: 'ESRCH' });
        assert.ok(await isServed(second.endpoint));
        assert.notEqual(first.model, second.model);
        await rm(join(folder, 'two', 'attempt-1'), { recursive: true });
        await mkdir(join(folder, 'two', 'attempt-1'));
        assert.deepEqual(await serve('two'), second);
        // 64 examples of a step, shared by 8 devices.
        const told = (await world.trainings()).map((training) => training.gradient_accumulation_steps);
        assert.deepEqual(told, [8, 8]);
      } finally {
        process.kill(-Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
      }
    }));
});

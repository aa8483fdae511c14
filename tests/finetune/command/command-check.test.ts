import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkTrainer, trainerSchema } from '../../../lib/src/finetune/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const REPORTS = 'echo "{}" > "$AUTODIDACT_RESULT_FILE"';

/** Checks a command in a folder with `train.sh`, `config.yaml` and a program `trainer`; what is not ok, one line each. */
function check(settings: object, { path = '/usr/bin:/bin', nJobs = 2 } = {}): Promise<string[]> {
  return inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'train.sh'), REPORTS);
    await writeFile(join(folder, 'config.yaml'), 'model: {{baseModel:json}}\nepochs: {{epochs}}\n');
    await writeFile(join(folder, 'wrong.yaml'), 'model: {{baseModle}}\n');
    for (const name of ['trainer', 'sbatch', 'sacct', 'scancel']) {
      await writeFile(join(folder, name), '#!/bin/sh\nexit 9\n');
      await chmod(join(folder, name), 0o755);
    }
    const requests = [1, 2].slice(0, nJobs).map((iteration) => ({
      baseModel: 'seed',
      method: { type: 'supervised' as const },
      trainingFilePath: 'training.jsonl',
      hyperparameters: { nEpochs: 2 },
      suffix: `judge-${iteration}`,
      seed: iteration,
      jobKey: `doctor-${iteration}`,
    }));
    const config = trainerSchema.parse({ backend: 'command', ...settings });
    const place = { baseFolder: folder, environment: { PATH: path.replaceAll('HERE', folder) } };
    const findings = await checkTrainer(config, place, requests);
    return findings
      .filter(({ verdict }) => verdict !== 'ok')
      .map(
        ({ verdict, check: what, found, remedy }) =>
          `${verdict} ${what}: ${found.replaceAll(folder, 'HERE')} -> ${remedy}`,
      );
  });
}

describe('the check of a command that trains', () => {
  for (const [name, settings, expected] of [
    ['a script by an interpreter', { command: ['sh', 'train.sh', '{{trainingFile}}'] }, null],
    [
      'a program of the folder with a template',
      {
        command: ['./trainer', '--config={{trainerConfig}}'],
        templates: ['config.yaml'],
        model: 'judge-{{jobKey}}',
      },
      null,
    ],
    ['a line for a shell', { command: 'LANG=C sh train.sh "$AUTODIDACT_TRAINING_FILE" && echo done' }, null],
    [
      'a line for a shell in a list',
      { command: ['sh', '-ec', 'cd sub && python train.py'], model: 'j-{{jobKey}}' },
      null,
    ],
    [
      'a script inside a container, which cannot be looked for',
      { command: ['env', 'docker', 'run', 'image', 'python', '/app/run.py'], model: 'j-{{jobKey}}' },
      /^warning trainer: no file \/app\/run\.py/,
    ],
    ['a line that begins with cd', { command: 'cd sub && ./x', modelPattern: '(?<model>x)' }, null],
    [
      'a program that is not there',
      { command: ['axolotl', 'train.sh'] },
      /^stop trainer: no program axolotl .* -> Install it/,
    ],
    [
      'a program in a line',
      { command: 'axolotl train config.yaml', model: 'j-{{jobKey}}' },
      /^stop trainer: no program axolotl/,
    ],
    [
      'a file that may not be executed',
      { command: ['./train.sh'] },
      /^stop trainer: no program \.\/train\.sh that this user may execute/,
    ],
    [
      'a script that is missing',
      { command: ['sh', 'none.sh'], modelPattern: '(?<model>x)' },
      /^stop trainer: no file none\.sh/,
    ],
    [
      'settings that are missing',
      { command: ['sh', 'train.sh', '--config=none.yaml'] },
      /^warning trainer: no file none\.yaml/,
    ],
    [
      'a template that is missing',
      { command: ['sh', 'train.sh'], templates: ['none.yaml'] },
      /^stop trainer: .*none\.yaml/,
    ],
    [
      'a template with a misspelt placeholder',
      { command: ['sh', 'train.sh'], templates: ['wrong.yaml'] },
      /^stop trainer: .*\{\{baseModle\}\} is unknown/,
    ],
    [
      'a placeholder without a value',
      { command: ['sh', 'train.sh', '{{validationFile}}'] },
      /^stop trainer: trainer\.command.*\{\{validationFile\}\} has no value/,
    ],
    [
      'a line that a shell cannot read',
      { command: "sh 'train.sh" },
      /^stop trainer: the shell cannot read trainer\.command/,
    ],
    [
      'a model that is named alike each time',
      { command: ['sh', 'train.sh'], model: 'judge' },
      /^stop trained model: .*cannot be told apart -> Put \{\{jobKey\}\}/,
    ],
    [
      'a model that is named alike by a placeholder',
      { command: ['sh', 'train.sh'], model: 'judge-{{method}}' },
      /^stop trained model: .*several trained judges judge-supervised, .*cannot be told apart/,
    ],
    [
      'a model that nothing names',
      { command: ['./trainer'] },
      /^warning trained model: .* -> Let the trainer write/,
    ],
    [
      'sbatch without a scheduler',
      { command: ['./sbatch', 'train.sh'] },
      /^stop scheduler: sbatch ends .*scheduler: \{\}, or give sbatch --wait/,
    ],
    [
      'a scheduler that is not installed',
      { command: ['./sbatch', 'train.sh'], scheduler: {} },
      /^stop scheduler: no program sacct/,
    ],
    ['sbatch that waits', { command: ['./sbatch', '--wait', 'train.sh'] }, null],
  ] as [string, object, RegExp | null][]) {
    it(expected === null ? `finds nothing wrong with ${name}` : `finds ${name}`, async () => {
      const found = await check(settings);
      if (expected === null) assert.deepEqual(found, []);
      else assert.match(found.join('\n'), expected);
    });
  }

  it('looks for the commands of a scheduler in PATH, and starts nothing', async () => {
    const settings = { command: ['sbatch', 'train.sh'], scheduler: {} };
    assert.deepEqual(await check(settings, { path: 'HERE:/usr/bin:/bin' }), []);
  });

  it('lets the only model of an experiment have a name of its own', async () => {
    assert.deepEqual(await check({ command: ['sh', 'train.sh'], model: 'judge' }, { nJobs: 1 }), []);
  });
});

// The options in the trainers' files, against those that the trainers' sources have.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { prepareJob } from '../../../lib/src/finetune/command/job-preparation.js';
import { jobValues } from '../../../lib/src/finetune/command/job-values.js';
import type { FineTuneRequest } from '../../../lib/src/finetune/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { CommandSetting, commandConfig } from './command-setting.js';
import { describeWithPython } from './recipe-world.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const EXPERIMENTS = join(ROOT, 'experiments');
const FIXTURES = join(ROOT, 'tests/fixtures');
const setting = new CommandSetting();

type Section = Record<string, unknown>;

/** Names of options by what has them; where they come from is told in the file. */
const OPTIONS = JSON.parse(await readFile(join(FIXTURES, 'trainer-options.json'), 'utf8')) as Record<
  string,
  string
> & { fairseq2: Record<string, string> };

const ASKED = { role: 'user', content: 'Which is better?' };
const said = (content: string): object => ({ role: 'assistant', content });
const ROWS = {
  supervised: { messages: [ASKED, said('[[A]]')] },
  dpo: {
    input: { messages: [ASKED] },
    preferred_output: [said('[[A]]')],
    non_preferred_output: [said('[[B]]')],
  },
};

/** Fills a template in for a job with a validation file. @returns its path in the job's folder */
async function filledIn(template: string, type: 'supervised' | 'dpo'): Promise<string> {
  const request = await setting.request({
    method: { type },
    hyperparameters: { nEpochs: 2, batchSize: 64 },
  });
  await writeFile(request.trainingFilePath, `${JSON.stringify(ROWS[type])}\n`);
  const folder = new RunFolder(join(await setting.folder(), `${type}-${basename(template)}`));
  await prepareJob(
    folder,
    { ...request, validationFilePath: request.trainingFilePath },
    {
      config: commandConfig({ command: ['true'], templates: [template], devices: 8 }),
      baseFolder: EXPERIMENTS,
      now: () => 0,
    },
  );
  return folder.file(basename(template));
}

/** Options that are not among the known ones. */
const unknownIn = (section: unknown, known: string): string[] =>
  Object.keys(section as Section).filter((name) => !known.split(' ').includes(name));

describe('the options in the files of trainers', () => {
  afterEach(() => setting.close());

  for (const type of ['supervised', 'dpo'] as const) {
    const kind = type === 'dpo' ? 'dpo' : 'sft';
    const read = async (name: string): Promise<Section> =>
      parse(await readFile(await filledIn(`paper/trainers/${name}`, type), 'utf8'), {
        version: '1.1',
      }) as Section;

    it(`are those of Axolotl, LLaMA-Factory and fairseq2: ${kind}`, async () => {
      const axolotl = await read(`axolotl-${kind}.yaml`);
      assert.deepEqual(unknownIn(axolotl, OPTIONS.axolotl ?? ''), []);
      assert.deepEqual(unknownIn(axolotl.fsdp_config, OPTIONS.axolotlFsdp ?? ''), []);
      for (const set of [axolotl.datasets, axolotl.test_datasets ?? []].flat())
        assert.deepEqual(unknownIn(set, OPTIONS.axolotlDataset ?? ''), []);
      const llama = await read(`llama-factory-${kind}.yaml`);
      assert.deepEqual(
        unknownIn(llama, `${OPTIONS.llamaFactory ?? ''} ${OPTIONS.TrainingArguments ?? ''}`),
        [],
      );
      const fairseq2 = (await read(`fairseq2-${kind}.yaml`)) as Record<
        string,
        { _set_?: Section; config?: { _set_?: Section } }
      >;
      const known = OPTIONS.fairseq2;
      for (const [name, section] of Object.entries(fairseq2)) {
        const owner = name === 'dataset' ? `dataset.${type === 'dpo' ? 'preference' : 'sft'}` : name;
        assert.deepEqual(unknownIn(section._set_ ?? {}, known[owner] ?? ''), [], owner);
        const inner = section.config?._set_ ?? section._set_?.config ?? {};
        assert.deepEqual(unknownIn(inner, known[`${name}.config`] ?? ''), [], `${name}.config`);
      }
    });
  }
});

describeWithPython('the scripts for TRL', () => {
  afterEach(() => setting.close());

  for (const type of ['supervised', 'dpo'] as const)
    for (const script of ['paper/trainers/train_trl.py', 'one-gpu/train.py'])
      it(`are those of TRL, transformers and PEFT in ${script}, which runs: ${type}`, async () => {
        const path = await filledIn(script, type);
        const { status, stderr } = spawnSync('python3', [path], {
          encoding: 'utf8',
          env: {
            ...process.env,
            PYTHONPATH: join(FIXTURES, 'python'),
            PYTHONDONTWRITEBYTECODE: '1',
            TRAININGS: join(await setting.folder(), 'trainings'),
          },
        });
        assert.equal(status, 0, stderr);
      });
});

describe('the size of a training', () => {
  const request = { hyperparameters: { nEpochs: 2, batchSize: 64 }, method: { type: 'supervised' } };
  const valuesOf = (nExamples: number, devices?: number): Record<string, unknown> =>
    jobValues(
      request as FineTuneRequest,
      {
        jobFolder: '/jobs/a/attempt-1',
        nExamples,
        devices,
        trainingFile: '',
        validationFile: undefined,
        trainerConfig: undefined,
      },
      {},
    );

  it('does not depend on its devices: they share the examples of a step, or are refused', () => {
    for (const [devices, accumulation] of [
      [1, 64],
      [32, 2],
    ] as const)
      assert.equal(valuesOf(100, devices).accumulation, accumulation);
    assert.equal(valuesOf(100).accumulation, undefined);
    assert.throws(() => valuesOf(100, 24), /finetune\.batchSize: expected a multiple of trainer\.devices/);
  });

  it("has the paper's warm-up of 100 steps, but at most a tenth of its steps", () => {
    // 5,000 / 64 is 79, rounded up; 100,000 / 64 is 1,563; two epochs each.
    const sizes = [5000, 100_000].map((nExamples) => valuesOf(nExamples));
    assert.deepEqual(
      sizes.map(({ steps, warmupSteps }) => [steps, warmupSteps]),
      [
        [158, 15],
        [3126, 100],
      ],
    );
    assert.equal(valuesOf(1).keptFolder, '/jobs/a/kept');
  });
});

// The trainers' configurations of experiments/paper/trainers, filled in as for a job.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import {
  trainerSchema,
  type CommandTrainerConfig,
  type TrainingMethod,
} from '../../../lib/src/finetune/index.js';
import { prepareJob } from '../../../lib/src/finetune/command/job-preparation.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { CommandSetting, commandConfig } from './command-setting.js';

const FOLDER = fileURLToPath(new URL('../../../experiments/paper/trainers/', import.meta.url));
const setting = new CommandSetting();

const ASKED = { role: 'user', content: 'Which is better?' };
const reply = (content: string): object => ({ role: 'assistant', content });
const CONVERSATION = { messages: [ASKED, reply('[[A]]')] };
const PAIR = {
  input: { messages: [ASKED] },
  preferred_output: [reply('[[A]]')],
  non_preferred_output: [reply('[[B]]')],
};

/** Text of a template, filled in for a job that says as little, or as much, as it can. */
async function filledIn(
  config: CommandTrainerConfig,
  { method, isFull }: { method: TrainingMethod; isFull: boolean },
): Promise<Map<string, string>> {
  const request = await setting.request({
    method,
    hyperparameters: isFull ? { nEpochs: 3, batchSize: 64 } : { nEpochs: 2, batchSize: 8 },
  });
  await writeFile(
    request.trainingFilePath,
    `${JSON.stringify(method.type === 'dpo' ? PAIR : CONVERSATION)}\n`,
  );
  const folder = new RunFolder(join(await setting.folder(), 'job "1"'));
  await prepareJob(
    folder,
    { ...request, validationFilePath: isFull ? request.trainingFilePath : undefined },
    { config, baseFolder: FOLDER, now: () => 0 },
  );
  const names = config.templates.map((template) => basename(template));
  const texts = await Promise.all(names.map((name) => readFile(folder.file(name), 'utf8')));
  await setting.close();
  return new Map(names.map((name, i) => [name, texts[i] ?? '']));
}

/** Reads a filled-in file as its trainer would; Python reads YAML 1.1, in which 1e-6 is a text. */
function read(name: string, text: string): unknown {
  assert.doesNotMatch(text, /\{\{|\}\}/, name);
  switch (extname(name)) {
    case '.yaml':
      return parse(text, { version: '1.1' });
    case '.json':
      return JSON.parse(text);
    case '.py': {
      const { status, stderr, error } = spawnSync(
        'python3',
        ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'],
        {
          input: text,
          encoding: 'utf8',
        },
      );
      // Where there is no Python, what the text says is all that can be looked at.
      if (error === undefined) assert.equal(status, 0, stderr);
      return text;
    }
    case '.sh':
    case '.sbatch': {
      const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: text, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      return text;
    }
    default:
      throw new Error(`${name}: no reader for it`);
  }
}

async function configOf(
  templates: string[],
  isFull: boolean,
  isDpo = templates.some((name) => name.includes('dpo')),
): Promise<Map<string, unknown>> {
  const config = commandConfig({ command: ['true'], templates, devices: 8 });
  const full: TrainingMethod = { type: 'dpo', beta: 0.2, nllScale: 1 };
  const method: TrainingMethod = isDpo ? (isFull ? full : { type: 'dpo' }) : { type: 'supervised' };
  const texts = await filledIn(config, { method, isFull });
  return new Map([...texts].map(([name, text]) => [name, read(name, text)]));
}

describe("the paper's trainers", () => {
  afterEach(() => setting.close());

  it('are all filled in completely, with and without what a job may leave out', async () => {
    const files = (await readdir(FOLDER, { recursive: true })).filter(
      (name) => extname(name) !== '' && !name.endsWith('.md'),
    );
    assert.equal(files.length, 14);
    for (const file of files) {
      for (const [isFull, isDpo] of [
        [false, undefined],
        [true, undefined],
        [true, true],
      ] as const) {
        // The batch script names the trainer's configuration, which is the first.
        const templates = file.endsWith('.sbatch') ? ['train_trl.py', file] : [file];
        await configOf(templates, isFull, isDpo);
      }
    }
  });

  it('have the sections that their page shows, each with its templates', async () => {
    const page = await readFile(join(FOLDER, 'README.md'), 'utf8');
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, block]) => parse(block ?? '') as unknown,
    );
    assert.equal(blocks.length, 5);
    for (const block of blocks) {
      const config = trainerSchema.parse((block as { trainer: unknown }).trainer);
      assert.ok(config.backend === 'command');
      for (const [name, text] of await filledIn(config, { method: { type: 'supervised' }, isFull: true }))
        read(name, text);
    }
  });

  it('train by the numbers of the paper where the experiment says nothing', async () => {
    const sft = {
      'axolotl-sft.yaml': {
        learning_rate: 1e-6,
        cosine_min_lr_ratio: 0.2,
        warmup_steps: 0,
        num_epochs: 2,
        bf16: true,
      },
      'llama-factory-sft.yaml': {
        learning_rate: 1e-6,
        lr_scheduler_kwargs: { min_lr_rate: 0.2 },
        warmup_steps: 0,
        num_train_epochs: 2,
        bf16: true,
        train_on_prompt: false,
      },
      'axolotl-dpo.yaml': { learning_rate: 5.5e-8, rl_beta: 0.1, dpo_loss_weights: [1, 1.5] },
      'llama-factory-dpo.yaml': { learning_rate: 5.5e-8, pref_beta: 0.1, pref_ftx: 1.5 },
    };
    for (const [name, expected] of Object.entries(sft)) {
      const found = (await configOf([name], false)).get(name) as Record<string, unknown>;
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(found[key], value, `${name}: ${key}`);
    }
    const fairseq2 = (await configOf(['fairseq2-sft.yaml'], false)).get('fairseq2-sft.yaml') as Record<
      string,
      Nested
    >;
    assert.equal(fairseq2.optimizer?.config?._set_?.lr, 1e-6);
    assert.deepEqual(fairseq2.lr_scheduler?.config?._set_, { num_warmup_steps: 0, final_lr_scale: 0.2 });
    const preference = (await configOf(['fairseq2-dpo.yaml'], false)).get('fairseq2-dpo.yaml') as Record<
      string,
      Nested
    >;
    assert.equal(preference.optimizer?.config?._set_?.lr, 5.5e-8);
    const criterion = preference.criterion?._set_ as { config: Record<string, unknown> };
    assert.deepEqual([criterion.config.beta, criterion.config.nll_scale], [0.1, 1.5]);
    const trl = String((await configOf(['train_trl.py'], false, true)).get('train_trl.py'));
    for (const line of ['METHOD = "dpo"', 'beta=0.1', 'loss_weights=[1.0, 1.5]', 'learning_rate=5.5e-8'])
      assert.ok(trl.includes(line), line);
    const supervised = String((await configOf(['train_trl.py'], false)).get('train_trl.py'));
    for (const line of [
      'METHOD = "supervised"',
      'learning_rate=1e-6',
      '"min_lr_rate": 0.2',
      'warmup_steps=0',
      'num_train_epochs=2',
      'bf16=True',
      'completion_only_loss=True',
    ])
      assert.ok(supervised.includes(line), line);
  });

  it('follow the experiment where it says something, and look at a validation file where there is one', async () => {
    const full = (await configOf(['axolotl-dpo.yaml'], true)).get('axolotl-dpo.yaml') as Record<
      string,
      unknown
    >;
    assert.deepEqual(
      [full.rl_beta, full.dpo_loss_weights, full.num_epochs, full.gradient_accumulation_steps, full.seed],
      [0.2, [1, 1], 3, 8, 7],
    );
    const llama = await configOf(['llama-factory-sft.yaml', 'llama-factory-sft/dataset_info.json'], true);
    const sets = llama.get('dataset_info.json') as Record<string, { file_name: string }>;
    assert.match(sets.validation?.file_name ?? '', /job "1"\/validation\.jsonl$/);
    assert.match(sets.training?.file_name ?? '', /job "1"\/training\.jsonl$/);
    assert.equal(
      (llama.get('llama-factory-sft.yaml') as { eval_dataset: string }).eval_dataset,
      'validation',
    );
  });
});

interface Nested {
  config?: { _set_?: Record<string, unknown> };
  _set_?: Record<string, unknown>;
}

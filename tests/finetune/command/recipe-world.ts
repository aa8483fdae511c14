// A folder in which the recipes of experiments/ run, with stand-ins for TRL, Slurm, Accelerate and vLLM's command.
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { notRun } from '../../fixtures/not-run.js';
import { writeExperiment } from '../../fixtures/small-experiment.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FIXTURES = join(ROOT, 'tests/fixtures');

/** Describes tests of scripts that need Python, which are pending where there is none. */
export function describeWithPython(title: string, body: () => void): void {
  if (spawnSync('python3', ['--version']).status !== 0) notRun(title, 'there is no python3');
  else describe(title, body);
}

/** What a stand-in for TRL wrote down about a training. */
export interface Training {
  gradient_accumulation_steps: number;
  warmup_steps: number;
  max_length: number;
  examples: number;
  resumed: boolean;
}

/** A copy of a recipe's folder. */
export interface RecipeWorld {
  folder: string;
  environment: NodeJS.ProcessEnv;
  /** Every training that began, in order. */
  trainings: () => Promise<Training[]>;
  /** Makes trainings fail, or end well again. */
  say: (name: string, text: string) => Promise<void>;
  /** The experiment with settings of a test in place of its own; its path. */
  write: (settings: Record<string, unknown>) => Promise<string>;
}

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** @param folder empty @param recipe the folder in experiments/ and the experiment file in it */
export async function openRecipe(
  folder: string,
  [recipe, file]: readonly [string, string],
): Promise<RecipeWorld> {
  const copy = join(folder, 'recipe');
  await cp(join(ROOT, 'experiments', recipe), copy, { recursive: true });
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const script = async (name: string, program: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/bin/sh\nexec python3 ${join(FIXTURES, program)} ${name} "$@"\n`);
    await chmod(join(bin, name), 0o755);
  };
  for (const name of ['sbatch', 'sacct', 'scancel', 'srun', 'scontrol', 'hostname'])
    await script(name, 'slurm/slurm.py');
  for (const name of ['accelerate', 'vllm']) await script(name, 'slurm/launch.py');
  await mkdir(join(folder, 'slurm'));
  const words = Array.from('abcdefghijklmnop');
  await writeFile(
    join(copy, 'pool.jsonl'),
    jsonl(words.map((word) => ({ instruction: `tell me of ${word}` }))),
  );
  const pair = {
    instruction: 'more',
    winner: 'good answer',
    loser: 'bad answer',
    slice: 'all',
    errorKind: 'none',
  };
  await writeFile(join(copy, 'pairs.jsonl'), jsonl([{ itemId: 'one', ...pair }]));
  const trained = join(folder, 'trainings');
  return {
    folder: copy,
    environment: {
      ...process.env,
      PATH: [bin, process.env.PATH].join(delimiter),
      PYTHONPATH: join(FIXTURES, 'python'),
      PYTHONDONTWRITEBYTECODE: '1',
      TRAININGS: trained,
      TSX: createRequire(import.meta.url).resolve('tsx'),
      FAKE_SLURM: join(folder, 'slurm'),
      POLL_S: '0.05',
    },
    trainings: async () => {
      const text = await readFile(trained, 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Training);
    },
    say: (name, text) => writeFile(join(folder, name), text),
    write: async (settings) => {
      const own = parse(await readFile(join(copy, file), 'utf8')) as Record<string, unknown>;
      return writeExperiment(copy, {
        ...own,
        iterations: 2,
        instructions: { source: 'jsonl', path: 'pool.jsonl', perIteration: 8 },
        judge: { ...(own.judge as object), samples: 1 },
        evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' } },
        ...settings,
      });
    },
  };
}

// Makes the seed checkpoint of the embedded model from its recipe, or with --check shows that the one at hand follows from it.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AutodidactError, messageOf } from '../lib/src/core/errors.js';
import { writeFileAtomic } from '../lib/src/core/files.js';
import { sha256 } from '../lib/src/core/hash.js';
import { fingerprintOf } from '../lib/src/micro/checkpoint.js';
import { OTHER_SEED_CHECKPOINTS, SEED_CHECKPOINT_PATH, SEED_MODEL_ID } from '../lib/src/micro/seed-model.js';
import {
  nStepsOf,
  SEED_RECIPES,
  SEED_START,
  seedRecipe,
  trainSeed,
  type SeedRecipe,
} from '../lib/src/micro/seed-recipe.js';
import { measureSkills, type SeedSkills } from '../lib/src/micro/seed-skills.js';

const usage = `Usage: npm run seed:train -- [--model NAME] [--check|--check-start] [--split dev|test]
  --model   micro-seed (the default), micro-seed-weak or micro-seed-strong
  --check-start   train the first steps of micro-seed alone and compare its weights with those that are known
  --check   train, compare with the checkpoint at hand byte for byte, write nothing; exit code 1 where they differ
  --split   held-out instructions on which skills are measured (default dev; test is for published numbers)`;

interface Options {
  model: keyof typeof SEED_RECIPES;
  check: boolean;
  checkStart: boolean;
  split: 'dev' | 'test';
}

function isSeedName(name: string): name is keyof typeof SEED_RECIPES {
  return Object.hasOwn(SEED_RECIPES, name);
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: SEED_MODEL_ID },
      check: { type: 'boolean', default: false },
      'check-start': { type: 'boolean', default: false },
      split: { type: 'string', default: 'dev' },
    },
  });
  const { model, check, 'check-start': checkStart, split } = values;
  if (!isSeedName(model))
    throw new Error(`--model: expected one of ${Object.keys(SEED_RECIPES).join(', ')}, received ${model}`);
  if (split !== 'dev' && split !== 'test')
    throw new Error(`--split: expected dev or test, received ${split}`);
  return { model, check, checkStart, split };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`.padStart(8);
}

function skillsTable({ slices, all, recall }: SeedSkills): string {
  const columns = ['answer', 'modify', 'judge', 'judgeAnswer', 'verdictA', 'unparsed'] as const;
  const head = ['slice'.padEnd(10), ...columns.map((column) => column.padStart(12))].join('');
  const rows = Object.entries({ ...slices, all }).map(
    ([name, skills]) =>
      name.padEnd(10) + columns.map((column) => percent(skills[column]).padStart(12)).join(''),
  );
  return [head, ...rows, `recall ${percent(recall).trim()}`].join('\n');
}

async function checkFirstSteps(): Promise<void> {
  const { nSteps, weightsSha256 } = SEED_START;
  const { weights } = await trainSeed(seedRecipe, { nSteps });
  const found = fingerprintOf(weights);
  const isSame = found === weightsSha256;
  console.log(
    `weights after ${nSteps} steps: sha256 ${found}, ${isSame ? 'as known' : `expected ${weightsSha256}`}`,
  );
  if (!isSame) process.exitCode = 1;
}

async function main(): Promise<void> {
  const { model, check, checkStart, split } = readOptions();
  if (checkStart) return checkFirstSteps();
  const recipe: SeedRecipe = SEED_RECIPES[model];
  const path = model === SEED_MODEL_ID ? SEED_CHECKPOINT_PATH : OTHER_SEED_CHECKPOINTS[model];
  const nSteps = nStepsOf(recipe);
  const training = await trainSeed(recipe, {
    onStep: ({ step, loss }) => {
      if (step % 200 === 0 || step === nSteps) console.log(`step ${step}/${nSteps} loss ${loss.toFixed(4)}`);
    },
  });
  const { checkpoint, checkpointSha256, nParameters, nTokens, finalLoss, weights } = training;
  console.log(`${nParameters} parameters, ${nTokens} tokens, loss ${finalLoss.toFixed(4)}`);
  if (check) {
    const found = sha256(await readFile(path));
    const same = found === checkpointSha256;
    console.log(`${path}: sha256 ${found}, the recipe gives ${same ? 'the same' : checkpointSha256}`);
    if (!same) process.exitCode = 1;
  } else {
    await writeFileAtomic(path, checkpoint);
    console.log(`${path}: ${checkpoint.length} bytes, sha256 ${checkpointSha256}`);
  }
  const skills = measureSkills({ shape: recipe.shape, weights }, { split, nPerSlice: 300, seed: 'card' });
  console.log(`skills on ${3 * skills.nPerSlice} instructions of ${split}:\n${skillsTable(skills)}`);
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof AutodidactError ? thrown.message : `${messageOf(thrown)}\n${usage}`);
  process.exitCode = 1;
});

// Makes the seed checkpoint of the embedded model from its recipe, or with --check shows that the one at hand follows from it.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AutodidactError, messageOf } from '../lib/src/core/errors.js';
import { writeFileAtomic } from '../lib/src/core/files.js';
import { sha256 } from '../lib/src/core/hash.js';
import { SEED_CHECKPOINT_PATH } from '../lib/src/micro/seed-model.js';
import { nStepsOf, seedRecipe, trainSeed } from '../lib/src/micro/seed-recipe.js';
import { measureSkills, type SeedSkills } from '../lib/src/micro/seed-skills.js';

const usage = `Usage: npm run seed:train -- [--check] [--split dev|test]
  --check   train, compare with the checkpoint at hand byte for byte, write nothing; exit code 1 where they differ
  --split   held-out instructions on which skills are measured (default dev; test is for published numbers)`;

function readOptions(): { check: boolean; split: 'dev' | 'test' } {
  const { values } = parseArgs({
    options: { check: { type: 'boolean', default: false }, split: { type: 'string', default: 'dev' } },
  });
  const { check, split } = values;
  if (split !== 'dev' && split !== 'test')
    throw new Error(`--split: expected dev or test, received ${split}`);
  return { check, split };
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

async function main(): Promise<void> {
  const { check, split } = readOptions();
  const nSteps = nStepsOf(seedRecipe);
  const training = await trainSeed(seedRecipe, {
    onStep: ({ step, loss }) => {
      if (step % 200 === 0 || step === nSteps) console.log(`step ${step}/${nSteps} loss ${loss.toFixed(4)}`);
    },
  });
  const { checkpoint, checkpointSha256, nParameters, nTokens, finalLoss, weights } = training;
  console.log(`${nParameters} parameters, ${nTokens} tokens, loss ${finalLoss.toFixed(4)}`);
  if (check) {
    const found = sha256(await readFile(SEED_CHECKPOINT_PATH));
    const same = found === checkpointSha256;
    console.log(
      `${SEED_CHECKPOINT_PATH}: sha256 ${found}, the recipe gives ${same ? 'the same' : checkpointSha256}`,
    );
    if (!same) process.exitCode = 1;
  } else {
    await writeFileAtomic(SEED_CHECKPOINT_PATH, checkpoint);
    console.log(`${SEED_CHECKPOINT_PATH}: ${checkpoint.length} bytes, sha256 ${checkpointSha256}`);
  }
  const skills = measureSkills({ shape: seedRecipe.shape, weights }, { split, nPerSlice: 300, seed: 'card' });
  console.log(`skills on ${3 * skills.nPerSlice} instructions of ${split}:\n${skillsTable(skills)}`);
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof AutodidactError ? thrown.message : `${messageOf(thrown)}\n${usage}`);
  process.exitCode = 1;
});

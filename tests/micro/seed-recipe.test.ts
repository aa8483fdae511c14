// The seed checkpoint that ships: that it follows from the recipe, and that it can do what its card says.
import assert from 'node:assert/strict';
import { fingerprintOf, readCheckpoint, vocabularyHash } from '../../lib/src/micro/checkpoint.js';
import { OTHER_SEED_CHECKPOINTS, SEED_CHECKPOINT_PATH } from '../../lib/src/micro/seed-model.js';
import {
  nStepsOf,
  SEED_RECIPES,
  seedRecipe,
  trainSeed,
  type SeedRecipe,
} from '../../lib/src/micro/seed-recipe.js';
import { measureSkills } from '../../lib/src/micro/seed-skills.js';
import { vocabulary } from '../../lib/src/micro/tokenizer.js';

const small: SeedRecipe = {
  ...seedRecipe,
  shape: { ...seedRecipe.shape, width: 16, layers: 1, heads: 1, hidden: 16 },
  phases: seedRecipe.phases.map((phase) => ({ ...phase, nSteps: 3 })),
  batchSize: 8,
  decayFrom: 4,
};

describe('seed recipe', () => {
  it('gives the same bytes again, whatever the number of threads', async () => {
    const [one, two] = [await trainSeed(small, { nWorkers: 1 }), await trainSeed(small, { nWorkers: 2 })];
    assert.equal(one.checkpointSha256, two.checkpointSha256);
    assert.equal(nStepsOf(small), 6);
  });

  it('gives other bytes for another seed', async () => {
    const other = await trainSeed({ ...small, seed: small.seed + 1 }, { nWorkers: 1 });
    assert.notEqual(other.checkpointSha256, (await trainSeed(small, { nWorkers: 1 })).checkpointSha256);
  });
});

describe('seed checkpoint', () => {
  for (const [name, recipe] of Object.entries(SEED_RECIPES)) {
    it(`of ${name} was made by the recipe in the code, for the vocabulary in the code`, async () => {
      const path = { ...OTHER_SEED_CHECKPOINTS, 'micro-seed': SEED_CHECKPOINT_PATH }[name] ?? '';
      const { shape, weights, metadata } = await readCheckpoint(path, {
        vocabularySha256: vocabularyHash(vocabulary),
      });
      assert.deepEqual(shape, recipe.shape);
      assert.equal(metadata.recipe, JSON.stringify(recipe));
      assert.equal(metadata.weights_sha256, fingerprintOf(weights));
    });
  }

  it('solves its tasks and works right answers out, but judges little better than by chance', async () => {
    const model = await readCheckpoint(SEED_CHECKPOINT_PATH);
    const { slices, all, recall } = measureSkills(model, {
      split: 'dev',
      nPerSlice: 60,
      seed: 'test of the seed',
    });
    for (const [name, { answer, modify }] of Object.entries(slices)) {
      assert(answer >= 0.95, `${name}: ${answer} of the answers are right`);
      assert(modify >= 0.7, `${name}: ${modify} of the modified instructions are usable`);
    }
    assert(recall >= 0.95 && all.judgeAnswer >= 0.9, `recall ${recall}, own answers ${all.judgeAnswer}`);
    assert(all.judge > 0.5 && all.judge < 0.75, `${all.judge} of the verdicts are right`);
  }).timeout(60_000);

  it('judges worse or better than the default one, as its name says', async () => {
    const judgeOf = async (path: string): Promise<number> =>
      measureSkills(await readCheckpoint(path), { split: 'dev', nPerSlice: 60, seed: 'test of the seed' }).all
        .judge;
    const [weak, middle, strong] = [
      await judgeOf(OTHER_SEED_CHECKPOINTS['micro-seed-weak']),
      await judgeOf(SEED_CHECKPOINT_PATH),
      await judgeOf(OTHER_SEED_CHECKPOINTS['micro-seed-strong']),
    ];
    assert(weak < middle - 0.05 && middle < strong - 0.05, `${weak}, ${middle}, ${strong}`);
  }).timeout(60_000);
});

import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../../lib/src/core/errors.js';
import { loadExperimentConfig } from '../../../lib/src/experiment/config/load-config.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import {
  instructionSchema,
  overlapReportSchema,
  selectionSummarySchema,
} from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { collect, NEVER } from '../../fixtures/scripted-endpoint.js';
import { embeddedIn, runIn, SMALL_EXPERIMENT, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { WORLD_POOL, writeWorldPool } from '../../fixtures/world-pool.js';

const pooled = (instructions: object = {}, config: object = SMALL_EXPERIMENT): object => ({
  ...config,
  instructions: { ...WORLD_POOL, perIteration: 12, ...instructions },
});

describe('a pool without classification', function () {
  this.timeout(60_000);

  it('is chosen from before anything is asked, and runs through the loop with its selection in the results', () =>
    inTemporaryFolder(async (folder) => {
      await writeWorldPool(folder, 20);
      const path = await writeExperiment(folder, pooled({}, embeddedIn(folder)));
      const { result } = await runIn(folder, path);
      const run = new RunFolder(result.folder);
      const rounds = await Promise.all(
        [1, 2].map((i) =>
          collect(run.inside(`iteration-${i}`).records('instructions.jsonl', instructionSchema)),
        ),
      );
      assert.deepEqual(
        rounds.map((round) =>
          ['reasoning', 'code', 'math'].map((name) => round.filter(({ slice }) => slice === name).length),
        ),
        [
          [4, 4, 4],
          [4, 4, 4],
        ],
      );
      assert.equal(new Set(rounds.flat().map(({ instructionId }) => instructionId)).size, 24);
      assert.match(rounds[0]?.find(({ slice }) => slice === 'code')?.source?.file ?? '', /^code\.csv$/);
      // 60 instructions and 3 odd rows; two iterations of 12 take 24.
      const selection = await run.readJson('selection.json', selectionSummarySchema);
      assert.deepEqual(
        [selection?.rows, selection?.offered, selection?.taken, selection?.drops],
        [63, 60, 24, { 'not-drawn': 36, duplicate: 1, 'text-missing': 1, 'slice-not-selected': 1 }],
      );
      assert.match(
        await readFile(result.reportPath, 'utf8'),
        /## Selection of instructions[^]*selection\.svg/,
      );
      assert.match(await readFile(run.file('selection.svg'), 'utf8'), /^<svg/);
      const overlap = await run.readJson('overlap.json', overlapReportSchema);
      assert.equal(overlap?.training.instruction.n, 24);
    }));

  it('names its run by the content of all its files', () =>
    inTemporaryFolder(async (folder) => {
      await writeWorldPool(folder, 10);
      const path = await writeExperiment(folder, pooled());
      const before = await prepareExperiment(path, [], NEVER);
      assert.equal((await prepareExperiment(path, [], NEVER)).runId, before.runId);
      await appendFile(join(folder, 'code.csv'), '\n"another one"\n');
      assert.notEqual((await prepareExperiment(path, [], NEVER)).runId, before.runId);
    }));

  it('gives iterations what the choice says, drawn by the seed, and holds no more of it than they take', () =>
    inTemporaryFolder(async (folder) => {
      await writeWorldPool(folder, 40);
      const chosen = async (instructions: object, seed: number): Promise<string[]> => {
        const path = await writeExperiment(folder, { ...pooled(instructions), seed });
        return [...(await prepareExperiment(path, [], NEVER)).instructions.read()].map(({ text }) => text);
      };
      const first = await chosen({}, 1);
      assert.equal(first.length, 24);
      assert.deepEqual(await chosen({}, 1), first);
      assert.notDeepEqual(await chosen({}, 2), first);
      assert.equal((await chosen({ fresh: false }, 1)).length, 12);
      assert.equal((await chosen({ choose: { count: 60, balance: 'slice' } }, 1)).length, 60);
      // Without a count, what iterations take: two times twelve.
      assert.deepEqual(await chosen({ choose: { balance: 'slice' } }, 1), first);
    }));

  it('is refused with what was dropped and why when too few are left', () =>
    inTemporaryFolder(async (folder) => {
      await writeWorldPool(folder, 7);
      await assert.rejects(
        prepareExperiment(await writeExperiment(folder, pooled()), [], NEVER),
        (thrown: unknown) => {
          assert.ok(thrown instanceof ConfigError);
          // Of each slice the first iteration takes 4 and leaves 3.
          assert.match(
            thrown.message,
            /2 times 12 different instructions.*only 9; dropped were: .*duplicate 1/,
          );
          return true;
        },
      );
    }));

  it('names the setting that is missing where most rows are dropped because of it', () =>
    inTemporaryFolder(async (folder) => {
      await writeWorldPool(folder, 20);
      const refusedWith = async (instructions: object, remedy: RegExp): Promise<void> => {
        const path = await writeExperiment(folder, pooled({ slices: ['math'], ...instructions }));
        await assert.rejects(prepareExperiment(path, [], NEVER), remedy);
      };
      const file = { path: 'math.jsonl.gz', slice: 'math' };
      await refusedWith(
        { files: [{ ...file, layout: 'messages' }] },
        /text-missing 20.* the layout of the file/,
      );
      await refusedWith(
        { files: [file], filters: { languages: ['en'] } },
        /language-unknown 20.*columns\.language/,
      );
    }));

  it('is held against the benchmark', () =>
    inTemporaryFolder(async (folder) => {
      await writeWorldPool(folder, 8);
      // All that there is is taken, so that this is.
      const [row] = (await readFile(join(folder, 'reasoning.jsonl'), 'utf8')).split('\n');
      const { prompt } = JSON.parse(row ?? '') as { prompt: string };
      const item = { itemId: 'i', instruction: prompt, slice: 's', errorKind: 'e', winner: 'w', loser: 'l' };
      await writeFile(join(folder, 'benchmark.jsonl'), JSON.stringify(item));
      const evaluate = { benchmark: { source: 'jsonl', path: 'benchmark.jsonl' } };
      const path = await writeExperiment(folder, { ...pooled(), evaluate });
      await assert.rejects(prepareExperiment(path, [], NEVER), DataError);
    }));
});

describe('a pool with categories', () => {
  it('is balanced by them over what all iterations take, where no count is given', () =>
    inTemporaryFolder(async (folder) => {
      const rows = Array.from({ length: 60 }, (_, i) => ({
        text: `tell me about the number ${i}`,
        topic: i < 48 ? 'Coding' : 'Rewriting',
      }));
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      await writeFile(join(folder, 'rows.jsonl'), lines);
      const columns = { text: 'text', category: 'topic' };
      const instructions = {
        source: 'pool',
        files: [{ path: 'rows.jsonl', columns }],
        choose: { balance: 'category' },
        perIteration: 12,
      };
      const path = await writeExperiment(folder, { ...SMALL_EXPERIMENT, instructions });
      const chosen = [...(await prepareExperiment(path, [], NEVER)).instructions.read()];
      assert.deepEqual(
        ['Coding', 'Rewriting'].map(
          (name) => chosen.filter(({ labels }) => labels?.category === name).length,
        ),
        [12, 12],
      );
    }));
});

describe('the section of a pool', () => {
  const refuse = (instructions: object, expected: RegExp): Promise<void> =>
    inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, pooled(instructions));
      await assert.rejects(loadExperimentConfig(path), expected);
    });

  it('tells unknown keys with the known ones, also deep in it', async () => {
    await refuse({ perIterations: 3 }, /unknown key "perIterations".*known here: source, files, filters/);
    await refuse(
      { filters: { toxics: 'drop' } },
      /unknown key "toxics"; did you mean "toxic"\? \(known here: characters, words/,
    );
    await refuse(
      { classify: { mots: 3 } },
      /unknown key "mots"; did you mean "most"\? \(known here: model, most, temperature/,
    );
    await refuse(
      { choose: { slice: ['math'] } },
      /unknown key "slice"; did you mean "slices"\? \(known here: slices, define/,
    );
  });

  it('refuses what contradicts itself', async () => {
    await refuse({ choose: { slices: ['math'] } }, /expected either slices or choose\.slices/);
    await refuse({ filters: { duplicates: 'keep' } }, /duplicates: expected drop/);
    await refuse({ choose: { balance: 'category' } }, /choose\.balance.*needs choose\.count/);
  });

  it('needs the price of a model that classifies where the cost is capped', () =>
    inTemporaryFolder(async (folder) => {
      const config = pooled(
        { classify: { model: 'labeller' } },
        { ...SMALL_EXPERIMENT, budget: { costUsd: 1 } },
      );
      await assert.rejects(
        loadExperimentConfig(await writeExperiment(folder, config)),
        /the price of labeller/,
      );
    }));

  it('is refused for classification by a pack without a selection prompt', () =>
    inTemporaryFolder(async (folder) => {
      await writeWorldPool(folder, 10);
      const path = await writeExperiment(folder, pooled({ classify: {} }));
      await assert.rejects(prepareExperiment(path, [], NEVER), /selection prompt.*pack micro/);
    }));
});

import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planExperiment } from '../../../lib/src/experiment/plan/plan-experiment.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import {
  evaluateStage,
  generateStage,
  judgeStage,
  type Asking,
} from '../../../lib/src/experiment/run/asking-stages.js';
import type { Assumption } from '../../../lib/src/schema/plan.js';
import type { Instruction, ResponsePair } from '../../../lib/src/schema/index.js';
import {
  askAhead,
  countsOf,
  NOTHING,
  PLANNED_EXPERIMENT,
  planIn,
  SCRIPT,
  stageOf,
  writePlanned,
} from '../../fixtures/planned-experiment.js';
import { collect, NEVER } from '../../fixtures/scripted-endpoint.js';
import { writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** The instructions that an experiment's first iteration takes, in the order of the pool. */
async function poolOf(configPath: string, count: number): Promise<Instruction[]> {
  const { instructions } = await prepareExperiment(configPath, [], NEVER);
  return [...instructions.read()].slice(0, count);
}

/** Writes pairs into the store. @param count of the instructions, the first so many */
async function writePairs(folder: string, configPath: string, count = 4): Promise<ResponsePair[]> {
  const pairs: ResponsePair[] = [];
  const ask = async (context: Asking): Promise<void> => {
    const instructions = await poolOf(configPath, count);
    for (const outcome of await collect(generateStage(instructions, context)))
      if (outcome.kind === 'kept') pairs.push(outcome.record);
  };
  await askAhead(folder, configPath, { script: SCRIPT, ask });
  return pairs;
}

const sourceOf = (assumptions: readonly Assumption[], start: string): string[] =>
  assumptions.filter(({ what }) => what.startsWith(start)).map(({ value, source }) => `${value}: ${source}`);

describe('a plan', () => {
  it('counts what every stage asks for, before anything is sent', () =>
    inTemporaryFolder(async (folder) => {
      const plan = await planIn(folder, await writePlanned(folder));
      // 2 items in 2 orders, each greedy and by a vote of 2; a prompt is "J bench?|ww|l": 13 characters, and 4.
      const evaluation = {
        requests: 8,
        cachedRequests: 0,
        completions: 12,
        promptTokens: 8 * 17,
        completionTokens: 12 * 7,
      };
      assert.deepEqual(countsOf(stageOf(plan, 0, 'evaluate')), evaluation);
      assert.deepEqual(countsOf(stageOf(plan, 1, 'evaluate')), evaluation);
      // 4 winners of 6 + 4, 4 times 2 modified instructions of 8 + 4, 4 losers as long as winners.
      assert.deepEqual(countsOf(stageOf(plan, 1, 'generate')), {
        requests: 12,
        cachedRequests: 0,
        completions: 16,
        promptTokens: 4 * (10 + 12 + 10),
        completionTokens: 8 * 10 + 8 * 5,
      });
      // Half of 4 instructions, 2 orders, 3 judgments; "J iiiiii||" is 10 characters, responses of 10 tokens each.
      assert.deepEqual(countsOf(stageOf(plan, 1, 'judge')), {
        requests: 4,
        cachedRequests: 0,
        completions: 12,
        promptTokens: 4 * (10 + 4 + 20),
        completionTokens: 12 * 7,
      });
      assert.equal(stageOf(plan, 1, 'judge').nInput, 2);
      assert.deepEqual(countsOf(stageOf(plan, 1, 'finetune')), NOTHING);
      assert.equal(stageOf(plan, 1, 'finetune').nInput, 2);
      assert.deepEqual(
        [plan.total.requests, plan.total.completions, plan.total.promptTokens + plan.total.completionTokens],
        // Requests 8 + 12 + 4 + 8, and so on, as above.
        [32, 52, 136 + 84 + 128 + 120 + 136 + 84 + 136 + 84],
      );
      assert.deepEqual([plan.total.costUsd, plan.total.wallMs], [null, null]);
      assert.deepEqual((await readdir(folder)).sort(), [
        'benchmark.jsonl',
        'experiment.yaml',
        'instructions.jsonl',
        'pack.yaml',
      ]);
    }));

  it('tells cost by the price of each model and time by the pace that is assumed', () =>
    inTemporaryFolder(async (folder) => {
      const prices = {
        seed: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 },
        '*': { inputUsdPerMillion: 100, outputUsdPerMillion: 1000 },
      };
      const settings = { ...PLANNED_EXPERIMENT.plan, tokensPerSecond: 42 };
      const config = { ...PLANNED_EXPERIMENT, prices, plan: settings };
      const plan = await planIn(folder, await writePlanned(folder, config));
      // 136 in and 84 out, as above: the seed's price, and that of a judge which is still to be trained.
      assert.equal(stageOf(plan, 0, 'evaluate').costUsd, (136 * 1 + 84 * 10) / 1e6);
      assert.equal(stageOf(plan, 1, 'evaluate').costUsd, (136 * 100 + 84 * 1000) / 1e6);
      assert.equal(stageOf(plan, 0, 'evaluate').wallMs, 2000);
      assert.deepEqual(
        [stageOf(plan, 1, 'finetune').costUsd, stageOf(plan, 1, 'finetune').wallMs],
        [0, null],
      );
      // 84 + 120 + 84 + 84 tokens at 42 a second; fine-tuning is not in it.
      assert.equal(plan.total.wallMs, 2000 + 2857 + 2000 + 2000);
    }));

  it('takes what the store answers out, and reads lengths from it', () =>
    inTemporaryFolder(async (folder) => {
      const longer = {
        ...PLANNED_EXPERIMENT,
        instructions: { ...PLANNED_EXPERIMENT.instructions, perIteration: 40 },
      };
      const config = { ...longer, plan: { charactersPerToken: 1 } };
      const path = await writePlanned(folder, config, { nInstructions: 40 });
      const pairs = await writePairs(folder, path, 30);
      assert.equal(pairs.length, 30);
      const plan = await planIn(folder, path);
      // 10 instructions are left: 10 winners, 10 times 2 modified instructions, 10 losers; an answer has 3 tokens by now, a
      // modified instruction 7. Prompts of losers are as long as those of winners and of known losers together: (40 x 10 + 30 x 11) / 70.
      assert.deepEqual(countsOf(stageOf(plan, 1, 'generate')), {
        requests: 30,
        cachedRequests: 90,
        completions: 40,
        promptTokens: Math.round(10 * 10 + 10 * 12 + (10 * (40 * 10 + 30 * 11)) / 70),
        completionTokens: 20 * 3 + 20 * 7,
      });
      // All 30 became pairs, so 40 are expected; "J iiiiii|yes|no!" is 16 characters, and 4.
      assert.deepEqual(stageOf(plan, 1, 'judge').nInput, 40);
      assert.equal(stageOf(plan, 1, 'judge').promptTokens, 80 * 20);
      assert.deepEqual(sourceOf(plan.assumptions, 'tokens of an answer'), [
        '3: mean of 60 in the completion store, their tokens taken to be characters / 1',
      ]);
      assert.deepEqual(sourceOf(plan.assumptions, 'instructions that become a pair'), [
        '1: mean of 30 in the completion store',
      ]);
      assert.match(sourceOf(plan.assumptions, 'tokens of a judgment')[0] ?? '', /^350: a guess/);
    }));

  it('expects nothing of a stage whose every request the store answers', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writePlanned(folder);
      const pairs = await writePairs(folder, path);
      await askAhead(folder, path, {
        script: SCRIPT,
        ask: async (context) => {
          await collect(judgeStage(pairs, { model: 'seed' }, context));
          const [how] = (await prepareExperiment(path, [], NEVER)).evaluations;
          await collect(evaluateStage(how.benchmark.items, 'seed', { ...context, how }));
        },
      });
      const plan = await planIn(folder, path);
      assert.deepEqual(countsOf(stageOf(plan, 0, 'evaluate')), { ...NOTHING, cachedRequests: 8 });
      assert.deepEqual(countsOf(stageOf(plan, 1, 'generate')), { ...NOTHING, cachedRequests: 12 });
      assert.deepEqual(countsOf(stageOf(plan, 1, 'judge')), { ...NOTHING, cachedRequests: 8 });
      // The judge of the first iteration is not trained yet.
      assert.equal(stageOf(plan, 1, 'evaluate').requests, 8);
      assert.equal(stageOf(plan, 1, 'evaluate').costUsd, null);
      assert.equal(stageOf(plan, 0, 'evaluate').costUsd, 0);
    }));

  it('asks a request whole when the store has only some of its completions', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writePlanned(folder);
      const pairs = await writePairs(folder, path);
      await askAhead(folder, path, {
        script: SCRIPT,
        ask: async (context) => {
          const { config } = context;
          const fewer = { ...config, judge: { ...config.judge, samples: 2 } };
          await collect(judgeStage(pairs, { model: 'seed' }, { ...context, config: fewer }));
        },
      });
      const { requests, completions } = stageOf(await planIn(folder, path), 1, 'judge');
      assert.deepEqual([requests, completions], [8, 24]);
    }));

  it('counts one request for each pair where orders are balanced', () =>
    inTemporaryFolder(async (folder) => {
      const config = { ...PLANNED_EXPERIMENT, judge: { samples: 3, orders: 'balanced' } };
      const path = await writePlanned(folder, config);
      await writePairs(folder, path, 2);
      // 2 known pairs and half of the 2 others.
      const judge = stageOf(await planIn(folder, path), 1, 'judge');
      assert.deepEqual([judge.nInput, judge.requests, judge.completions], [3, 3, 9]);
    }));

  it('writes pairs once where all iterations take the same instructions', () =>
    inTemporaryFolder(async (folder) => {
      const instructions = { ...PLANNED_EXPERIMENT.instructions, fresh: false };
      const plan = await planIn(
        folder,
        await writePlanned(folder, { ...PLANNED_EXPERIMENT, iterations: 2, instructions }),
      );
      assert.equal(stageOf(plan, 1, 'generate').requests, 12);
      assert.deepEqual(countsOf(stageOf(plan, 2, 'generate')), { ...NOTHING, cachedRequests: 12 });
      assert.deepEqual(countsOf(stageOf(plan, 2, 'judge')), countsOf(stageOf(plan, 1, 'judge')));
    }));

  it('counts the comparison of checkpoints as a stage of its own', () =>
    inTemporaryFolder(async (folder) => {
      const prices = { '*': { inputUsdPerMillion: 100, outputUsdPerMillion: 1000 } };
      const checkpoint = { benchmark: { source: 'jsonl', path: 'held-out.jsonl' } };
      const config = { ...PLANNED_EXPERIMENT, prices, finetune: { epochs: 3, checkpoint } };
      const path = await writePlanned(folder, config);
      const item = { itemId: 'c', instruction: 'heldc', slice: 'all', errorKind: 'none' };
      await writeFile(join(folder, 'held-out.jsonl'), JSON.stringify({ ...item, winner: 'ww', loser: 'l' }));
      const plan = await planIn(folder, path);
      // 1 pair in 2 orders, greedy alone, by the judge of each of 3 epochs; a prompt is "J heldc|ww|l": 12 characters, and 4.
      assert.deepEqual(countsOf(stageOf(plan, 1, 'choose-checkpoint')), {
        requests: 6,
        cachedRequests: 0,
        completions: 6,
        promptTokens: 6 * 16,
        completionTokens: 6 * 7,
      });
      const { nInput, costUsd } = stageOf(plan, 1, 'choose-checkpoint');
      assert.deepEqual([nInput, costUsd], [3, (96 * 100 + 42 * 1000) / 1e6]);
      assert.equal(plan.total.requests, 32 + 6);
      assert.deepEqual(sourceOf(plan.assumptions, 'checkpoints'), [
        '3 an iteration: one after each epoch; set plan.checkpoints',
      ]);

      const dpo = { epochs: 1 };
      const patient = { ...checkpoint, patience: 2 };
      const longer = { ...config, finetune: { epochs: 3, dpo, checkpoint: patient } };
      const inBoth = await planIn(folder, await writeExperiment(folder, longer));
      assert.equal(stageOf(inBoth, 1, 'choose-checkpoint').requests, 2 * (3 + 1));
      assert.match(sourceOf(inBoth.assumptions, 'checkpoints')[0] ?? '', /^at most 3 and 1 an iteration/);

      const told = { ...longer, plan: { ...PLANNED_EXPERIMENT.plan, checkpoints: 5 } };
      const asTold = await planIn(folder, await writeExperiment(folder, told));
      assert.equal(stageOf(asTold, 1, 'choose-checkpoint').requests, 2 * (5 + 5));
      assert.match(sourceOf(asTold.assumptions, 'checkpoints')[0] ?? '', /: plan\.checkpoints$/);
    }));

  it('looks at a sample of many inputs and scales what it finds, store hits included', () =>
    inTemporaryFolder(async (folder) => {
      const instructions = { ...PLANNED_EXPERIMENT.instructions, perIteration: 800 };
      const config = { ...PLANNED_EXPERIMENT, instructions };
      const path = await writePlanned(folder, config, { nInstructions: 800 });
      await writePairs(folder, path, 400);
      const plan = await planIn(folder, path);
      // The first half is there: of 2,400 requests, half.
      const generate = stageOf(plan, 1, 'generate');
      assert.deepEqual([generate.requests, generate.cachedRequests], [1200, 1200]);
      assert.deepEqual(sourceOf(plan.assumptions, 'inputs looked at'), [
        '600 of each stage, evenly spread; the rest is like them: so that a plan takes seconds; store hits are scaled likewise',
      ]);
      // 400 known pairs and half of the 400 others.
      assert.equal(stageOf(plan, 1, 'judge').nInput, 600);
    }));

  it('never expects more tokens than a completion may have', () =>
    inTemporaryFolder(async (folder) => {
      const config = { ...PLANNED_EXPERIMENT, judge: { samples: 3, maxTokens: 2 } };
      const plan = await planIn(folder, await writePlanned(folder, config));
      assert.equal(stageOf(plan, 1, 'judge').completionTokens, 12 * 2);
    }));

  it('passes over prompts that the embedded model cannot read, as its server would', () =>
    inTemporaryFolder(async (folder) => {
      const config = {
        ...PLANNED_EXPERIMENT,
        endpoint: { provider: 'embedded' },
        model: 'micro-seed',
        pack: 'micro',
        instructions: { source: 'jsonl', path: 'words.jsonl', perIteration: 2 },
      };
      const path = await writePlanned(folder, config);
      const words = ['compute 1 + 2', 'what is love'].map((instruction) => JSON.stringify({ instruction }));
      await writeFile(join(folder, 'words.jsonl'), words.join('\n'));
      const generate = stageOf(await planIn(folder, path), 1, 'generate');
      // <user> answer compute 1 + 2 <assistant>: 7 tokens, for the winner, the modified instruction and the loser of the one.
      assert.deepEqual([generate.requests, generate.promptTokens], [3, 21]);
    }));

  it('stops when it is told to', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writePlanned(folder);
      const reason = new Error('enough');
      const place = { configPath: path, resultsFolder: folder, completionsFolder: join(folder, 'none') };
      await assert.rejects(planExperiment({ ...place, signal: AbortSignal.abort(reason) }), reason);
    }));
});

import assert from 'node:assert/strict';
import { estimateKnownJudge } from '../../../lib/src/experiment/plan/estimate.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import { evaluateStage } from '../../../lib/src/experiment/run/asking-stages.js';
import type { ResponsePair } from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/run-folder.js';
import { SpendingLedger } from '../../../lib/src/store/spending-ledger.js';
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
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const USAGE = {
  requests: 8,
  retries: 0,
  errors: {},
  completions: 12,
  cachedCompletions: 0,
  promptTokens: 136,
  completionTokens: 84,
  costUsd: null,
};

describe('a plan of a run that was begun', () => {
  it('expects nothing of stages that an earlier attempt finished, and counts what was spent', () =>
    inTemporaryFolder(async (folder) => {
      const budget = { tokens: 600, calls: 100 };
      const path = await writePlanned(folder, { ...PLANNED_EXPERIMENT, budget });
      const before = await planIn(folder, path);
      // Needs 908 tokens: 220, 248, 220 and 220 by stage, so that 600 are used up in the third.
      const limits = { spentBefore: 0, planned: 908 };
      assert.deepEqual(before.caps, [
        { cap: 'tokens', limit: 600, ...limits, reachedIn: { iteration: 1, stage: 'judge' } },
        { cap: 'calls', limit: 100, spentBefore: 0, planned: 32, reachedIn: null },
      ]);

      const run = new RunFolder(before.folder);
      const record = { stage: 'evaluate', nInput: 2, nKept: 2, drops: {}, wallMs: 1, usage: USAGE };
      await run.inside('iteration-0').writeJson('evaluate.stage.json', record);
      const ledger = await SpendingLedger.open(run.file('spending.jsonl'));
      await ledger.record({ model: 'seed', promptTokens: 100, completionTokens: 50, costUsd: null });
      await ledger.close();
      const plan = await planIn(folder, path);
      const evaluate = stageOf(plan, 0, 'evaluate');
      assert.deepEqual([evaluate.state, evaluate.nInput, countsOf(evaluate)], ['done', 2, NOTHING]);
      assert.deepEqual(plan.caps[0], {
        cap: 'tokens',
        limit: 600,
        spentBefore: 150,
        planned: 688,
        // 150 + 248 + 220 is more than 600.
        reachedIn: { iteration: 1, stage: 'judge' },
      });
    }));

  it('takes judges and pairs from what an earlier attempt left', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writePlanned(folder, { ...PLANNED_EXPERIMENT, iterations: 2 });
      const { folder: runPath } = await planIn(folder, path);
      const run = new RunFolder(runPath).inside('iteration-1');
      const pair: ResponsePair = {
        pairId: 'p',
        instructionId: 'i',
        instruction: 'iiiiii',
        slice: 'all',
        winner: { text: 'y', model: 'seed', method: 'answer' },
        loser: {
          text: 'n',
          model: 'seed',
          method: 'answer-to-modified-instruction',
          modifiedInstruction: 'x',
        },
      };
      await run.writeText('pairs.jsonl', `${JSON.stringify(pair)}\n`);
      const model = { model: 'trained', parent: 'seed', jobId: 'j', trainingFileHash: 'h', nExamples: 1 };
      await run.writeJson('model.json', model);
      for (const [stage, nInput] of [
        ['generate', 4],
        ['finetune', 1],
      ] as const) {
        const record = { stage, nInput, nKept: 1, drops: {}, wallMs: 1, usage: USAGE };
        await run.writeJson(`${stage}.stage.json`, record);
      }
      await askAhead(folder, path, {
        script: SCRIPT,
        ask: async (context) => {
          const [how] = (await prepareExperiment(path, [], NEVER)).evaluations;
          await collect(evaluateStage(how.benchmark.items, 'trained', { ...context, how }));
        },
      });
      const plan = await planIn(folder, path);
      // "J iiiiii|y|n" is 12 characters, and 4; 2 orders.
      assert.equal(stageOf(plan, 1, 'judge').promptTokens, 2 * 16);
      assert.deepEqual(countsOf(stageOf(plan, 1, 'evaluate')), { ...NOTHING, cachedRequests: 8 });
      assert.equal(stageOf(plan, 2, 'evaluate').requests, 8);
    }));
});

describe('an estimate of judgments in balanced orders from a sample', () => {
  it('takes what was found in either order as the one that a run asks for', async () => {
    const empty = { nAsked: 0, nAskedSamples: 0, askedPromptTokens: 0, nCached: 0, nCachedSamples: 0 };
    const none = { ...empty, cachedPromptTokens: 0, cachedCompletionTokens: 0 };
    // 10 pairs asked in both orders: 4 found, 16 not, prompts of 30 tokens.
    const judgment = { ...none, nAsked: 16, askedPromptTokens: 480, nCached: 4, cachedPromptTokens: 120 };
    const others = { winner: none, 'modified-instruction': none, loser: none };
    const tally = { ...others, grade: none, classification: none, judgment };
    await inTemporaryFolder(async (folder) => {
      const { config, pack } = await prepareExperiment(await writePlanned(folder), [], NEVER);
      const lengths = {
        answerTokens: 1,
        responseTokens: 1,
        modifiedInstructionTokens: 1,
        judgmentTokens: 7,
        classificationTokens: 1,
        pairShare: 1,
      };
      const tokens = { guess: null, ofPrompt: () => 0, ofText: () => 0, ofCompletion: () => 0 };
      const estimate = estimateKnownJudge(
        { nInput: 10, kept: [], drops: new Map(), tally },
        { nPairs: 100, bothForOne: true, ground: { config, pack, tokens, lengths } },
      );
      // 6 of 10 pairs are asked, ten times as many in all, with 3 judgments each.
      assert.deepEqual(estimate, {
        requests: 60,
        cachedRequests: 40,
        completions: 180,
        promptTokens: 1800,
        completionTokens: 1260,
      });
    });
  });
});

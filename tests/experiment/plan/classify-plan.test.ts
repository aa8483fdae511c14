import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../../lib/src/core/errors.js';
import type { ExportResult } from '../../../lib/src/experiment/batch-rounds/batch-export.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import { classifyStage } from '../../../lib/src/experiment/run/asking-stages.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { answerRound, scriptedLine } from '../../fixtures/batch-answers.js';
import { BatchBench, EXPERIMENT } from '../../fixtures/batch-bench.js';
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
import { collect, NEVER, type Script } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const INSTRUCTIONS = {
  source: 'pool',
  files: [{ path: 'instructions.jsonl' }],
  classify: {},
  choose: { slices: ['code'] },
  perIteration: 4,
};

const PLANNED = {
  ...PLANNED_EXPERIMENT,
  instructions: INSTRUCTIONS,
  plan: { ...PLANNED_EXPERIMENT.plan, classificationTokens: 9 },
};

/** "i00000" and so on up to 7 are of code, others are not. */
const LABELLING: Script = (prompt, request) => {
  if (!prompt.startsWith('S ')) return SCRIPT(prompt, request);
  const category = Number(prompt.slice(3)) < 8 ? 'Coding' : 'Other';
  return [`category: ${category}\ncomplexity: 4\nlength: one word`];
};

/** The pack of the planned experiment with a selection prompt of 2 characters and the instruction. */
async function addSelectionPrompt(folder: string): Promise<void> {
  const path = join(folder, 'pack.yaml');
  const pack = JSON.parse(await readFile(path, 'utf8')) as object;
  const selection = { messages: [{ role: 'user', content: 'S {{instruction}}' }] };
  await writeFile(path, JSON.stringify({ ...pack, selection }));
}

async function writeLabelled(folder: string, config: object = PLANNED): Promise<string> {
  const path = await writePlanned(folder, config, { nInstructions: 10 });
  await addSelectionPrompt(folder);
  return path;
}

/** Puts labels into the store: of all instructions, or of the first so many. */
async function labelAhead(folder: string, path: string, most = Infinity): Promise<void> {
  const { unclassified } = (await prepareExperiment(path, [], NEVER)).instructions;
  assert.ok(unclassified);
  await askAhead(folder, path, {
    script: LABELLING,
    ask: async (context) => {
      const rows = await collect(unclassified.pool.candidates({ signal: NEVER }));
      await collect(classifyStage(rows.slice(0, most), unclassified, context));
    },
  });
}

describe('a plan of an experiment whose pool is to be classified', () => {
  it('counts the classification, and the stages behind it on a choice that is like the one to come', () =>
    inTemporaryFolder(async (folder) => {
      const prices = { '*': { inputUsdPerMillion: 1, outputUsdPerMillion: 10 } };
      const plan = await planIn(folder, await writeLabelled(folder, { ...PLANNED, prices }));
      const classify = plan.stages[0];
      assert.ok(classify);
      assert.deepEqual([classify.iteration, classify.stage, classify.nInput], [0, 'classify', 10]);
      // "S iiiiii" is 8 characters, and 4.
      assert.deepEqual(countsOf(classify), {
        requests: 10,
        cachedRequests: 0,
        completions: 10,
        promptTokens: 10 * 12,
        completionTokens: 10 * 9,
      });
      assert.equal(classify.costUsd, (120 + 900) / 1e6);
      // 4 winners, 8 modified instructions in 4 requests, 4 losers.
      assert.equal(stageOf(plan, 1, 'generate').requests, 12);
      assert.deepEqual(
        plan.assumptions
          .filter(({ what }) => /classification|iterations take/.test(what))
          .map(({ source }) => source),
        ['plan.classificationTokens', 'which are chosen is known once they are classified'],
      );
    }));

  it('takes out what the store has, and knows the choice once it has all', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeLabelled(folder);
      await labelAhead(folder, path, 4);
      const part = countsOf(stageOf(await planIn(folder, path), 0, 'classify'));
      assert.deepEqual([part.requests, part.cachedRequests, part.completionTokens], [6, 4, 6 * 9]);
      await labelAhead(folder, path);
      const plan = await planIn(folder, path);
      assert.deepEqual(countsOf(stageOf(plan, 0, 'classify')), { ...NOTHING, cachedRequests: 10 });
      assert.ok(!plan.assumptions.some(({ what }) => what.includes('iterations take')));
      // 10 pass the filters, but 8 of code are not enough for two iterations of 5, as the labels tell.
      await assert.rejects(
        planIn(
          folder,
          await writeLabelled(folder, {
            ...PLANNED,
            iterations: 2,
            instructions: { ...INSTRUCTIONS, perIteration: 5 },
          }),
        ),
        (thrown: unknown) =>
          thrown instanceof ConfigError && thrown.message.includes('dropped were: slice-not-selected 2'),
      );
    }));

  it('is done with it where an earlier attempt of the run was', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeLabelled(folder);
      const pool = new RunFolder((await planIn(folder, path)).folder).inside('pool');
      const labels = { category: 'Coding', complexity: 2, expectedLength: 'one word' };
      const lines = ['a', 'b', 'c', 'dd'].map((text) => ({
        instructionId: text,
        text,
        slice: 'all',
        labels,
      }));
      await pool.writeText('classified.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const usage = {
        requests: 0,
        retries: 0,
        completions: 0,
        cachedCompletions: 0,
        promptTokens: 0,
        completionTokens: 0,
      };
      await pool.writeJson('classify.stage.json', {
        stage: 'classify',
        nInput: 10,
        nKept: 4,
        drops: { toxic: 6 },
        wallMs: 1,
        usage,
      });
      const plan = await planIn(folder, path);
      const classify = stageOf(plan, 0, 'classify');
      assert.deepEqual([classify.state, countsOf(classify)], ['done', NOTHING]);
      // Winners of 1 + 1 + 1 + 2 characters, modified instructions of 2 more each, losers as winners; 12 prompts of 4 more.
      assert.equal(stageOf(plan, 1, 'generate').promptTokens, 5 + 13 + 5 + 12 * 4);
    }));
});

describe('an export of batches of an experiment whose pool is to be classified', () => {
  const statesOf = ({ stages }: ExportResult): string[] =>
    stages.map(({ iteration, stage, state, nWritten }) => `${iteration} ${stage}: ${state} ${nWritten}`);

  it('asks for labels first, then for what is chosen by them', () =>
    inTemporaryFolder(async (folder) => {
      const bench = new BatchBench(folder);
      await bench.write({ ...EXPERIMENT, instructions: INSTRUCTIONS });
      await addSelectionPrompt(folder);
      const first = await bench.export();
      assert.deepEqual(statesOf(first), [
        '0 classify: asks 4',
        '0 evaluate: asks 8',
        '1 generate: waits 0',
        '1 judge: waits 0',
        '1 finetune: waits 0',
        '1 evaluate: waits 0',
      ]);
      answerRound(first.roundFolder ?? '', (request) => [scriptedLine(request, LABELLING)]);
      await bench.import();
      assert.deepEqual(statesOf(await bench.export()).slice(0, 4), [
        '0 classify: in-store 0',
        '0 evaluate: in-store 0',
        '1 generate: asks 8',
        '1 judge: waits 0',
      ]);
    }));
});

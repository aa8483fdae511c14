import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { examineExperiment } from '../../../lib/src/experiment/doctor/examine.js';
import { listMatrix } from '../../../lib/src/experiment/matrix/index.js';
import { ENGLISH_PROBES } from '../../../lib/src/prompt/english-probes.js';
import { answerRound } from '../../fixtures/batch-answers.js';
import { EXPERIMENT, inBench } from '../../fixtures/batch-bench.js';
import {
  countsOf,
  PLANNED_EXPERIMENT,
  planIn,
  stageOf,
  writePlanned,
} from '../../fixtures/planned-experiment.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** One probe, which adds a character to a response. */
const OWN = { texts: ['{{response}}!'] };
const NONE = Object.fromEntries(Object.keys(ENGLISH_PROBES).map((name) => [name, null]));
const AUDITED = { ...PLANNED_EXPERIMENT, audit: { probes: { ...NONE, own: OWN } } };

/** Two pairs, the probe on either side, in two orders; a prompt is "J bench?|ww!|l": 14 characters, and 4. */
const OF_PROBE = { requests: 8, completions: 8, promptTokens: 8 * 18, completionTokens: 8 * 7 };

const placesIn = (folder: string) => ({
  resultsFolder: join(folder, 'results'),
  completionsFolder: join(folder, 'completions'),
  signal: NEVER,
});

describe('the audit of judges, before a run', () => {
  it('is planned for every judge, without the pairs as they are, which the evaluation asks', () =>
    inTemporaryFolder(async (folder) => {
      const without = await planIn(folder, await writePlanned(folder));
      const plan = await planIn(folder, await writePlanned(folder, AUDITED));
      for (const iteration of [0, 1]) {
        const row = stageOf(plan, iteration, 'audit');
        assert.deepEqual([row.nInput, countsOf(row)], [6, { ...OF_PROBE, cachedRequests: 4 }]);
      }
      assert.equal(plan.total.requests, without.total.requests + 16);
      assert.equal(plan.runId, without.runId);
      // An evaluation in one order asks half of them.
      const evaluate = { benchmark: PLANNED_EXPERIMENT.evaluate.benchmark, orders: 'one' };
      const inOne = await planIn(folder, await writePlanned(folder, { ...AUDITED, evaluate }));
      for (const iteration of [0, 1]) {
        const { requests, cachedRequests } = stageOf(inOne, iteration, 'audit');
        assert.deepEqual([requests, cachedRequests], [8 + 2, 2]);
      }
    }));

  it('counts towards the caps of the budget', () =>
    inTemporaryFolder(async (folder) => {
      // The evaluation asks 8.
      const plan = await planIn(folder, await writePlanned(folder, { ...AUDITED, budget: { calls: 10 } }));
      assert.deepEqual(plan.caps[0]?.reachedIn, { iteration: 0, stage: 'audit' });
    }));

  it('is looked at by whole pairs where there are many, and scaled', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writePlanned(folder, { ...AUDITED, audit: { ...AUDITED.audit, pairs: 400 } });
      const item = { slice: 'all', errorKind: 'none', winner: 'ww', loser: 'l' };
      const items = Array.from({ length: 500 }, (_, i) => ({
        ...item,
        itemId: `${i}`,
        instruction: `bench${String.fromCharCode(0x4e00 + i)}`,
      }));
      await writeFile(
        join(folder, 'benchmark.jsonl'),
        items.map((row) => `${JSON.stringify(row)}\n`).join(''),
      );
      for (const iteration of [0, 1]) {
        const row = stageOf(await planIn(folder, path), iteration, 'audit');
        assert.equal(row.nInput, 400 * 3);
        assert.deepEqual([row.requests, row.cachedRequests, row.promptTokens], [1600, 800, 1600 * 18]);
      }
    }));

  it('is asked for in batch rounds', () =>
    inBench(
      async (bench) => {
        const rowsOf = async (): Promise<string[]> =>
          (await bench.export()).stages
            .filter(({ stage }) => stage === 'audit')
            .map((row) => `${row.iteration}: ${row.state} ${row.nWritten}, ${row.nWaiting} wait`);
        // The pairs as they are wait for requests of the evaluation.
        assert.deepEqual(await rowsOf(), ['0: asks 8, 6 wait', '1: waits 0, 0 wait']);
        answerRound(join(bench.out, 'round-1'));
        await bench.import();
        assert.deepEqual(await rowsOf(), ['0: in-store 0, 0 wait', '1: waits 0, 0 wait']);
      },
      { ...EXPERIMENT, audit: AUDITED.audit },
    ));

  it('is paid once for the seed of several arms, and is no part of what names a matrix', () =>
    inTemporaryFolder(async (folder) => {
      const matrix = { arms: { three: {}, one: { 'judge.samples': 1 } } };
      const list = async (config: object) =>
        listMatrix({ configPath: await writePlanned(folder, { ...config, matrix }), ...placesIn(folder) });
      const without = await list(PLANNED_EXPERIMENT);
      const listing = await list(AUDITED);
      assert.equal(listing.matrixId, without.matrixId);
      assert.deepEqual(
        listing.runs.map(({ total }, i) => total.requests - (without.runs[i]?.total.requests ?? NaN)),
        [16, 8],
      );
      const [run] = listing.runs;
      assert.ok(run);
      await mkdir(run.folder, { recursive: true });
      await writeFile(join(run.folder, 'manifest.json'), '{}');
      const [finished] = (await list(AUDITED)).runs;
      assert.deepEqual([finished?.state, finished?.nStages], ['finished', run.nStages]);
    }));

  it('is examined by its prompts', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = await writePlanned(folder, AUDITED);
      const options = { configPath, ...placesIn(folder), environment: {}, sendsRequests: false };
      const { findings } = await examineExperiment(options);
      assert.match(
        String(findings.find(({ check }) => check === 'prompts: audit')?.found),
        /^12 prompts for seed .* the longest about 18 tokens/,
      );
    }));
});

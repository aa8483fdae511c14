import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadExperimentConfig } from '../../../lib/src/experiment/config/load-config.js';
import { embeddedInstructions } from '../../../lib/src/experiment/open/embedded.js';
import { prepareConfig, type OpenedParts } from '../../../lib/src/experiment/open/prepare.js';
import { planPrepared } from '../../../lib/src/experiment/plan/plan-experiment.js';
import type { KnownProbes } from '../../../lib/src/experiment/plan/probe.js';
import { listMatrix } from '../../../lib/src/experiment/index.js';
import type { MatrixListing } from '../../../lib/src/schema/matrix-listing.js';
import { planIn, PLANNED_EXPERIMENT, writePlanned } from '../../fixtures/planned-experiment.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const list = (folder: string, configPath: string): Promise<MatrixListing> =>
  listMatrix({
    configPath,
    resultsFolder: join(folder, 'results'),
    completionsFolder: join(folder, 'completions'),
    signal: NEVER,
  });

describe('the listing of a matrix', () => {
  it('counts what several runs ask for in the first of them alone', () =>
    inTemporaryFolder(async (folder) => {
      const plain = await planIn(folder, await writePlanned(folder));
      const requestsOf = (iteration: number, stage: string): number =>
        plain.stages.find((one) => one.iteration === iteration && one.stage === stage)?.requests ?? NaN;
      const matrix = {
        arms: {
          three: {},
          one: { 'judge.samples': 1 },
          four: { 'judge.samples': 4 },
          hot: { 'judge.temperature': 1 },
          'other pairs': { 'generate.response': { temperature: 1 } },
        },
      };
      const { runs, total } = await list(
        folder,
        await writePlanned(folder, { ...PLANNED_EXPERIMENT, matrix }),
      );
      const byArm = Object.fromEntries(runs.map(({ arm, total: { requests } }) => [arm, requests]));
      const [evaluation, judgments] = [requestsOf(1, 'evaluate'), requestsOf(1, 'judge')];
      assert.equal(byArm.three, plain.total.requests);
      // Fewer samples of the same requests are there; the judge that each arm trains is its own.
      assert.equal(byArm.one, evaluation);
      // A request is asked whole, and at another temperature anew.
      assert.deepEqual([byArm.four, byArm.hot], [evaluation + judgments, evaluation + judgments]);
      assert.equal(byArm['other pairs'], plain.total.requests - requestsOf(0, 'evaluate'));
      assert.equal(
        total.requests,
        Object.values(byArm).reduce((sum, requests) => sum + requests, 0),
      );
      assert.ok(runs.every(({ state }) => state === 'new'));
    }));

  it('counts greedy evaluations of the seed model once for all seeds, and votes for each', () =>
    inTemporaryFolder(async (folder) => {
      const { benchmark } = PLANNED_EXPERIMENT.evaluate;
      const requestsWith = async (config: object): Promise<number[]> => {
        const matrix = { seeds: [1, 2], arms: { plain: {} } };
        const { runs } = await list(folder, await writePlanned(folder, { ...config, matrix }));
        return runs.map(({ total }) => total.requests);
      };
      const [first = 0, second = 0] = await requestsWith({ ...PLANNED_EXPERIMENT, evaluate: { benchmark } });
      assert.equal(first - second, 4, 'two items in both orders');
      const [voted, votedAgain] = await requestsWith(PLANNED_EXPERIMENT);
      assert.equal(voted, votedAgain);
    }));

  it('opens and looks at once what several arms share', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = await writePlanned(folder);
      const config = await loadExperimentConfig(configPath);
      const opened: OpenedParts = new Map();
      const open = (settings: object) =>
        prepareConfig({ ...config, ...settings }, { configPath, signal: NEVER, opened });
      const [one, hot, other] = [
        await open({}),
        await open({ judge: { ...config.judge, temperature: 1 } }),
        await open({ seed: 6 }),
      ];
      assert.equal(hot.instructions, one.instructions);
      assert.equal(hot.evaluations[0].benchmark, one.evaluations[0].benchmark);
      assert.notEqual(other.instructions, one.instructions);
      // The server behind all of them is identified once, by the weights of its seed model.
      const servers = [...opened.keys()].filter((key) => key.startsWith('{"endpoint"'));
      assert.equal(servers.length, 1);
      const known: KnownProbes = { probes: new Map(), taken: new WeakMap() };
      const places = {
        resultsFolder: join(folder, 'r'),
        completionsFolder: join(folder, 'c'),
        signal: NEVER,
      };
      const plan = await planPrepared(one, { ...places, known });
      const nProbes = known.probes.size;
      assert.deepEqual((await planPrepared(one, { ...places, known })).stages, plan.stages);
      // Another temperature of the judge changes neither pairs nor evaluations.
      await planPrepared(hot, { ...places, known });
      assert.equal(known.probes.size, nProbes);
      assert.deepEqual((await planPrepared(one, places)).stages, plan.stages);
    }));

  it('generates the instructions of the embedded world once for all arms', () => {
    const pool = { seed: 8, slices: ['code'] as const };
    const [five, three] = [5, 3].map((count) => [...embeddedInstructions({ ...pool, count })]);
    assert.ok(
      three?.every((instruction, i) => instruction === five?.[i]),
      'the same objects',
    );
    assert.throws(() => [...embeddedInstructions({ ...pool, slices: [], count: 1 })], RangeError);
  });
});

// The runs of a matrix: arms by seeds, which are finished, and what the rest would cost.
import { z } from 'zod';
import type { MatrixListing } from '../../schema/matrix-listing.js';
import { RunFolder } from '../../store/run-folder.js';
import type { ExperimentSource } from '../config/experiment-document.js';
import type { KnownProbes } from '../plan/probe.js';
import { planPrepared, type PlanOptions } from '../plan/plan-experiment.js';
import { addRecords } from '../../core/number-records.js';
import { NO_AMOUNTS, totalOf } from '../plan/planned-stages.js';
import { prepareConfig, type OpenedParts, type PreparedExperiment } from '../open/prepare.js';
import { matrixArms } from './load-matrix.js';
import { prepareMatrix } from './prepare-matrix.js';
import { SharedRequests } from './shared-requests.js';
import { RUN_FILES } from '../layout/run-files.js';

/** Which matrix, and over which store. */
export type ListOptions = ExperimentSource & Omit<PlanOptions, 'configPath'>;

/**
 * Lists the runs of a matrix with what they would ask for: starts no server, sends nothing, and writes nothing. What an earlier run of
 * the listing also asks for is counted once, as far as that is known before judges are trained: amounts are upper bounds.
 * @throws ConfigError, DataError; the signal's reason when aborted
 */
export async function listMatrix(options: ListOptions): Promise<MatrixListing> {
  const { signal } = options;
  const opened: OpenedParts = new Map();
  const matrix = await prepareMatrix(await matrixArms(options, options.overrides), { ...options, opened });
  const { name, matrixId, folder, baseline, seeds, arms, configPath } = matrix;
  const shared = new SharedRequests();
  const known: KnownProbes = { probes: new Map(), taken: new WeakMap() };
  const runs: MatrixListing['runs'] = [];
  for (const { arm, seed, config, runId, folder: runPath } of matrix.runs) {
    const run = { arm: arm.label, seed, runId, folder: runPath };
    const runFolder = new RunFolder(runPath);
    const [manifest, begun] = [
      await runFolder.readJson(RUN_FILES.manifest, z.unknown()),
      await runFolder.readJson(RUN_FILES.config, z.unknown()),
    ];
    const prepared = await prepareConfig(config, { configPath, signal, opened });
    if (manifest !== null) {
      const nStages = nStagesOf(prepared);
      runs.push({ ...run, state: 'finished', nStages, nStagesDone: nStages, total: NO_AMOUNTS });
      continue;
    }
    const plan = await planPrepared(prepared, { ...options, ...(begun === null ? { known } : {}) });
    const stages = shared.withoutShared(plan.stages, prepared);
    const nStagesDone = stages.filter(({ state }) => state === 'done').length;
    const state = begun === null ? 'new' : 'begun';
    runs.push({ ...run, state, nStages: stages.length, nStagesDone, total: totalOf(stages) });
  }
  return {
    experiment: name,
    matrixId,
    folder,
    baseline,
    seeds,
    arms: arms.map(({ label, settings }) => ({ label, settings })),
    runs,
    total: runs.reduce((sum, { total }) => addRecords(sum, total), NO_AMOUNTS),
  };
}

/** The stages of a plan: of the pool, of the seed model, and of each iteration. */
function nStagesOf({ config, instructions, validation, evaluations, audit }: PreparedExperiment): number {
  const ofJudge = [...evaluations, ...(audit ? ['audit'] : [])];
  const ofIteration = [
    'generate',
    'judge',
    'finetune',
    ...(validation ? ['choose-checkpoint'] : []),
    ...ofJudge,
  ];
  return (instructions.unclassified ? 1 : 0) + ofJudge.length + config.iterations * ofIteration.length;
}

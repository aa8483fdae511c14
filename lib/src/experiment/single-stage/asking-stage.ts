// A single stage that asks models, with the store, budget and ledger of the run that has the same settings.
import type { Outcome } from '../../schema/drop.js';
import { withOpenedExperiment } from '../open/opened-experiment.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { stageAtWork } from '../run/stage-runner.js';
import type { Asking } from '../run/asking-stages.js';
import type { Stage } from '../watch/events.js';
import {
  iterationOf,
  writeStageFile,
  type SingleStageOptions,
  type SingleStageResult,
  type StageFileWork,
  type StagePaths,
} from './stage-file.js';

/** The work of such a stage. */
export interface AskingWork<Kept> {
  stage: Stage;
  paths: StagePaths;
  models: readonly string[];
  nExpected: number;
  createKept?: StageFileWork<Kept>['createKept'];
  outcomes: (asking: Asking) => AsyncIterable<Outcome<Kept>>;
}

/**
 * Opens the experiment, does the work, and closes it. After an interruption the same call continues: answered requests are not
 * repeated.
 * @throws ConfigError, ModelError, BudgetError; DataError also when another process works on the run with these settings; the signal's
 *   reason when it aborts
 */
export async function askInStage<Kept>(
  prepared: PreparedExperiment,
  work: AskingWork<Kept>,
  options: SingleStageOptions,
): Promise<SingleStageResult> {
  const { stage, paths, models, nExpected, createKept, outcomes } = work;
  const iteration = iterationOf(options, prepared.config);
  const demands = { models: [...new Set(models)], needsTraining: false };
  return withOpenedExperiment(prepared, { ...options, demands }, (opened) =>
    writeStageFile({
      stage,
      at: stageAtWork(opened, { iteration, folder: paths.folder }),
      paths,
      nExpected,
      createKept,
      outcomes: () => outcomes(opened),
      signal: options.signal,
    }),
  );
}

// A single stage that asks models: through the store, the budget and the ledger of the run that has the same settings.
import { join } from 'node:path';
import type { Outcome } from '../../schema/drop.js';
import { RunFolder } from '../../store/index.js';
import type { Stage } from '../watch/events.js';
import { RunObservers } from '../watch/observers.js';
import { openChatModel, openExperiment, withCleanup } from '../open/opened-experiment.js';
import type { PreparedExperiment } from '../open/prepare.js';
import type { AskingContext } from '../run/stage-options.js';
import { servedElsewhere } from './served-elsewhere.js';
import {
  iterationOf,
  writeStageFile,
  type SingleStageOptions,
  type SingleStageResult,
  type StagePaths,
} from './stage-file.js';

/** What is asked, of whom. */
export interface AskingWork<Kept> {
  stage: Stage;
  paths: StagePaths;
  models: readonly string[];
  nExpected: number;
  outcomes: (context: AskingContext) => AsyncIterable<Outcome<Kept>>;
}

/** The folder of the run that has these settings. */
export function runFolderOf(
  { config, runId }: PreparedExperiment,
  { resultsFolder }: Pick<SingleStageOptions, 'resultsFolder'>,
): RunFolder {
  return new RunFolder(join(resultsFolder, config.name, runId));
}

/**
 * Opens what asking needs, does the work, and gives all back. After an interruption the same call goes on: what was answered is not
 * asked again.
 * @throws ConfigError, ModelError, BudgetError; DataError also when another process works on the run with these settings; the signal's
 *   reason when it aborts
 */
export async function askInStage<Kept>(
  prepared: PreparedExperiment,
  work: AskingWork<Kept>,
  options: SingleStageOptions,
): Promise<SingleStageResult> {
  const { config, pack } = prepared;
  const { stage, paths, models, nExpected, outcomes } = work;
  const { signal } = options;
  const iteration = iterationOf(options, config);
  return withCleanup(async (cleanup) => {
    const observers = new RunObservers(options.onEvent);
    const folder = runFolderOf(prepared, options);
    const elsewhere = await servedElsewhere(folder);
    const here = models.filter((model) => !elsewhere.has(model));
    const demands = { models: [...new Set(here)], needsTraining: false };
    const opened = await openExperiment(prepared, { folder, options, observers, cleanup, demands });
    const { chatModel, serveAt, tellWarnings } = await openChatModel(opened);
    for (const [model, baseUrl] of elsewhere) if (models.includes(model)) serveAt(model, baseUrl);
    const result = await writeStageFile({
      stage,
      iteration,
      paths,
      nExpected,
      outcomes: () => outcomes({ config, pack, chatModel, signal }),
      usage: () => chatModel.usage,
      onStageStart: () => {
        opened.ledger.startStage(iteration, stage);
      },
      onEvent: observers.onEvent,
      signal,
    });
    await tellWarnings();
    return result;
  });
}

// The select stage alone: writes the instructions of one iteration to a file.
import type { SelectionSummary } from '../../schema/selection-summary.js';
import { instructionsOf } from '../config/instructions-of-iteration.js';
import { prepareExperiment } from '../open/prepare.js';
import { selectForIteration } from '../open/sources.js';
import {
  iterationOf,
  stagePaths,
  stageWithoutModel,
  writeStageFile,
  type SingleStageOptions,
  type SingleStageResult,
} from './stage-file.js';

/** The result of a selection. */
export interface SelectedFile extends SingleStageResult {
  /** How many rows of a pool were kept or dropped; null for other sources, and if a model has to classify the rows first. */
  selection: SelectionSummary | null;
}

/**
 * Writes the instructions that a run would take in an iteration. @throws ConfigError, DataError
 * @example
 * ```ts
 * const places = { resultsFolder: 'results', completionsFolder: '.autodidact/completions' };
 * const context = { environment: process.env, onEvent: console.log, signal };
 * const files = { configPath: 'experiment.yaml', outFile: 'instructions.jsonl' };
 * const { record } = await selectToFile({ ...files, ...places, ...context });
 * ```
 */
export async function selectToFile(options: SingleStageOptions): Promise<SelectedFile> {
  const { configPath, overrides, outFile } = options;
  const paths = await stagePaths(outFile, [configPath]);
  const prepared = await prepareExperiment(configPath, overrides, options.signal);
  const iteration = iterationOf(options, prepared.config);
  const written = await writeStageFile({
    stage: 'select',
    at: stageWithoutModel(iteration, paths, options),
    paths,
    nExpected: instructionsOf(prepared.config).perIteration,
    outcomes: () => selectForIteration(iteration, prepared),
    signal: options.signal,
  });
  return { ...written, selection: prepared.instructions.selection };
}

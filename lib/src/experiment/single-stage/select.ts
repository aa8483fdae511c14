// Selection by itself: the instructions of one iteration, to a file.
import { prepareExperiment } from '../prepare.js';
import { selectForIteration } from '../sources.js';
import {
  iterationOf,
  stagePaths,
  writeStageFile,
  type SingleStageOptions,
  type SingleStageResult,
} from './stage-file.js';

/** Writes the instructions that a run would take in an iteration. @throws ConfigError, DataError */
export async function selectToFile(options: SingleStageOptions): Promise<SingleStageResult> {
  const { configPath, overrides, outFile, onEvent, signal } = options;
  const paths = await stagePaths(outFile, [configPath]);
  const prepared = await prepareExperiment(configPath, overrides);
  const iteration = iterationOf(options, prepared.config);
  return writeStageFile({
    stage: 'select',
    iteration,
    paths,
    nExpected: prepared.config.instructions.perIteration,
    outcomes: () => selectForIteration(iteration, prepared),
    onEvent,
    signal,
  });
}

// The filter stage alone: from files of judgments and pairs to a file of training examples.
import { dirname } from 'node:path';
import { preferenceSchema } from '../../filter/index.js';
import { loadPack } from '../../prompt/index.js';
import type { Outcome } from '../../schema/drop.js';
import type { PreferenceExample, TrainingExample } from '../../schema/training-example.js';
import { filterToExamples, filterToPreferences } from '../run/filter-stage.js';
import { loadExperimentConfig } from '../config/load-config.js';
import {
  iterationOf,
  stagePaths,
  stageWithoutModel,
  writeStageFile,
  type SingleStageOptions,
  type SingleStageResult,
} from './stage-file.js';

/** Options of the filter. */
export interface FilterFileOptions extends SingleStageOptions {
  /** Judged pairs. */
  inFile: string;
  /** The pairs that were judged, in any order. */
  pairsFile: string;
  /** true: pairs of a right and a wrong judgment; otherwise right judgments only. */
  preferences?: boolean | undefined;
}

/** Draws training examples from the judgments of a file. @throws ConfigError, DataError; the signal's reason when it aborts */
export async function filterToFile(options: FilterFileOptions): Promise<SingleStageResult> {
  const { configPath, overrides, inFile, pairsFile, outFile, preferences } = options;
  const paths = await stagePaths(outFile, [configPath, inFile, pairsFile]);
  const config = await loadExperimentConfig(configPath, overrides);
  const pack = await loadPack(config.pack, { folder: dirname(configPath) });
  const iteration = iterationOf(options, config);
  const from = { files: { judgments: inFile, pairs: pairsFile }, iteration };
  return writeStageFile<TrainingExample | PreferenceExample>({
    stage: 'filter',
    at: stageWithoutModel(iteration, paths, options),
    paths,
    nExpected: null,
    outcomes: (): AsyncGenerator<Outcome<TrainingExample | PreferenceExample>> =>
      preferences === true
        ? filterToPreferences(
            { config, pack },
            { ...from, settings: config.finetune.dpo?.preferences ?? preferenceSchema.parse({}) },
          )
        : filterToExamples({ config, pack }, from),
    signal: options.signal,
  });
}

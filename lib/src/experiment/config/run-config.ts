// The settings of a run, from its folder.
import { DataError } from '../../core/errors.js';
import type { RunFolder } from '../../store/index.js';
import { RUN_FILES } from '../layout/run-files.js';
import { experimentConfigSchema, type ExperimentConfig } from './config.js';

/** The settings of a run. @throws DataError where the folder has none */
export async function readRunConfig(run: RunFolder): Promise<ExperimentConfig> {
  const config = await run.readJson(RUN_FILES.config, experimentConfigSchema);
  if (config) return config;
  throw new DataError({
    subject: run.file(RUN_FILES.config),
    expected: 'the configuration of a run',
    received: 'no such file',
    remedy: 'Name the folder of a whole run; show all runs with: autodidact status',
  });
}

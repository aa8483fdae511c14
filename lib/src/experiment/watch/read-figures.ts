// The figures of a run so far.
import { z } from 'zod';
import { DataError } from '../../core/errors.js';
import { iterationMetricsSchema, type IterationMetrics } from '../../schema/evaluation.js';
import type { RunFolder } from '../../store/index.js';
import { RUN_FILES } from '../layout/run-files.js';
import { runStatusSchema, STATUS_FILE } from './status.js';

/** The figures by iteration: of a finished run, or from the status of one at work. @param nFinished iterations that are finished @throws DataError where there are none */
export async function readFigures(folder: RunFolder, nFinished: number): Promise<IterationMetrics[]> {
  const whole = await folder.readJson(RUN_FILES.metrics, z.array(iterationMetricsSchema));
  const told = whole ?? (await folder.readJson(STATUS_FILE, runStatusSchema))?.iterations ?? [];
  if (told.length > 0) return told.slice(0, nFinished);
  throw new DataError({
    subject: folder.path,
    expected: 'figures of at least one iteration',
    received: 'none yet',
    remedy: 'Let the run go on, or run its command again: it continues where it stopped.',
  });
}

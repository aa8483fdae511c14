// The assessment of a run's last judge, from the files of its folder.
import { allOf } from '../../core/all-of.js';
import { exists } from '../../core/files.js';
import { readJsonl } from '../../core/jsonl.js';
import { assessJudge, assessmentLimitsSchema } from '../../assess/index.js';
import { acceptanceSchema, type Acceptance, type Assessment } from '../../schema/assessment.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import { overlapReportSchema } from '../../schema/overlap.js';
import type { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { readTrainingSetAudits } from '../layout/optional-records.js';
import { RUN_FILES } from '../layout/run-files.js';

/**
 * Assesses the last judge of a run, or, while a training set is looked at, what is known by then.
 * @param iterations figures from the seed's on, at least one
 * @param options.trainingOf an iteration whose training set is there, but no judge yet
 * @throws DataError for a file that cannot be read
 */
export async function assessRun(
  folder: RunFolder,
  {
    config,
    iterations,
    trainingOf,
  }: {
    config: Pick<ExperimentConfig, 'audit'>;
    iterations: readonly IterationMetrics[];
    trainingOf?: number | undefined;
  },
): Promise<Assessment> {
  const trained = iterations.filter(({ iteration }) => iteration > 0);
  return assessJudge({
    iterations,
    trainingSets: await readTrainingSetAudits(folder, [
      ...trained,
      ...(trainingOf === undefined ? [] : [{ iteration: trainingOf }]),
    ]),
    overlap: await folder.readJson(RUN_FILES.overlap, overlapReportSchema),
    reviews: [],
    acceptances: await readAcceptances(folder),
    limits: config.audit?.limits ?? assessmentLimitsSchema.parse({}),
  });
}

/** What was accepted in spite of red checks. @throws DataError for a line that is no acceptance */
export async function readAcceptances(folder: RunFolder): Promise<Acceptance[]> {
  const path = folder.file(RUN_FILES.acceptances);
  return (await exists(path)) ? allOf(readJsonl(path, acceptanceSchema)) : [];
}

// The assessment of a run's last judge, from the files of its folder, with what a report shows of the same files.
import { allOf } from '../../core/all-of.js';
import { exists } from '../../core/files.js';
import { readJsonl } from '../../core/jsonl.js';
import {
  assessJudge,
  assessmentLimitsSchema,
  type AssessmentGround,
  type AssessmentLimits,
} from '../../assess/index.js';
import type { LostAnswers } from '../../report/index.js';
import { acceptanceSchema, type Acceptance, type Assessment } from '../../schema/assessment.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import { overlapReportSchema } from '../../schema/overlap.js';
import type { ReviewNote } from '../../schema/review.js';
import type { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { readReview } from '../review/run-review.js';
import { readTrainingSetAudits } from '../layout/optional-records.js';
import { RUN_FILES } from '../layout/run-files.js';

/** An assessment, and what it follows from: what people say, and the audits of training sets of the iterations that are assessed. */
interface AssessedRun extends Pick<AssessmentGround, 'reviews' | 'trainingSets'> {
  assessment: Assessment;
  reviewNotes: readonly ReviewNote[];
  lostAnswers: LostAnswers;
}

/**
 * Assesses the last judge of a run with the latest training set, which may be that of an iteration without a judge yet.
 * @param of.iterations figures from the seed's on, at least one
 * @param of.withNext whether the training set of the iteration after them counts, where there is one; false while it may be of an earlier attempt
 * @throws DataError for a file that cannot be read
 */
export async function assessRun(
  folder: RunFolder,
  {
    config,
    iterations,
    withNext = true,
  }: {
    config: Pick<ExperimentConfig, 'audit'>;
    iterations: readonly IterationMetrics[];
    withNext?: boolean;
  },
): Promise<AssessedRun> {
  // What the next iteration would train on counts before there is a judge of it.
  const next = { iteration: (iterations.at(-1)?.iteration ?? -1) + 1 };
  const trainingSets = await readTrainingSetAudits(folder, withNext ? [...iterations, next] : iterations);
  const { results: reviews, notes: reviewNotes, ...lostAnswers } = await readReview(folder.path);
  const assessment = assessJudge({
    iterations,
    trainingSets,
    overlap: await folder.readJson(RUN_FILES.overlap, overlapReportSchema),
    reviews,
    acceptances: await readAcceptances(folder),
    limits: limitsOf(config),
  });
  const isAssessed = ({ iteration }: { iteration: number }): boolean => iteration < next.iteration;
  return { assessment, reviews, reviewNotes, lostAnswers, trainingSets: trainingSets.filter(isAssessed) };
}

/** Where the checks of a run become amber and red. */
export function limitsOf({ audit }: Pick<ExperimentConfig, 'audit'>): AssessmentLimits {
  return audit?.limits ?? assessmentLimitsSchema.parse({});
}

/** What was accepted in spite of red checks. @throws DataError for a line that is no acceptance */
export async function readAcceptances(folder: RunFolder): Promise<Acceptance[]> {
  const path = folder.file(RUN_FILES.acceptances);
  return (await exists(path)) ? allOf(readJsonl(path, acceptanceSchema)) : [];
}

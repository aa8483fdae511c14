// The assessment of a run's last judge, from the files of its folder, with what a report shows of the same files.
import { allOf } from '../../core/all-of.js';
import { exists } from '../../core/files.js';
import { readJsonl } from '../../core/jsonl.js';
import {
  assessJudge,
  assessmentLimitsSchema,
  type AssessmentGround,
  type AssessmentLimits,
  type ComparedTexts,
} from '../../assess/index.js';
import type { LostAnswers } from '../../report/index.js';
import { acceptanceSchema, type Acceptance, type Assessment } from '../../schema/assessment.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import { iterationManifestSchema } from '../../schema/manifest.js';
import { overlapReportSchema } from '../../schema/overlap.js';
import type { ReviewNote } from '../../schema/review.js';
import type { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf, type EvaluateSettings } from '../config/evaluate-config.js';
import { evaluationIn } from '../layout/evaluation-of.js';
import { readReview } from '../review/run-review.js';
import { readTrainingOverlaps, readTrainingSetAudits } from '../layout/optional-records.js';
import { ITERATION_FILES, iterationFolder, overlapFileOf, RUN_FILES } from '../layout/run-files.js';

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
    config: Pick<ExperimentConfig, 'audit' | 'evaluate' | 'finetune'>;
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
    overlaps: await readComparedTexts(folder, iterations),
    tunedOn: tunedOn(config),
    reviews,
    acceptances: await readAcceptances(folder),
    limits: limitsOf(config),
  });
  const isAssessed = ({ iteration }: { iteration: number }): boolean => iteration < next.iteration;
  return { assessment, reviews, reviewNotes, lostAnswers, trainingSets: trainingSets.filter(isAssessed) };
}

/** The overlaps of instructions and of the texts of trainings with every benchmark that the last judge was measured on. */
async function readComparedTexts(
  folder: RunFolder,
  iterations: readonly IterationMetrics[],
): Promise<ComparedTexts[]> {
  const last = iterationFolder(folder, iterations.at(-1)?.iteration ?? 0);
  const manifest = await last.readJson(ITERATION_FILES.manifest, iterationManifestSchema);
  const compared: ComparedTexts[] = [];
  for (const { stage, benchmark } of manifest?.stages ?? []) {
    if (!manifest || stage !== 'evaluate') continue;
    const file = overlapFileOf(evaluationIn(manifest, benchmark).fileName);
    const on = { benchmark: benchmark ?? null };
    const ofInstructions = await folder.readJson(file, overlapReportSchema);
    if (ofInstructions) compared.push({ ...on, iteration: null, report: ofInstructions });
    for (const each of iterations)
      for (const report of await readTrainingOverlaps(folder, [each], file))
        compared.push({ ...on, iteration: each.iteration, report });
  }
  return compared;
}

/** The benchmarks of whose sets a run compares its checkpoints, on whatever pairs. */
function tunedOn(config: Pick<ExperimentConfig, 'evaluate' | 'finetune'>): string[] {
  const { checkpoint } = config.finetune;
  const setOf = (of: EvaluateSettings['benchmark']): string =>
    `${of.source} ${of.source === 'embedded' ? of.split : of.source === 'jsonl' ? of.path : of.name}`;
  return evaluationsOf(config).flatMap(({ name, settings: { benchmark } }) =>
    checkpoint && setOf(benchmark) === setOf(checkpoint.benchmark) ? [name] : [],
  );
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

// Reads a run's folder for its report, finished or not.
import { shellWord } from '../../core/shell-word.js';
import { basename, join } from 'node:path';
import { AutodidactError, DataError } from '../../core/errors.js';
import { judgeMetrics } from '../../evaluate/index.js';
import { readModels, MODELS_FILE } from '../../finetune/index.js';
import type { ReportParts } from '../../report/index.js';
import type { Assessment } from '../../schema/assessment.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import {
  runManifestSchema,
  type IterationManifest,
  type RunManifest,
  type StageRecord,
} from '../../schema/manifest.js';
import { overlapReportSchema, type OverlapReport } from '../../schema/overlap.js';
import { selectionSummarySchema } from '../../schema/selection-summary.js';
import { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { chosenIterations, type FinishedIteration } from '../layout/finished-iterations.js';
import { benchmarkOf } from '../open/run-benchmark.js';
import { readFigures } from '../watch/read-figures.js';
import {
  readChoices,
  readPairAudits,
  readTrainingOverlaps,
  withTraining,
} from '../layout/optional-records.js';
import { drawSamples } from './draw-samples.js';
import { assessRun } from '../run/assess-run.js';
import { configuredParts } from '../run/report-parts.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { readRunConfig } from '../config/run-config.js';
import { damageOf, damageOfIteration } from '../layout/file-hashes.js';
import { evaluationIn } from '../layout/evaluation-of.js';
import { overlapFileOf, RUN_FILES } from '../layout/run-files.js';

/** Judgments of each outcome that a report shows. */
const SAMPLES_PER_OUTCOME = 4;

/** A run as read from its folder. */
export interface ReadRun {
  /** As it was named. */
  folder: string;
  runId: string;
  config: ExperimentConfig;
  /** Of its last judge. */
  assessment: Assessment;
  parts: ReportParts;
}

/** How a run is read. */
export interface ReadRunOptions {
  /** Whether sample judgments are drawn; default: true. */
  withSamples?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Reads the results of a run so far.
 * @param path folder of a run with at least one finished iteration
 * @throws DataError for a folder that is no such run, or that another version of the program wrote
 */
export async function readRun(
  path: string,
  { withSamples = true, signal }: ReadRunOptions = {},
): Promise<ReadRun> {
  const finished = await chosenIterations(path, 'all');
  const folder = new RunFolder(path);
  const config = await readRunConfig(folder);
  const manifest = await folder.readJson(RUN_FILES.manifest, runManifestSchema);
  await requireIntact(folder, { manifest, finished: withSamples ? finished : [] });
  const told = await readFigures(folder, finished.length);
  const iterations = withSamples ? await withoutDamaged(told, finished) : told;
  const assessed = await assessRun(folder, { config, iterations });
  return {
    folder: path,
    runId: manifest?.runId ?? basename(path),
    config,
    assessment: assessed.assessment,
    parts: {
      ...configuredParts(config, iterations),
      ...assessed,
      manifests: finished.slice(0, iterations.length).map(({ manifest: each }) => each),
      manifest,
      command: manifest?.command ?? `npx autodidact run ${shellWord(join(path, RUN_FILES.config))}`,
      checkpointChoices: await readChoices(folder, finished),
      trainingOverlaps: await readTrainingOverlaps(folder, finished),
      pairAudits: await readPairAudits(folder, finished),
      laterOverlaps: await readLaterOverlaps(folder, { manifest, finished }),
      overlap: await folder.readJson(RUN_FILES.overlap, overlapReportSchema),
      selection: await folder.readJson(RUN_FILES.selection, selectionSummarySchema),
      models: await readModels(folder.file(MODELS_FILE)),
      samples: withSamples ? await samplesOf(finished, { folder, config, manifest, signal }) : undefined,
    },
  };
}

/** @throws DataError for a file that is not the one that the run wrote */
async function requireIntact(
  folder: RunFolder,
  { manifest, finished }: { manifest: RunManifest | null; finished: readonly FinishedIteration[] },
): Promise<void> {
  let damage = await damageOf(folder, manifest?.files);
  for (const { folder: inside, manifest: made } of finished) {
    const stages = made.stages.filter((record) => !isOfOther(record, made));
    damage ??= await damageOfIteration(inside, { ...made, stages });
  }
  if (damage === null) return;
  throw new DataError({
    subject: folder.path,
    expected: 'the files that the run wrote',
    received: damage,
    remedy: 'Run the experiment again: it does again what is damaged and what follows from it.',
  });
}

function isOfOther({ stage, benchmark }: StageRecord, { headline }: IterationManifest): boolean {
  return stage === 'evaluate' && benchmark !== headline;
}

/** Figures without those on other benchmarks than the headline whose evaluation is not the one that the run wrote. */
async function withoutDamaged(
  iterations: readonly IterationMetrics[],
  finished: readonly FinishedIteration[],
): Promise<IterationMetrics[]> {
  const intact: IterationMetrics[] = [];
  for (const [i, figures] of iterations.entries()) {
    const problems = new Map<string | undefined, string>();
    const { folder, manifest } = finished[i] ?? {};
    for (const record of manifest?.stages.filter((each) => isOfOther(each, manifest)) ?? []) {
      const damage = folder ? await damageOf(folder, record.files) : null;
      if (damage !== null) problems.set(record.benchmark, damage);
    }
    const others = figures.others?.map((other) => {
      const problem = problems.get(other.benchmark);
      if (problem === undefined) return other;
      const metrics = judgeMetrics([], { nDropped: { 'not-measured': other.metrics.nItems } });
      return { benchmark: other.benchmark, rule: other.rule, metrics, problem };
    });
    intact.push(others ? { ...figures, others } : figures);
  }
  return intact;
}

/** The overlaps with benchmarks besides the first. */
async function readLaterOverlaps(
  folder: RunFolder,
  { manifest, finished }: { manifest: RunManifest | null; finished: readonly FinishedIteration[] },
): Promise<ReportParts['laterOverlaps']> {
  const found: { benchmark: string; file: string; report: OverlapReport }[] = [];
  for (const { name: benchmark, file: kept } of manifest?.evaluations ?? []) {
    const file = overlapFileOf(kept);
    const report = file === RUN_FILES.overlap ? null : await folder.readJson(file, overlapReportSchema);
    if (report) found.push({ benchmark, file, report });
  }
  return withTraining(found, folder, finished);
}

async function samplesOf(
  finished: readonly FinishedIteration[],
  {
    folder: run,
    config,
    manifest,
    signal,
  }: {
    folder: RunFolder;
    config: ExperimentConfig;
    manifest: RunManifest | null;
    signal: AbortSignal | undefined;
  },
): Promise<ReportParts['samples']> {
  const measured = finished.filter(
    ({ manifest: { stages, headline } }) =>
      headline === undefined || stages.some(({ benchmark }) => benchmark === headline),
  );
  const first = measured[0];
  const last = measured.at(-1);
  if (!first || !last) return undefined;
  const named = ({ iteration, folder, manifest: made }: FinishedIteration) => ({
    judge: iteration === 0 ? 'the seed' : `iteration ${iteration}`,
    path: folder.file(evaluationIn(made).fileName),
  });
  const samples = await drawSamples(named(last), first === last ? null : named(first), {
    perOutcome: SAMPLES_PER_OUTCOME,
    seed: config.seed,
    items: await itemsAtHand(run, { config, manifest }, last.manifest.headline),
    signal,
  });
  return { ...samples, of: { iteration: last.iteration, benchmark: last.manifest.headline } };
}

/** The benchmark's pairs if they can be read again and are unchanged; otherwise a report omits them. */
async function itemsAtHand(
  run: RunFolder,
  of: { config: ExperimentConfig; manifest: RunManifest | null },
  headline: string | undefined,
): Promise<Map<string, BenchmarkItem> | undefined> {
  try {
    // Settings may name another headline by now than the one that was measured.
    return await benchmarkOf(run, of, headline ?? evaluationsOf(of.config)[0].name);
  } catch (thrown) {
    if (thrown instanceof AutodidactError) return undefined;
    throw thrown;
  }
}

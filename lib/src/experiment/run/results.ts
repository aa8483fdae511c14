// The results of a run: metrics, chart, report and, last, the manifest.
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svgOf } from '../../chart/index.js';
import { MODELS_FILE, readModels } from '../../finetune/index.js';
import { chartsOf, documentToMarkdown, runDocument } from '../../report/index.js';
import type { Assessment } from '../../schema/assessment.js';
import { SCHEMA_VERSION, type RunManifest } from '../../schema/manifest.js';
import { addUsage, NO_USAGE } from '../../schema/usage.js';
import { auditRecord } from '../open/opened-audit.js';
import { evaluationRecords, headlineOf } from '../open/evaluations.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import type { LoopResult } from './loop.js';
import { hashesOf } from '../layout/file-hashes.js';
import { gitState, versions } from '../layout/provenance.js';
import {
  readChoices,
  readPairAudits,
  readTrainingOverlaps,
  withTraining,
} from '../layout/optional-records.js';
import { assessRun } from './assess-run.js';
import { configuredParts } from './report-parts.js';
import { RUN_FILES } from '../layout/run-files.js';

/** The charts that a run writes as files, by their ids in its report. */
const CHART_FILES: Readonly<Record<string, string>> = {
  accuracy: RUN_FILES.chart,
  selection: RUN_FILES.selectionChart,
};

/**
 * Writes the results of a run; the manifest is written last and marks them as complete. Where a benchmark has no figures, or people have
 * to answer yet, it is not written, so that the next run measures that benchmark again, or looks again.
 * @param made.command the command that makes this run
 * @param made.configPath the experiment file, as it was named
 * @throws the first of the failures, once the figures of the others are written
 */
export async function writeResults(
  opened: OpenedExperiment,
  { iterations, manifests, overlap, laterOverlaps, selection, failures }: LoopResult,
  { command, configPath: configFile }: { command: string; configPath: string },
): Promise<{ assessment: Assessment; manifest: RunManifest }> {
  const { config, configHash, inputs, runId, evaluations, folder } = opened;
  const { benchmark } = headlineOf(evaluations);
  const records = evaluationRecords(evaluations);
  const audited = auditRecord(opened.audit);
  const stages = manifests.flatMap((manifest) => manifest.stages);
  const about: Omit<RunManifest, 'files'> = {
    schemaVersion: SCHEMA_VERSION,
    experiment: config.name,
    runId,
    configHash,
    inputs,
    benchmark: {
      nItems: benchmark.items.length,
      dropped: benchmark.dropped,
      ...(benchmark.labels && { labels: benchmark.labels }),
    },
    ...(records && { evaluations: records }),
    ...(audited && { audit: audited }),
    seed: config.seed,
    git: await gitState(dirname(fileURLToPath(import.meta.url))),
    versions: versions(),
    models: iterations.map(({ model }) => model),
    usage: stages.reduce((sum, stage) => addUsage(sum, stage.usage), NO_USAGE),
    spentByStage: opened.ledger.byStage(),
    command,
    configFile,
    finishedAt: new Date().toISOString(),
  };
  if (overlap) await folder.writeJson(RUN_FILES.overlap, overlap);
  for (const { file, report } of laterOverlaps) await folder.writeJson(file, report);
  const [failure] = failures;
  const assessed = await assessRun(folder, { config, iterations });
  const { assessment } = assessed;
  const document = runDocument({
    ...configuredParts(config, iterations),
    ...assessed,
    manifests,
    manifest: failure ? null : about,
    command,
    checkpointChoices: await readChoices(folder, manifests),
    overlap,
    trainingOverlaps: await readTrainingOverlaps(folder, manifests),
    pairAudits: await readPairAudits(folder, manifests),
    laterOverlaps: await withTraining(laterOverlaps, folder, manifests),
    selection,
    models: await readModels(folder.file(MODELS_FILE)),
  });
  for (const { id, spec } of chartsOf(document)) {
    const file = CHART_FILES[id];
    if (file !== undefined) await folder.writeText(file, await svgOf(spec));
  }
  if (selection) await folder.writeJson(RUN_FILES.selection, selection);
  // One of an earlier attempt, with fewer benchmarks, would not fit the new figures.
  await rm(folder.file(RUN_FILES.manifest), { force: true });
  await folder.writeJson(RUN_FILES.metrics, iterations);
  await folder.writeText(RUN_FILES.report, documentToMarkdown(document, CHART_FILES));
  if (failure) throw failure;
  const manifest = { ...about, files: await hashesOf(folder, [RUN_FILES.metrics]) };
  await folder.writeRecord(RUN_FILES.manifest, manifest);
  return { assessment, manifest };
}

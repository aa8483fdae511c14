// The results of a run: metrics, chart, report and, last, the manifest.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accuracyChart, renderReport, selectionChart, type ReproductionPart } from '../report/index.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import { SCHEMA_VERSION, type IterationManifest, type RunManifest } from '../schema/manifest.js';
import type { SelectionSummary } from '../schema/selection-summary.js';
import type { StageSpending } from '../schema/spending.js';
import { addUsage, NO_USAGE } from '../schema/usage.js';
import type { RunFolder } from '../store/index.js';
import type { ExperimentConfig } from './config.js';
import type { PreparedExperiment } from './prepare.js';
import { gitState, versions } from './provenance.js';

/** Files of a run's folder. */
export const RUN_FILES = {
  config: 'config.json',
  metrics: 'metrics.json',
  chart: 'accuracy.svg',
  report: 'report.md',
  manifest: 'manifest.json',
  spending: 'spending.jsonl',
  overlap: 'overlap.json',
  selection: 'selection.json',
  selectionChart: 'selection.svg',
} as const;

/** What a finished loop leaves to be told. */
export interface FinishedLoop extends Omit<PreparedExperiment, 'pack' | 'instructions'> {
  iterations: readonly IterationMetrics[];
  manifests: readonly IterationManifest[];
  /** What a pool held and what was chosen of it; null where the instructions are of no pool. */
  selection: SelectionSummary | null;
  /** What was paid for, all attempts together. */
  spentByStage: StageSpending[];
  /** The command that makes this run. */
  command: string;
}

/** Writes everything that a reader of the run wants; the manifest comes last and says that the rest is whole. */
export async function writeResults(folder: RunFolder, finished: FinishedLoop): Promise<RunManifest> {
  const { config, configHash, inputs, runId, iterations, manifests, benchmark, spentByStage, command } =
    finished;
  const { overlap, selection } = finished;
  const stages = manifests.flatMap((manifest) => manifest.stages);
  const manifest: RunManifest = {
    schemaVersion: SCHEMA_VERSION,
    experiment: config.name,
    runId,
    configHash,
    inputs,
    benchmark: { nItems: benchmark.items.length, dropped: benchmark.dropped },
    seed: config.seed,
    git: await gitState(dirname(fileURLToPath(import.meta.url))),
    versions: versions(),
    models: iterations.map(({ model }) => model),
    usage: stages.reduce((sum, stage) => addUsage(sum, stage.usage), NO_USAGE),
    spentByStage,
    finishedAt: new Date().toISOString(),
  };
  const { name, description } = config;
  const chartFile = RUN_FILES.chart;
  const report = renderReport({
    name,
    description,
    config,
    iterations,
    manifests,
    manifest,
    chartFile,
    command,
    judging: judgingOf(config),
    reproduction: reproductionOf(finished),
    overlap,
    selection: selection && { summary: selection, chartFile: RUN_FILES.selectionChart },
  });
  if (overlap) await folder.writeJson(RUN_FILES.overlap, overlap);
  if (selection) {
    await folder.writeJson(RUN_FILES.selection, selection);
    const title = `${name}: instructions of the pool`;
    await folder.writeText(RUN_FILES.selectionChart, await selectionChart(selection, { title }));
  }
  await folder.writeJson(RUN_FILES.metrics, iterations);
  await folder.writeText(RUN_FILES.chart, await accuracyChart(iterations, { title: name }));
  await folder.writeText(RUN_FILES.report, report);
  await folder.writeJson(RUN_FILES.manifest, manifest);
  return manifest;
}

/** What sets the run beside the paper: its figures on a benchmark that has published ones. */
function reproductionOf({ config, benchmark, iterations }: FinishedLoop): ReproductionPart | undefined {
  const { definition } = benchmark;
  if (!definition) return undefined;
  const nSamples = config.evaluate.vote?.samples;
  return {
    benchmark: definition.name,
    iterations: iterations.map(({ iteration, published = {}, publishedVote }) => ({
      iteration,
      figures: published,
      ...(publishedVote && nSamples !== undefined ? { vote: { nSamples, figures: publishedVote } } : {}),
    })),
  };
}

function judgingOf({ evaluate }: ExperimentConfig): 'both orders' | 'one order' | 'single grades' {
  if (evaluate.method === 'single-grading') return 'single grades';
  return evaluate.orders === 'one' ? 'one order' : 'both orders';
}

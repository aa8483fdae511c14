// Makes the report of runs or of a matrix from their folders.
import { join, resolve, sep } from 'node:path';
import { AutodidactError } from '../../core/errors.js';
import { exists } from '../../core/files.js';
import {
  comparisonDocument,
  matrixDocument,
  runDocument,
  type ComparedRuns,
  type ReportDocument,
} from '../../report/index.js';
import { MATRIX_FILES, readMatrix } from '../matrix/matrix-record.js';
import { compareInputs } from '../score/compare-inputs.js';
import { benchmarksIn, onBenchmark, type IterationMetrics } from '../../schema/evaluation.js';
import { matrixOn, type MatrixReport } from '../../schema/matrix.js';
import { unknownBenchmark } from '../layout/evaluation-of.js';
import { readRun, type ReadRun } from './read-run.js';
import { differingSettings, labelsOf } from './run-labels.js';

/** How a report is made. */
export interface ReportOptions {
  signal?: AbortSignal | undefined;
  /** Of several benchmarks, the one that a matrix or a comparison of runs is about; absent: the headline. A run's report has all. */
  benchmark?: string | undefined;
}

/**
 * The report of a run, of a matrix, or of several runs side by side.
 * @param folders of runs, or of one matrix; at least one
 * @throws DataError for a folder that is no run with figures; the signal's reason when aborted
 * @example const document = await makeReport([run.folder]);
 */
export async function makeReport(
  folders: readonly string[],
  { signal, benchmark }: ReportOptions = {},
): Promise<ReportDocument> {
  const [only, ...others] = folders;
  if (only === undefined) throw new RangeError('a report of nothing');
  if (others.length === 0 && (await exists(join(only, MATRIX_FILES.report))))
    return matrixDocument(chosenOf(await readMatrix(only), benchmark));
  if (others.length === 0) return runDocument((await readRun(only, { signal })).parts);
  const runs: ReadRun[] = [];
  for (const folder of folders) runs.push(await readRun(folder, { withSamples: false, signal }));
  const settings = differingSettings(runs.map(({ config }) => config));
  const labels = labelsOf(runs.map(({ runId }, i) => ({ runId, settings: settings[i] ?? {} })));
  return comparisonDocument({
    title: titleOf(runs),
    comparison: await comparisonOf(runs, labels, { signal, benchmark }),
    runs: runs.map(({ folder, parts: { iterations, command } }, i) => ({
      label: labels[i] ?? folder,
      run: resolve(folder).split(sep).slice(-2).join('/'),
      iterations: benchmark === undefined ? iterations : figuresOn(iterations, benchmark),
      command,
      settings: settings[i] ?? {},
    })),
  });
}

/** @throws ConfigError where no run has figures on it, as below */
function chosenOf(report: MatrixReport, benchmark: string | undefined): MatrixReport {
  if (benchmark === undefined) return report;
  const chosen = matrixOn(report, benchmark);
  if (chosen) return chosen;
  const others = report.arms.flatMap((arm) => (arm.others ?? []).map((other) => other.benchmark));
  throw unknownBenchmark(benchmark, [...new Set([report.benchmark ?? [], others].flat())]);
}

function figuresOn(iterations: readonly IterationMetrics[], benchmark: string): IterationMetrics[] {
  const figures = onBenchmark(iterations, benchmark);
  if (figures.length > 0) return figures;
  throw unknownBenchmark(benchmark, benchmarksIn(iterations));
}

function titleOf(runs: readonly ReadRun[]): string {
  const names = [...new Set(runs.map(({ config }) => config.name))];
  return names.length <= 3 ? names.join(', ') : `${names.length} experiments`;
}

/** A comparison item by item, if the runs were measured on the same items. */
async function comparisonOf(
  runs: readonly ReadRun[],
  labels: readonly string[],
  { signal, benchmark }: ReportOptions,
): Promise<ComparedRuns['comparison']> {
  try {
    return await compareInputs(
      runs.map(({ folder }) => folder),
      { seed: runs[0]?.config.seed ?? 1, names: labels, signal, benchmark },
    );
  } catch (thrown) {
    if (thrown instanceof AutodidactError)
      return {
        reason: `${thrown.subject}: expected ${thrown.expected}, received ${thrown.received ?? 'nothing'}`,
      };
    throw thrown;
  }
}

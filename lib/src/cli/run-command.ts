// `autodidact run`: runs an experiment, or all arms of its matrix, and shows progress and table.
import { dirname, join } from 'node:path';
import { DataError } from '../core/errors.js';
import {
  loadMatrix,
  runExperiment,
  runMatrix,
  type MatrixResult,
  type RunResult,
} from '../experiment/index.js';
import { armComparisonTable, iterationTable, matrixNotes, matrixTable, toText } from '../report/index.js';
import { withMatrixProgress, withProgress } from './with-progress.js';

/** Options of the command. */
export interface RunCommandOptions {
  set: string[];
  results: string;
  completions: string;
  json: boolean;
}

/**
 * Runs, shows progress on standard error and the result on standard output.
 * @throws as the run does; DataError where runs of a matrix failed
 */
export async function runCommand(
  configPath: string,
  { set, results, completions, json }: RunCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const options = {
    configPath,
    overrides: set,
    resultsFolder: results,
    completionsFolder: completions,
    environment: process.env,
    signal,
  };
  if ((await loadMatrix({ configPath }, set)) === null) {
    const result = await withProgress(signal, (onEvent) => runExperiment({ ...options, onEvent }));
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result));
    return;
  }
  const result = await withMatrixProgress(signal, (onEvent) => runMatrix({ ...options, onEvent }));
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : describeMatrix(result));
  requireAll(result);
}

function describe({ iterations, reportPath }: RunResult): string {
  return `\n${toText(iterationTable(iterations))}\n\nreport: ${reportPath}\nas a page: npx autodidact report ${dirname(reportPath)}\n`;
}

function describeMatrix({ folder, report }: MatrixResult): string {
  const comparisons = armComparisonTable(report);
  const parts = [
    toText(matrixTable(report)),
    ...(comparisons.rows.length === 0 ? [] : [toText(comparisons)]),
    matrixNotes(report).join('\n'),
    `report: ${join(folder, 'matrix.md')}\nas a page: npx autodidact report ${folder}`,
  ];
  return `\n${parts.join('\n\n')}\n`;
}

/** @throws DataError where a run failed: the command must not look as if all were there */
function requireAll({ report: { experiment, arms } }: MatrixResult): void {
  const runs = arms.flatMap(({ label, runs: ofArm }) => ofArm.map((run) => ({ label, ...run })));
  const failed = runs.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return;
  const names = failed.map(({ label, seed }) => `${label}, seed ${seed}`).join('; ');
  throw new DataError({
    subject: experiment,
    expected: `${runs.length} finished runs`,
    received: `${failed.length} that failed: ${names}`,
    remedy: 'What failed is told above; once that is mended the same command makes what is missing.',
  });
}

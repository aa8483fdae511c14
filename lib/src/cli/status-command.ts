// `autodidact status`: what runs there are and how far they got.
import { DataError } from '../core/errors.js';
import { observeRun, observeRuns, type ObservedRun } from '../experiment/index.js';
import { iterationTable, percentWithInterval, toText } from '../report/index.js';
import { progressLine } from './progress-display.js';

/** Shows one run or all. @throws DataError when there is no such run */
export async function statusCommand(
  runFolder: string | undefined,
  options: { results: string; json: boolean },
): Promise<void> {
  if (runFolder === undefined) {
    const runs = await observeRuns(options.results);
    process.stdout.write(options.json ? `${JSON.stringify(runs)}\n` : listOf(runs, options.results));
    return;
  }
  const run = await observeRun(runFolder);
  if (!run) {
    throw new DataError({
      subject: runFolder,
      expected: 'the folder of a run',
      received: 'no status.json in it',
      remedy: 'Show all runs with: autodidact status',
    });
  }
  process.stdout.write(options.json ? `${JSON.stringify(run)}\n` : detailsOf(run));
}

function listOf(runs: readonly ObservedRun[], resultsFolder: string): string {
  if (runs.length === 0) return `no runs below ${resultsFolder}; start one with: autodidact run <config>\n`;
  const table = toText({
    header: ['run', 'state', 'iteration', 'accuracy % [95%]', 'updated'],
    rows: runs.map(({ folder, state, iterations, nIterations, updatedAt }) => {
      const last = iterations.at(-1);
      const reached = last ? `${last.iteration}/${nIterations}` : `–/${nIterations}`;
      return [folder, state, reached, last ? percentWithInterval(last.metrics.accuracy) : '–', updatedAt];
    }),
  });
  return `${table}\n`;
}

function detailsOf(run: ObservedRun): string {
  const progress = run.state !== 'finished' && run.progress ? `${progressLine(run.progress)}\n` : '';
  const table = run.iterations.length > 0 ? `\n${toText(iterationTable(run.iterations))}\n` : '';
  return `${run.folder}: ${run.state}, updated ${run.updatedAt}\n${progress}${table}`;
}

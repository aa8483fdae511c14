// `autodidact run`: runs an experiment and shows its progress and its table.
import { runExperiment, type RunResult } from '../experiment/index.js';
import { iterationTable, toText } from '../report/index.js';
import { withProgress } from './with-progress.js';

/** Options of the command. */
export interface RunCommandOptions {
  set: string[];
  results: string;
  completions: string;
  json: boolean;
}

/** Runs, shows progress on standard error and the result on standard output. */
export async function runCommand(
  configPath: string,
  options: RunCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const result = await withProgress(signal, (onEvent) =>
    runExperiment({
      configPath,
      overrides: options.set,
      resultsFolder: options.results,
      completionsFolder: options.completions,
      environment: process.env,
      onEvent,
      signal,
    }),
  );
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : describe(result));
}

function describe({ iterations, reportPath }: RunResult): string {
  return `\n${toText(iterationTable(iterations))}\n\nreport: ${reportPath}\n`;
}

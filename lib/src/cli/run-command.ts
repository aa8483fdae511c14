// `autodidact run`: runs an experiment and shows its progress and its table.
import { runExperiment, type RunResult } from '../experiment/index.js';
import { iterationTable, toText } from '../report/index.js';
import { ProgressDisplay } from './progress-display.js';

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
  const display = new ProgressDisplay(process.stderr);
  let result: RunResult;
  try {
    result = await runExperiment({
      configPath,
      overrides: options.set,
      resultsFolder: options.results,
      completionsFolder: options.completions,
      environment: process.env,
      onEvent: (event) => {
        display.onEvent(event);
      },
      signal,
    });
  } catch (thrown) {
    display.close();
    if (signal.aborted && thrown === signal.reason) {
      process.stderr.write(
        'Stopped. Nothing that was finished is lost: the same command continues from here.\n',
      );
    }
    throw thrown;
  }
  display.close();
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : describe(result));
}

function describe({ iterations, reportPath }: RunResult): string {
  return `\n${toText(iterationTable(iterations))}\n\nreport: ${reportPath}\n`;
}

// The command line: its commands, their options, and how errors are shown.
import { Command, CommanderError } from 'commander';
import { AutodidactError, ConfigError, messageOf } from '../core/errors.js';
import { writeError } from '../core/files.js';
import { printable, withoutControls } from '../core/text.js';
import { AUTODIDACT_VERSION } from '../experiment/index.js';
import { addBatchCommand } from './batch-command.js';
import { addCacheCommand } from './cache-command.js';
import { addCompareCommand } from './compare-command.js';
import { addDataCommand } from './data-command.js';
import { addExportCommand } from './export-command.js';
import { addMatrixCommand } from './matrix-command.js';
import { addModelsCommand } from './models-command.js';
import { addNotebookCommand } from './notebook-command.js';
import { wholeNumber } from './option-values.js';
import { addPlanCommand } from './plan-command.js';
import { runCommand } from './run-command.js';
import { addReportCommand } from './report-command.js';
import { addScoreCommand } from './score-command.js';
import { serveCommand } from './serve-command.js';
import { completionsOption, jsonOption, resultsOption, setOption } from './shared-options.js';
import { addStageCommands } from './stage-commands.js';
import { statusCommand } from './status-command.js';

/** Exit codes: 0 done, 1 failed, 2 wrong input, 130 stopped by the user. */
const EXIT = { done: 0, failed: 1, wrongInput: 2, stopped: 130 } as const;

/**
 * Runs the command line.
 * @param argv as in `process.argv`
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const forget = stopOnSignals(stop);
  // A reader that closes the pipe early, such as `head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    process.stderr.write(`${describe(writeError('standard output', error))}\n`);
    process.exit(EXIT.failed);
  });
  try {
    await createProgram(stop.signal).parseAsync([...argv]);
    return EXIT.done;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.wrongInput;
    if (stop.signal.aborted && thrown === stop.signal.reason) return EXIT.stopped;
    process.stderr.write(`${describe(thrown)}\n`);
    return thrown instanceof ConfigError ? EXIT.wrongInput : EXIT.failed;
  } finally {
    forget();
  }
}

function createProgram(signal: AbortSignal): Command {
  const program = new Command('autodidact')
    .description('Train an LLM judge from unlabeled instructions alone.')
    .version(AUTODIDACT_VERSION)
    .showHelpAfterError('(autodidact --help shows the commands)')
    .exitOverride();
  program
    .command('run')
    .description(
      'run an experiment, or all arms of its matrix, to the end; run again, it continues where it stopped',
    )
    .argument('<config>', 'experiment file, e.g. experiments/quickstart.yaml')
    .addOption(setOption())
    .addOption(resultsOption())
    .addOption(completionsOption())
    .option('--json', 'print the result as JSON', false)
    .action(
      (config: string, options: { set: string[]; results: string; completions: string; json: boolean }) =>
        runCommand(config, options, signal),
    );
  program
    .command('status')
    .description('show runs, also of other processes')
    .argument('[run]', 'folder of a run; absent: all runs below --results')
    .addOption(resultsOption())
    .addOption(jsonOption())
    .action(statusCommand);
  program
    .command('serve')
    .description('serve the embedded model through the OpenAI API')
    .option('--host <name>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port; 0 takes a free one', wholeNumber(0, 65_535), 8377)
    .option('--state <folder>', 'where files, jobs and fine-tuned models are kept', '.autodidact/embedded')
    .option('--workers <number>', 'threads that sample (default: one per core)', wholeNumber(1, 64))
    .option('--api-key-env <name>', 'environment variable that holds the key which clients must send')
    .option('--json', 'print the address as JSON', false)
    .action((options: Parameters<typeof serveCommand>[0]) => serveCommand(options, signal));
  addStageCommands(program, signal);
  addScoreCommand(program, signal);
  addCompareCommand(program, signal);
  addDataCommand(program, signal);
  addPlanCommand(program, signal);
  addMatrixCommand(program, signal);
  addCacheCommand(program, signal);
  addBatchCommand(program, signal);
  addExportCommand(program, signal);
  addModelsCommand(program);
  addNotebookCommand(program, signal);
  addReportCommand(program, signal);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** The first signal asks the command to stop cleanly, the second ends the process. */
function stopOnSignals(stop: AbortController): () => void {
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.stopped);
    stop.abort(new Error('stopped by the user'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

/** What a person reads of an error. A stack is shown only for a defect, and only when asked for. */
function describe(thrown: unknown): string {
  if (thrown instanceof AutodidactError) return `error: ${cleanLines(thrown.message)}`;
  if (process.env.AUTODIDACT_DEBUG && thrown instanceof Error)
    return `defect: ${thrown.stack ?? thrown.message}`;
  return `defect: ${printable(messageOf(thrown))} (set AUTODIDACT_DEBUG=1 to see where; please report it)`;
}

/** Messages have lines; anything else that a terminal would obey goes. */
function cleanLines(message: string): string {
  return message
    .split('\n')
    .map((line) => withoutControls(line))
    .join('\n');
}

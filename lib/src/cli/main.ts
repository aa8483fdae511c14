// The command line: registers the commands and shows errors.
import { Command, CommanderError } from 'commander';
import { AutodidactError, hasErrorCode, messageOf } from '../core/errors.js';
import { writeError } from '../core/files.js';
import { printable, withoutControls } from '../core/text.js';
import { AUTODIDACT_VERSION } from '../experiment/index.js';
import { addAuditCommand } from './audit-command.js';
import { addBatchCommand } from './batch-command.js';
import { addCacheCommand } from './cache-command.js';
import { addCompareCommand } from './compare-command.js';
import { addDataCommand } from './data-command.js';
import { addDoctorCommand } from './doctor-command.js';
import { EndWithCode, EXIT_CODES, exitCodeOf } from './exit-codes.js';
import { addExperimentCommands } from './experiment-commands.js';
import { addExportCommand } from './export-command.js';
import { addModelsCommand } from './models-command.js';
import { addNotebookCommand } from './notebook-command.js';
import { wholeNumber } from './option-values.js';
import { addPaperCommand } from './paper-command.js';
import { addPreferCommand } from './prefer-command.js';
import { addReportCommand } from './report-command.js';
import { addScoreCommand } from './score-command.js';
import { serveCommand } from './serve-command.js';
import { jsonOption, resultsOption } from './shared-options.js';
import { addStageCommands } from './stage-commands.js';
import { statusCommand } from './status-command.js';
import { addReviewCommand } from './review-command.js';
import { addViewCommand } from './view-command.js';
import { addVotesCommand } from './votes-command.js';

/**
 * Runs the command line.
 * @param argv as in `process.argv`
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const forget = stopOnSignals(stop);
  // A reader that closes the pipe early, such as `head`, is not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.done);
    process.stderr.write(`${describe(writeError('standard output', error))}\n`);
    process.exit(EXIT_CODES.failed);
  });
  try {
    await createProgram(stop.signal).parseAsync([...argv]);
    return EXIT_CODES.done;
  } catch (thrown) {
    const code = exitCodeOf(thrown, stop.signal);
    // The parser has shown its own errors, and a command its result.
    const isShown = thrown instanceof CommanderError || thrown instanceof EndWithCode;
    if (!isShown && code !== EXIT_CODES.stopped) process.stderr.write(`${describe(thrown)}\n`);
    return code;
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
  addExperimentCommands(program, signal);
  addDoctorCommand(program, signal);
  addAuditCommand(program, signal);
  program
    .command('status')
    .description('show runs and their progress, also those of other processes')
    .argument('[run]', 'folder of a run (default: all runs in --results)')
    .addOption(resultsOption())
    .addOption(jsonOption())
    .action(statusCommand);
  program
    .command('serve')
    .description('serve the embedded model through the OpenAI API')
    .option('--host <name>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port; 0 for a free one', wholeNumber(0, 65_535), 8377)
    .option('--state <folder>', 'folder of files, jobs and fine-tuned models', '.autodidact/embedded')
    .option('--workers <number>', 'sampling threads (default: one per core)', wholeNumber(1, 64))
    .option('--api-key-env <name>', 'environment variable with the key that clients must send')
    .option('--json', 'print the address as JSON', false)
    .action((options: Parameters<typeof serveCommand>[0]) => serveCommand(options, signal));
  addStageCommands(program, signal);
  addScoreCommand(program, signal);
  addReviewCommand(program, signal);
  addVotesCommand(program, signal);
  addPaperCommand(program, signal);
  addPreferCommand(program, signal);
  addViewCommand(program, signal);
  addCompareCommand(program, signal);
  addDataCommand(program, signal);
  addCacheCommand(program, signal);
  addBatchCommand(program, signal);
  addExportCommand(program, signal);
  addModelsCommand(program);
  addNotebookCommand(program, signal);
  addReportCommand(program, signal);
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) command.exitOverride();
  return program;
}

/** The first signal asks the command to stop cleanly, the second ends the process. */
function stopOnSignals(stop: AbortController): () => void {
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT_CODES.stopped);
    stop.abort(new Error('stopped by the user'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

/** The text of an error. A stack is shown only for a defect, and only on request. @throws what says that too many files are open */
function describe(thrown: unknown): string {
  // Whatever was loaded or opened when it happened: bin/autodidact.js says what to do.
  if (hasErrorCode(thrown, 'EMFILE') || hasErrorCode(thrown, 'ENFILE')) throw thrown;
  if (thrown instanceof AutodidactError) return `error: ${cleanLines(thrown.message)}`;
  if (process.env.AUTODIDACT_DEBUG && thrown instanceof Error)
    return `defect: ${thrown.stack ?? thrown.message}`;
  return `defect: ${printable(messageOf(thrown))} (set AUTODIDACT_DEBUG=1 to see where; please report it)`;
}

/** Removes control characters except line feeds. */
function cleanLines(message: string): string {
  return message
    .split('\n')
    .map((line) => withoutControls(line))
    .join('\n');
}

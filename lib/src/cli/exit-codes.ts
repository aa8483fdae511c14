// The exit codes of all commands; docs/commands.md explains them.
import { CommanderError } from 'commander';
import {
  AutodidactError,
  BudgetError,
  ConfigError,
  GateError,
  ModelError,
  ReviewError,
} from '../core/errors.js';

/** Exit codes by what happened. Scripts may rely on them. */
export const EXIT_CODES = {
  /** The command did what it was asked for. */
  done: 0,
  /** A file or record is missing, damaged or cannot be written, or runs of a matrix failed. */
  failed: 1,
  /** The command line, a setting or an input is wrong. */
  wrongInput: 2,
  /** A model, its server or a trainer failed; the same command continues. Of `score` and `prefer`: no verdict of any judge could be read. */
  endpointFailed: 3,
  /** A cap of the budget is reached; with a higher one the same command continues. */
  budgetReached: 4,
  /** `doctor` found what would stop the run. */
  stopFound: 5,
  /** A gate has ended the run, or what `--fail-if` names is so. */
  gateClosed: 6,
  /** The run waits for what people say of it; the same command looks again. */
  waitingForPeople: 7,
  /** A defect of this program (EX_SOFTWARE of sysexits.h). */
  defect: 70,
  /** Stopped by Ctrl-C or SIGTERM; the same command continues. */
  stopped: 130,
} as const;

/** Ends a command that has shown its result with a code other than 0. */
export class EndWithCode extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

/** The exit code for what a command threw. @param stop the signal by which the user stops it */
export function exitCodeOf(thrown: unknown, stop: AbortSignal): number {
  if (stop.aborted && thrown === stop.reason) return EXIT_CODES.stopped;
  if (thrown instanceof EndWithCode) return thrown.code;
  if (thrown instanceof CommanderError)
    return thrown.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.wrongInput;
  if (thrown instanceof ConfigError) return EXIT_CODES.wrongInput;
  if (thrown instanceof ModelError) return EXIT_CODES.endpointFailed;
  if (thrown instanceof BudgetError) return EXIT_CODES.budgetReached;
  if (thrown instanceof GateError) return EXIT_CODES.gateClosed;
  if (thrown instanceof ReviewError) return EXIT_CODES.waitingForPeople;
  return thrown instanceof AutodidactError ? EXIT_CODES.failed : EXIT_CODES.defect;
}

// Runs for a cell of a notebook: one line of progress that changes in place, and the result.
import { messageOf } from '../../core/errors.js';
import { printable } from '../../core/text.js';
import { showProgress } from '../../notebook/index.js';
import { count, percentWithInterval } from '../../report/index.js';
import type { RunEvent } from '../watch/events.js';
import type { ExperimentSource } from '../config/experiment-document.js';
import { runMatrix, type MatrixEvent, type MatrixResult } from '../matrix/index.js';
import { runExperiment, type RunResult } from '../run/run.js';
import { withElapsed, type PutLine } from './elapsed-progress.js';

/** Where a notebook's runs are kept, and how they are shown. */
export interface RunHereOptions {
  /** Default: `../results`, that of the workspace, since a kernel works in the folder of its notebook. */
  resultsFolder?: string;
  /** Default: `../.autodidact/completions`, shared with every other run. */
  completionsFolder?: string;
  /** Shown before the progress. Default: run or matrix. */
  title?: string;
  /** `key.path=value` settings that replace values, as `--set` has them. */
  overrides?: readonly string[];
  /** Stops the run; run again, it continues. */
  signal?: AbortSignal;
}

/**
 * Runs an experiment and shows its progress; one that is finished is read. Outside a notebook the progress is printed.
 * @throws as {@link runExperiment} does
 * @example const { iterations } = await runHere({ configPath: '../experiments/quickstart.yaml' });
 */
export function runHere(source: ExperimentSource, options: RunHereOptions = {}): Promise<RunResult> {
  return showing(options.title ?? 'run', async (put) => {
    const result = await runExperiment({
      ...source,
      ...foldersOf(options),
      onEvent: (event) => {
        const line = runLine(event);
        if (line !== null) put(line);
      },
    });
    return { result, done: endLine(result) };
  });
}

/**
 * Runs the arms of a matrix with all their seeds, and shows the progress; runs that are finished are read. A run that fails does not
 * stop the others; the report lists it, and the last line counts the failures.
 * @throws as {@link runMatrix} does
 * @example const matrix = await runMatrixHere({ configPath: '../experiments/questions/judgments-n.yaml' });
 */
export function runMatrixHere(source: ExperimentSource, options: RunHereOptions = {}): Promise<MatrixResult> {
  return showing(options.title ?? 'matrix', async (put) => {
    const line = matrixLines();
    let told = '';
    const result = await runMatrix({
      ...source,
      ...foldersOf(options),
      onEvent: (event) => {
        told = line(event) ?? told;
        put(told);
      },
    });
    return { result, done: told };
  });
}

async function showing<Result>(
  title: string,
  work: (put: PutLine) => Promise<{ result: Result; done: string }>,
): Promise<Result> {
  const progress = showProgress(title);
  try {
    const { result, done } = await withElapsed((line) => progress.update(line), work);
    progress.done(done);
    return result;
  } catch (thrown) {
    progress.done(`stopped: ${printable(messageOf(thrown))}`);
    throw thrown;
  }
}

function foldersOf({ resultsFolder, completionsFolder, overrides, signal }: RunHereOptions) {
  return {
    resultsFolder: resultsFolder ?? '../results',
    completionsFolder: completionsFolder ?? '../.autodidact/completions',
    overrides: overrides ?? [],
    environment: process.env,
    signal: signal ?? new AbortController().signal,
  };
}

/** The line for an event, or null if it changes nothing that is shown. Of a training it has the trainer's own message. */
export function runLine(event: RunEvent): string | null {
  switch (event.kind) {
    case 'started':
    case 'stage-finished':
      return null;
    case 'warning':
      return `warning: ${printable(event.message)}`;
    case 'progress': {
      const { iteration, stage, done, total, detail } = event.progress;
      const reached = detail ?? `${count(done)}${total === null ? '' : ` of ${count(total)}`}`;
      return `iteration ${iteration}, ${stage} ${printable(reached)}`;
    }
    case 'iteration-finished':
      return `iteration ${event.metrics.iteration} is measured`;
  }
}

function endLine({ iterations }: RunResult): string {
  const last = iterations.at(-1);
  if (!last) return 'done';
  const { accuracy } = last.metrics;
  const figures = `${percentWithInterval(accuracy)} % of ${count(accuracy.n)} verdicts right`;
  return `iteration ${last.iteration} judges ${figures}, unparsed ${count(accuracy.unscored)}`;
}

/** Turns the events of one matrix into lines; null if an event changes nothing that is shown. */
function matrixLines(): (event: MatrixEvent) => string | null {
  let nRuns = 0;
  let nFinished = 0;
  let nFailed = 0;
  const reached = (): string => {
    const failed = nFailed === 0 ? '' : `, ${count(nFailed)} failed`;
    return `${count(nFinished)} of ${count(nRuns)} runs finished${failed}`;
  };
  return (event) => {
    switch (event.kind) {
      case 'planned':
        nRuns = event.runs.length;
        return reached();
      case 'run': {
        const line = runLine(event.event);
        return line === null ? null : `${reached()}; ${printable(event.arm)}, seed ${event.seed}: ${line}`;
      }
      case 'run-finished':
        nFinished++;
        return reached();
      case 'run-failed':
        nFailed++;
        return reached();
    }
  };
}

// Runs for a cell of a notebook: one line of progress that changes in place, and the result.
import { stageName } from '../../schema/manifest.js';
import { join, relative } from 'node:path';
import { messageOf } from '../../core/errors.js';
import { printable } from '../../core/text.js';
import { workspaceOf } from '../../core/workspace.js';
import { showProgress } from '../../notebook/index.js';
import { count, headline } from '../../report/index.js';
import type { RunEvent } from '../watch/events.js';
import type { ExperimentSource } from '../config/experiment-document.js';
import { runMatrix, type MatrixEvent, type MatrixResult } from '../matrix/index.js';
import { runExperiment, type RunOptions, type RunResult } from '../run/run.js';
import { withElapsed, type PutLine } from './elapsed-progress.js';
import { interruptible } from './interruptible.js';

/**
 * Where a notebook's runs are kept, and how they are shown. The workspace is the nearest folder, from the working folder upwards, in which
 * the package is installed; an embedded model for which the experiment names no folder is kept in its `.autodidact/embedded`.
 */
export interface RunHereOptions {
  /** Default: `results` in the workspace. */
  resultsFolder?: string;
  /** Default: `.autodidact/completions` in the workspace, shared with every other run. */
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
 * An interrupt of the kernel stops the run; when the cell is run again, it continues.
 * @returns the result; after an interrupt the promise stays pending, since the cell has ended
 * @throws as {@link runExperiment} does
 * @example const { iterations } = await runHere({ configPath: '../experiments/quickstart.yaml' });
 */
export function runHere(source: ExperimentSource, options: RunHereOptions = {}): Promise<RunResult> {
  return showing('run', options, async (common, put) => {
    const result = await runExperiment({
      ...source,
      ...common,
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
 * An interrupt of the kernel stops the run and starts no other; when the cell is run again, the matrix continues.
 * @returns the result; after an interrupt the promise stays pending, since the cell has ended
 * @throws as {@link runMatrix} does
 * @example const matrix = await runMatrixHere({ configPath: '../experiments/questions/judgments-n.yaml' });
 */
export function runMatrixHere(source: ExperimentSource, options: RunHereOptions = {}): Promise<MatrixResult> {
  return showing('matrix', options, async (common, put) => {
    const line = matrixLines();
    let told = '';
    const result = await runMatrix({
      ...source,
      ...common,
      onEvent: (event) => {
        told = line(event) ?? told;
        put(told);
      },
    });
    return { result, done: told };
  });
}

/** What a run and a matrix have in common. */
type CommonOptions = Omit<RunOptions, 'onEvent' | 'configPath' | 'config' | 'baseFolder'>;

async function showing<Result>(
  title: string,
  options: RunHereOptions,
  work: (common: CommonOptions, put: PutLine) => Promise<{ result: Result; done: string }>,
): Promise<Result> {
  const progress = showProgress(options.title ?? title);
  try {
    const { result, done } = await interruptible(
      async (signal) => {
        const common = { ...(await commonOf(options)), signal };
        return withElapsed(
          (line) => progress.update(line),
          (put) => work(common, put),
        );
      },
      {
        signal: options.signal,
        onWait: () => progress.update('waiting for the end of the run that was interrupted'),
        onInterrupt: () => progress.done('interrupted; run the cell again to continue'),
      },
    );
    progress.done(done);
    return result;
  } catch (thrown) {
    progress.done(`stopped: ${printable(messageOf(thrown))}`);
    throw thrown;
  }
}

async function commonOf(options: RunHereOptions): Promise<Omit<CommonOptions, 'signal'>> {
  // Relative, since reports and outputs name these folders.
  const workspace = relative('', await workspaceOf(''));
  return {
    resultsFolder: options.resultsFolder ?? join(workspace, 'results'),
    completionsFolder: options.completionsFolder ?? join(workspace, '.autodidact', 'completions'),
    embeddedFolder: join(workspace, '.autodidact', 'embedded'),
    overrides: options.overrides ?? [],
    environment: process.env,
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
      const { iteration, done, total, detail } = event.progress;
      const reached = detail ?? `${count(done)}${total === null ? '' : ` of ${count(total)}`}`;
      return `iteration ${iteration}, ${stageName(event.progress)} ${printable(reached)}`;
    }
    case 'iteration-finished':
      return `iteration ${event.metrics.iteration} is measured`;
  }
}

function endLine({ iterations }: RunResult): string {
  const last = iterations.at(-1);
  if (!last) return 'done';
  const judge = last.iteration === 0 ? 'the seed model, not trained' : `iteration ${last.iteration}`;
  return `${judge}: ${headline(last.metrics.accuracy)}`;
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

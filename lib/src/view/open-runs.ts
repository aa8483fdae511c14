// The runs below a folder of results, listed and opened.
import { join } from 'node:path';
import { ConfigError, hasErrorCode } from '../core/errors.js';
import { exists } from '../core/files.js';
import {
  ITERATION_FILES,
  iterationFolder,
  MATRIX_FILES,
  observeRun,
  RUN_FILES,
  type ObservedRun,
} from '../experiment/index.js';
import { RunFolder } from '../store/index.js';
import { ResultsList, stampOf } from './list-results.js';
import { ViewedRun } from './viewed-run.js';
import type { Listed } from './view-records.js';

/** The name of a folder, which leads to no other place. */
const PLAIN_NAME = /^(?!\.{1,2}$)[^/\\\0]+$/;

/** Runs whose judgments are kept in memory: about 100 bytes for each judgment. */
const MOST_OPEN = 4;

/** The runs below a folder of results, opened when they are asked for; only what stands below it can be. */
export class OpenRuns {
  readonly #resultsFolder: string;
  readonly #list: ResultsList;
  /** The one that was asked for last is the last. */
  readonly #opened = new Map<string, { stamps: string; viewed: Promise<ViewedRun> }>();

  constructor(resultsFolder: string) {
    this.#resultsFolder = resultsFolder;
    this.#list = new ResultsList(resultsFolder);
  }

  /** See {@link ResultsList.list}. */
  list(options: { isAssessed?: boolean } = {}): Promise<Listed[]> {
    return this.#list.list(options);
  }

  /** @param run as it is listed @throws ConfigError for another name */
  async pathOf(run: string): Promise<string> {
    return (await this.#observed(run)).folder;
  }

  /** @param matrix as it is listed @throws ConfigError for another name */
  async matrixPathOf(matrix: string): Promise<string> {
    const path = this.#pathIn(matrix);
    if (path !== null && (await exists(join(path, MATRIX_FILES.report)))) return path;
    throw notListed('matrix', matrix);
  }

  /** Asks a run at work to stop, as Ctrl-C does. @throws ConfigError where it is not at work on this machine, or that is not certain */
  async stop(run: string): Promise<void> {
    const { state, process: at } = await this.#observed(run);
    const notAtWork = (received: string): ConfigError =>
      new ConfigError({
        subject: run,
        expected: 'a run that is at work on this machine',
        received,
        remedy: 'Load the page again.',
      });
    if (state !== 'running') throw notAtWork(state);
    // Another process may have its id by now.
    if (at.startedAt === null) throw notAtWork('one whose process this system does not tell from others');
    try {
      process.kill(at.pid, 'SIGINT');
    } catch (thrown) {
      if (hasErrorCode(thrown, 'ESRCH')) throw notAtWork('one that has just ended');
      if (hasErrorCode(thrown, 'EPERM')) throw notAtWork('one that another user has started');
      throw thrown;
    }
  }

  /** Opened anew where the run has finished something since. */
  async open(run: string): Promise<ViewedRun> {
    const { folder, iterations } = await this.#observed(run);
    const finished = iterations.map(({ iteration }) =>
      iterationFolder(new RunFolder(folder), iteration).file(ITERATION_FILES.manifest),
    );
    const telling = [RUN_FILES.manifest, RUN_FILES.config].map((name) => join(folder, name));
    const stamps = (await Promise.all([...telling, ...finished].map(stampOf))).join();
    const known = this.#opened.get(run);
    const viewed = known?.stamps === stamps ? known.viewed : ViewedRun.open(folder, stamps);
    this.#opened.delete(run);
    this.#opened.set(run, { stamps, viewed });
    for (const oldest of [...this.#opened.keys()].slice(0, -MOST_OPEN)) this.#opened.delete(oldest);
    viewed.catch(() => {
      if (this.#opened.get(run)?.viewed === viewed) this.#opened.delete(run);
    });
    return viewed;
  }

  /** One run alone: the others need not be read. */
  async #observed(run: string): Promise<ObservedRun> {
    const path = this.#pathIn(run);
    const observed = path === null ? null : await observeRun(path);
    if (observed) return observed;
    throw notListed('run', run);
  }

  /** The folder of `<experiment>/<name>`; null for a name that leads elsewhere. */
  #pathIn(name: string): string | null {
    const names = name.split('/');
    const isPlace = names.length === 2 && names.every((each) => PLAIN_NAME.test(each));
    return isPlace ? join(this.#resultsFolder, ...names) : null;
  }
}

function notListed(what: 'run' | 'matrix', name: string): ConfigError {
  return new ConfigError({
    subject: what,
    expected: 'one of those that are listed',
    received: name.slice(0, 100),
    remedy: 'Load the page again.',
  });
}

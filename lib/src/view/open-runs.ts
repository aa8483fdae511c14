// The runs below a folder of results, listed and opened.
import { join } from 'node:path';
import { ConfigError, hasErrorCode } from '../core/errors.js';
import { exists } from '../core/files.js';
import { MATRIX_FILES, observeRun, type ObservedRun } from '../experiment/index.js';
import { ResultsList } from './list-results.js';
import { recordsStamp } from './read-catalogue.js';
import { ViewedRun } from './viewed-run.js';
import type { Listed } from './view-records.js';

/** The name of a folder, which leads to no other place. */
const PLAIN_NAME = /^(?!\.{1,2}$)[^/\\]+$/;

/** The runs below a folder of results, opened when they are asked for; only what stands below it can be. */
export class OpenRuns {
  readonly #resultsFolder: string;
  readonly #list: ResultsList;
  readonly #opened = new Map<string, { stamp: string; viewed: Promise<ViewedRun> }>();

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

  /** Asks a run at work to stop, as Ctrl-C does. @throws ConfigError where it is not at work on this machine */
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
    try {
      process.kill(at.pid, 'SIGINT');
    } catch (thrown) {
      if (hasErrorCode(thrown, 'ESRCH')) throw notAtWork('one that has just ended');
      if (hasErrorCode(thrown, 'EPERM')) throw notAtWork('one that another user has started');
      throw thrown;
    }
  }

  /** Opened anew where the run has written judgments since; what it says of its progress matters not. */
  async open(run: string): Promise<ViewedRun> {
    const { folder } = await this.#observed(run);
    const stamp = await recordsStamp(folder);
    const known = this.#opened.get(run);
    if (known?.stamp === stamp) return known.viewed;
    const viewed = ViewedRun.open(folder, stamp);
    this.#opened.set(run, { stamp, viewed });
    if (known) await known.viewed.then((old) => old.close()).catch(() => undefined);
    return viewed;
  }

  async close(): Promise<void> {
    for (const { viewed } of this.#opened.values())
      await viewed.then((each) => each.close()).catch(() => undefined);
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

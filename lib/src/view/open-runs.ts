// The runs below a folder of results, listed and opened.
import { join, relative, sep } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { observeRun, observeRuns, type ObservedRun } from '../experiment/index.js';
import { stageName } from '../schema/manifest.js';
import { ViewedRun } from './viewed-run.js';
import type { ListedRun } from './view-records.js';

/** The name of a folder, which leads to no other place. */
const PLAIN_NAME = /^(?!\.{1,2}$)[^/\\]+$/;

/** The runs below a folder of results, opened when they are asked for; only what stands below it can be. */
export class OpenRuns {
  readonly #resultsFolder: string;
  readonly #opened = new Map<string, { updatedAt: string; viewed: Promise<ViewedRun> }>();

  constructor(resultsFolder: string) {
    this.#resultsFolder = resultsFolder;
  }

  async list(): Promise<ListedRun[]> {
    const observed = await observeRuns(this.#resultsFolder, () => undefined);
    return observed.map((run) => asListed(run, this.#resultsFolder));
  }

  /** @param run as it is listed @throws ConfigError for another name */
  async pathOf(run: string): Promise<string> {
    return (await this.#observed(run)).folder;
  }

  /** Asks a run at work to stop, as Ctrl-C does. @throws ConfigError where it is not at work on this machine */
  async stop(run: string): Promise<void> {
    const { state, process: at } = await this.#observed(run);
    if (state !== 'running') {
      throw new ConfigError({
        subject: run,
        expected: 'a run that is at work on this machine',
        received: state,
        remedy: 'Load the page again.',
      });
    }
    process.kill(at.pid, 'SIGINT');
  }

  /** Opened anew where the run has written since. */
  async open(run: string): Promise<ViewedRun> {
    const { updatedAt, folder } = await this.#observed(run);
    const known = this.#opened.get(run);
    if (known?.updatedAt === updatedAt) return known.viewed;
    const viewed = ViewedRun.open(folder);
    this.#opened.set(run, { updatedAt, viewed });
    if (known) await known.viewed.then((old) => old.close()).catch(() => undefined);
    return viewed;
  }

  async close(): Promise<void> {
    for (const { viewed } of this.#opened.values())
      await viewed.then((each) => each.close()).catch(() => undefined);
  }

  /** One run alone: the others need not be read. */
  async #observed(run: string): Promise<ObservedRun> {
    const names = run.split('/');
    const isPlace = names.length === 2 && names.every((name) => PLAIN_NAME.test(name));
    const observed = isPlace ? await observeRun(join(this.#resultsFolder, ...names)) : null;
    if (observed) return observed;
    throw new ConfigError({
      subject: 'run',
      expected: 'one of the runs that are listed',
      received: run.slice(0, 100),
      remedy: 'Load the page again.',
    });
  }
}

function asListed(
  { folder, experiment, state, updatedAt, nIterations, iterations, progress, spent, lastError }: ObservedRun,
  resultsFolder: string,
): ListedRun {
  return {
    run: relative(resultsFolder, folder).split(sep).join('/'),
    experiment,
    state,
    updatedAt,
    nIterations,
    accuracies: iterations.map(({ metrics }) => metrics.accuracy),
    stage:
      state === 'running' && progress
        ? {
            name: stageName(progress),
            iteration: progress.iteration,
            done: progress.done,
            total: progress.total,
          }
        : null,
    costUsd: spent?.costUsd ?? null,
    lastError: lastError?.message ?? null,
  };
}

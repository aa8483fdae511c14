// What is below a folder of results: looked up every second, so that only what has been written since is read.
import { stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AutodidactError, messageOf } from '../core/errors.js';
import { exists, foldersIn, namesIn } from '../core/files.js';
import { printable } from '../core/text.js';
import {
  assessRun,
  MATRIX_FILES,
  observeRun,
  readMatrix,
  readRunConfig,
  REVIEW_FILES,
  RUN_FILES,
  type ObservedRun,
} from '../experiment/index.js';
import { stageName } from '../schema/manifest.js';
import type { MatrixReport } from '../schema/matrix.js';
import { RunFolder } from '../store/index.js';
import { asListedAssessment, asListedMatrix, asListedRun } from './listed-records.js';
import type { Listed, ListedAssessment, ListedRun, Unreadable } from './view-records.js';

/** The files that say how a run or a matrix stands, and what people said of it. */
const TELLING = [
  RUN_FILES.status,
  RUN_FILES.manifest,
  MATRIX_FILES.report,
  join(REVIEW_FILES.folder, REVIEW_FILES.answers),
  RUN_FILES.acceptances,
];

/** What a folder holds; null: neither a run nor a matrix. */
type Found = ListedRun | Unreadable | { kind: 'report'; report: MatrixReport; updatedAt: string } | null;

/** The runs and matrices below a folder of results. */
export class ResultsList {
  readonly #resultsFolder: string;
  readonly #found = new Map<string, { stamps: string; found: Found }>();
  /** Of the last judges of runs; `ground` is what each was, or is being, made of. */
  readonly #assessments = new Map<string, { ground: string; assessment: ListedAssessment | null }>();
  /** One run after the other, once a list has been read; lists go on without what is not assessed yet. */
  #assessing: Promise<void> = Promise.resolve();
  readonly #toAssess: (() => Promise<void>)[] = [];

  constructor(resultsFolder: string) {
    this.#resultsFolder = resultsFolder;
  }

  /** Everything below the folder; what cannot be read with the reason. @param options.isAssessed whether to wait for all assessments */
  async list({ isAssessed = false } = {}): Promise<Listed[]> {
    const unreadable: Unreadable[] = [];
    const read = (path: string): Promise<string[]> =>
      foldersIn(path).catch((thrown: unknown) => {
        unreadable.push(this.#unreadable(path, thrown));
        return [];
      });
    const found = new Map<string, Found>();
    const experiments = (await exists(this.#resultsFolder)) ? await read(this.#resultsFolder) : [];
    for (const experiment of experiments)
      for (const name of await read(join(this.#resultsFolder, experiment)))
        found.set(`${experiment}/${name}`, await this.#foundIn(join(this.#resultsFolder, experiment, name)));
    for (const path of this.#found.keys())
      if (!found.has(this.#placeOf(path))) {
        this.#found.delete(path);
        this.#assessments.delete(this.#placeOf(path));
      }
    const toAssess = this.#toAssess.splice(0);
    this.#assessing = this.#assessing.then(async () => {
      for (const assess of toAssess) await assess();
    });
    if (isAssessed) await this.#assessing;
    const runs = new Map<string, ListedRun>();
    for (const [place, each] of found)
      if (each?.kind === 'run')
        runs.set(place, { ...each, assessment: this.#assessments.get(place)?.assessment ?? null });
    const others = [...found].flatMap(([place, each]): Listed[] => {
      if (each?.kind === 'unreadable') return [each];
      if (each?.kind !== 'report') return [];
      const [folder = ''] = place.split('/');
      return [asListedMatrix(each.report, { folder, updatedAt: each.updatedAt, runs })];
    });
    return [...runs.values(), ...others, ...unreadable];
  }

  /** Read anew where it has been written since, and where a process may have ended. */
  async #foundIn(path: string): Promise<Found> {
    const known = this.#found.get(path);
    const stamps = await Promise.all(TELLING.map((name) => stampOf(join(path, name))));
    const isAtWork = known?.found?.kind === 'run' && known.found.state === 'running';
    if (known?.stamps === stamps.join() && !isAtWork) return known.found;
    const found = await this.#read(path, stamps).catch((thrown: unknown) => this.#unreadable(path, thrown));
    this.#found.set(path, { stamps: stamps.join(), found });
    return found;
  }

  async #read(path: string, stamps: readonly string[]): Promise<Found> {
    const written = await stat(join(path, MATRIX_FILES.report)).catch(() => null);
    if (written)
      return { kind: 'report', report: await readMatrix(path), updatedAt: written.mtime.toISOString() };
    const observed = await observeRun(path);
    if (observed) {
      this.#assessLater(observed, stamps);
      return asListedRun(observed, this.#placeOf(path));
    }
    const names = await namesIn(path);
    const isLeft = [RUN_FILES.config, RUN_FILES.metrics, RUN_FILES.log].find((name) => names.includes(name));
    if (isLeft === undefined) return null;
    const reason = `${isLeft}, but no ${RUN_FILES.status}: its run was begun elsewhere, or not at all`;
    return { kind: 'unreadable', folder: this.#placeOf(path), reason };
  }

  /** A run at work is assessed again at each stage, any other when one of its files has changed. */
  #assessLater({ folder, state, progress, iterations }: ObservedRun, stamps: readonly string[]): void {
    const place = this.#placeOf(folder);
    const known = this.#assessments.get(place);
    const [status, ...others] = stamps;
    const at = state === 'running' && progress ? `${progress.iteration} ${stageName(progress)}` : status;
    const ground = [iterations.length, at, ...others].join();
    if (known?.ground === ground) return;
    this.#assessments.set(place, {
      ground,
      assessment: iterations.length ? (known?.assessment ?? null) : null,
    });
    if (iterations.length === 0) return;
    this.#toAssess.push(async () => {
      if (this.#assessments.get(place)?.ground !== ground) return;
      const run = new RunFolder(folder);
      const assessment = await readRunConfig(run)
        .then((config) => assessRun(run, { config, iterations }))
        .then(({ assessment: found }) => asListedAssessment(found))
        .catch((thrown: unknown) => ({ problem: printable(messageOf(thrown)) }));
      this.#assessments.set(place, { ground, assessment });
    });
  }

  /** @throws what is no error about a file */
  #unreadable(path: string, thrown: unknown): Unreadable {
    if (!(thrown instanceof AutodidactError)) throw thrown;
    return { kind: 'unreadable', folder: this.#placeOf(path), reason: printable(thrown.message) };
  }

  #placeOf(path: string): string {
    return relative(this.#resultsFolder, path).split(sep).join('/') || this.#resultsFolder;
  }
}

/** Changes whenever a file is written; one for all that are not there. */
export async function stampOf(path: string): Promise<string> {
  return stat(path).then(
    ({ mtimeMs, size }) => `${mtimeMs}-${size}`,
    () => '',
  );
}

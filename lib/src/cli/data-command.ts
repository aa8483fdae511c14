// `autodidact data`: the data sets that there are, getting them, and checking what is here.
import { InvalidArgumentError, type Command } from 'commander';
import { DataError } from '../core/errors.js';
import { printable } from '../core/text.js';
import {
  datasetFolder,
  datasetNamed,
  datasetPlaces,
  DATASETS,
  DEFAULT_DATASETS_FOLDER,
  pullDataset,
  readCachedDataset,
  revisionOf,
  verifyCachedDataset,
  type CachedDataset,
  type CacheProblem,
  type Dataset,
  type DatasetPlaces,
  type PullProgress,
} from '../datasets/index.js';
import { count, NO_VALUE, toText } from '../report/index.js';
import { byteSize } from './byte-size.js';
import type { ProgressStream } from './progress-display.js';

/** Without a terminal, progress is told this often at most. */
const PLAIN_INTERVAL_MS = 10_000;

/** Adds `data list`, `data pull` and `data verify` to the program. */
export function addDataCommand(program: Command, signal: AbortSignal): void {
  const data = program.command('data').description('benchmarks and instruction pools: list, pull, verify');
  const cache = [
    '--cache <folder>',
    `where data sets are kept (default: ${DEFAULT_DATASETS_FOLDER})`,
    folder,
  ] as const;
  data
    .command('list')
    .description('show the data sets and which of them are here')
    .option(...cache)
    .option('--json', 'print as JSON', false)
    .action((options: { cache?: string; json: boolean }) => listCommand(options));
  data
    .command('pull')
    .description('get data sets; what is here and verified is not fetched again')
    .argument('<name...>', 'data sets, e.g. rewardbench')
    .option(...cache)
    .action((names: string[], options: { cache?: string }) => pullCommand(names, options, signal));
  data
    .command('verify')
    .description('hold the files that are here against their recorded sums')
    .argument('[name...]', 'data sets; absent: all that are here')
    .option(...cache)
    .action((names: string[], options: { cache?: string }) => verifyCommand(names, options, signal));
  for (const command of [data, ...data.commands]) command.exitOverride();
}

function folder(path: string): string {
  if (path.trim() !== '') return path;
  throw new InvalidArgumentError('expected the path of a folder.');
}

function placesOf(options: { cache?: string }): DatasetPlaces {
  return datasetPlaces(process.env, options.cache === undefined ? {} : { cacheFolder: options.cache });
}

async function listCommand(options: { cache?: string; json: boolean }): Promise<void> {
  const { cacheFolder } = placesOf(options);
  const listed = [];
  for (const dataset of DATASETS) listed.push(listing(dataset, await stateOf(cacheFolder, dataset.name)));
  if (options.json) {
    process.stdout.write(`${JSON.stringify(listed)}\n`);
    return;
  }
  const table = toText({
    header: ['name', 'kind', 'rows', 'size', 'in cache', 'license'],
    rows: listed.map(({ name, kind, nRows, bytes, inCache, license }) => {
      const rows = nRows === null ? NO_VALUE : count(nRows);
      return [name, kind, rows, bytes === null ? NO_VALUE : byteSize(bytes), inCache ? 'yes' : 'no', license];
    }),
  });
  process.stdout.write(`${table}\n\ncache: ${cacheFolder}; get one with: autodidact data pull <name>\n`);
}

/** The record of a data set; one that is broken is as good as none, and `data verify` says so. */
async function stateOf(cacheFolder: string, name: string): Promise<CachedDataset | null> {
  try {
    return await readCachedDataset(cacheFolder, name);
  } catch (thrown) {
    if (thrown instanceof DataError) return null;
    throw thrown;
  }
}

/** One data set as `data list --json` prints it. */
interface Listing extends Pick<
  Dataset,
  'name' | 'kind' | 'title' | 'license' | 'nRows' | 'columns' | 'homepage' | 'note'
> {
  source: { kind: string; repo: string; revision: string };
  /** Of the registry, or as pulled; empty where the list is left to the hub. */
  files: string[];
  /** Of all files together; null where that is not known. */
  bytes: number | null;
  inCache: boolean;
  /** ISO 8601, UTC. */
  pulledAt: string | null;
}

function listing(dataset: Dataset, record: CachedDataset | null): Listing {
  const { name, kind, title, license, nRows, columns, homepage, note, source } = dataset;
  const files: { path: string; bytes: number | null }[] = record?.files ?? source.files;
  const isKnown = files.length > 0 && files.every(({ bytes }) => bytes !== null);
  return {
    name,
    kind,
    title,
    source: { kind: source.kind, repo: source.repo, revision: revisionOf(dataset) },
    files: files.map(({ path }) => path),
    license,
    nRows,
    bytes: isKnown ? files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) : null,
    columns,
    homepage,
    note,
    inCache: record !== null,
    pulledAt: record?.pulledAt ?? null,
  };
}

async function pullCommand(
  names: readonly string[],
  options: { cache?: string },
  signal: AbortSignal,
): Promise<void> {
  const places = placesOf(options);
  // A wrong name is told before anything is fetched.
  const wanted = [...new Set(names)].map(datasetNamed);
  const display = new PullDisplay(process.stderr);
  try {
    for (const dataset of wanted) {
      const { wasThere, record } = await pullDataset(dataset, {
        places,
        environment: process.env,
        pulledAt: new Date().toISOString(),
        signal,
        onProgress: (progress) => display.show(progress),
      });
      display.close();
      const size = byteSize(record.files.reduce((sum, { bytes }) => sum + bytes, 0));
      const what = wasThere ? 'already here and verified' : 'pulled';
      const where = datasetFolder(places.cacheFolder, dataset.name);
      process.stdout.write(`${dataset.name}: ${what}, ${record.files.length} file(s), ${size}, ${where}\n`);
    }
  } catch (thrown) {
    display.close();
    if (signal.aborted && thrown === signal.reason) {
      process.stderr.write('Stopped. The same command continues from here.\n');
    }
    throw thrown;
  }
}

/** @throws DataError naming the data sets that are not as they were pulled */
async function verifyCommand(
  names: readonly string[],
  options: { cache?: string },
  signal: AbortSignal,
): Promise<void> {
  const { cacheFolder } = placesOf(options);
  const asked = names.length > 0 ? [...new Set(names)].map(datasetNamed) : DATASETS;
  const wrong: string[] = [];
  let nVerified = 0;
  for (const { name } of asked) {
    signal.throwIfAborted();
    const record = await readCachedDataset(cacheFolder, name);
    if (record === null && names.length === 0) continue;
    const problems = record === null ? null : await verifyCachedDataset(cacheFolder, record);
    nVerified++;
    if (problems === null || problems.length > 0) wrong.push(name);
    process.stdout.write(`${name}: ${verdict(problems, record?.files.length ?? 0)}\n`);
  }
  if (nVerified === 0) process.stdout.write(`no data sets in ${cacheFolder}\n`);
  if (wrong.length === 0) return;
  throw new DataError({
    subject: 'data verify',
    expected: 'every file as it was pulled',
    received: `missing or changed files of ${wrong.join(', ')}`,
    remedy: `Get them again with: autodidact data pull ${wrong.join(' ')}`,
  });
}

function verdict(problems: readonly CacheProblem[] | null, nFiles: number): string {
  if (problems === null) return 'not in the cache';
  if (problems.length === 0) return `${nFiles} file(s) as pulled`;
  return problems.map(({ file, problem }) => `${printable(file)} ${problem}`).join(', ');
}

/** One changing line on a terminal, now and then a line elsewhere. */
class PullDisplay {
  readonly #stream: ProgressStream;
  #hasLine = false;
  #lastPlainMs = performance.now();

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  show({ name, file, fileNumber, nFiles, bytes, totalBytes }: PullProgress): void {
    const share =
      totalBytes === null || totalBytes === 0 ? '' : ` (${Math.floor((100 * bytes) / totalBytes)} %)`;
    const total = totalBytes === null ? '' : ` of ${byteSize(totalBytes)}`;
    const line = printable(`${name}  ${fileNumber}/${nFiles}  ${byteSize(bytes)}${total}${share}  ${file}`);
    if (this.#stream.isTTY === true) {
      this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      this.#hasLine = true;
    } else if (performance.now() - this.#lastPlainMs >= PLAIN_INTERVAL_MS) {
      this.#stream.write(`${line}\n`);
      this.#lastPlainMs = performance.now();
    }
  }

  close(): void {
    if (this.#hasLine) this.#stream.write('\r\u001b[K');
    this.#hasLine = false;
  }
}

// `autodidact data`: lists the data sets, pulls them into the cache and verifies what is there.
import type { Command } from 'commander';
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
import { LiveText, withDisplay } from './live-text.js';
import { notBlank } from './option-values.js';
import { jsonOption, print, printResult } from './shared-options.js';

/** Adds `data list`, `data pull` and `data verify` to the program. */
export function addDataCommand(program: Command, signal: AbortSignal): void {
  const data = program.command('data').description('benchmarks and instruction pools: list, pull, verify');
  const cache = [
    '--cache <folder>',
    `folder of data sets (default: ${DEFAULT_DATASETS_FOLDER})`,
    notBlank,
  ] as const;
  data
    .command('list')
    .description('show the data sets, and which are in the cache')
    .option(...cache)
    .addOption(jsonOption())
    .action(listCommand);
  data
    .command('pull')
    .description('download data sets; what is in the cache and verified is kept')
    .argument('<name...>', 'data sets, e.g. rewardbench')
    .option(...cache)
    .action((names: string[], options: { cache?: string }) => pullCommand(names, options, signal));
  data
    .command('verify')
    .description('compare the files in the cache with their recorded checksums')
    .argument('[name...]', 'data sets (default: all in the cache)')
    .option(...cache)
    .action((names: string[], options: { cache?: string }) => verifyCommand(names, options, signal));
}

function placesOf(options: { cache?: string }): DatasetPlaces {
  return datasetPlaces(process.env, options.cache === undefined ? {} : { cacheFolder: options.cache });
}

async function listCommand(options: { cache?: string; json: boolean }): Promise<void> {
  const { cacheFolder } = placesOf(options);
  const listed: Listing[] = [];
  for (const dataset of DATASETS) listed.push(listing(dataset, await stateOf(cacheFolder, dataset.name)));
  printResult(listed, options, () => {
    const table = toText({
      header: ['name', 'kind', 'rows', 'size', 'in cache', 'license'],
      rows: listed.map(({ name, kind, nRows, bytes, inCache, license }) => {
        const rows = nRows === null ? NO_VALUE : count(nRows);
        const size = bytes === null ? NO_VALUE : byteSize(bytes);
        return [name, kind, rows, size, inCache ? 'yes' : 'no', license];
      }),
    });
    return `${table}\n\ncache: ${cacheFolder}; to download one: autodidact data pull <name>`;
  });
}

/** The record of a data set; null also for one that is broken, which `data verify` reports. */
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
  /** Of the registry, or as pulled; empty where only the hub knows them. */
  files: string[];
  /** All files together; null if unknown. */
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
  // A wrong name is an error before anything is downloaded.
  const wanted = [...new Set(names)].map(datasetNamed);
  const live = new LiveText(process.stderr);
  const display = {
    onEvent: (progress: PullProgress): void => live.show((width) => progressLine(progress).slice(0, width)),
    close: (): void => live.wipe(),
  };
  await withDisplay(display, signal, async (onProgress) => {
    for (const dataset of wanted) {
      const { wasThere, record } = await pullDataset(dataset, {
        places,
        environment: process.env,
        pulledAt: new Date().toISOString(),
        signal,
        onProgress,
      });
      display.close();
      const size = byteSize(record.files.reduce((sum, { bytes }) => sum + bytes, 0));
      const what = wasThere ? 'already here and verified' : 'pulled';
      const where = datasetFolder(places.cacheFolder, dataset.name);
      print(`${dataset.name}: ${what}, ${record.files.length} file(s), ${size}, ${where}`);
    }
  });
}

function progressLine({ name, file, fileNumber, nFiles, bytes, totalBytes }: PullProgress): string {
  const total = totalBytes === null ? '' : ` of ${byteSize(totalBytes)}`;
  const share = totalBytes ? ` (${Math.floor((100 * bytes) / totalBytes)} %)` : '';
  return printable(`${name}  ${fileNumber}/${nFiles}  ${byteSize(bytes)}${total}${share}  ${file}`);
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
    print(`${name}: ${verdict(problems, record?.files.length ?? 0)}`);
  }
  if (nVerified === 0) print(`no data sets in ${cacheFolder}`);
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

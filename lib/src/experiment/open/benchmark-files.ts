// Finds the files of a benchmark in the cache of data sets.
import { DataError } from '../../core/errors.js';
import {
  datasetNamed,
  datasetPaths,
  datasetPlaces,
  readCachedDataset,
  revisionOf,
  verifyCachedDataset,
} from '../../datasets/index.js';
import type { Benchmark } from '../../evaluate/index.js';

/** Files of items, and companion files that say more about them. */
export interface BenchmarkFiles {
  files: string[];
  companions: string[];
}

/**
 * The files of a benchmark in the cache, or null if it was not pulled. Missing companions are left out.
 * @throws DataError when what is in the cache is broken
 */
export async function cachedBenchmarkFiles(
  { itemFiles, companions = [] }: Benchmark,
  cacheFolder?: string,
): Promise<BenchmarkFiles | null> {
  const files: string[] = [];
  for (const { dataset, file } of itemFiles) {
    if (await isCached(dataset, cacheFolder)) files.push(...(await pathsOf(dataset, { cacheFolder, file })));
  }
  if (files.length === 0) return null;
  const companionFiles: string[] = [];
  for (const dataset of new Set(companions.map((companion) => companion.dataset))) {
    if (await isCached(dataset, cacheFolder))
      companionFiles.push(...(await pathsOf(dataset, { cacheFolder, file: /./ })));
  }
  return { files, companions: companionFiles };
}

/** The same for a benchmark that must be there. @throws DataError naming the command that pulls it */
export async function requiredBenchmarkFiles(
  benchmark: Benchmark,
  cacheFolder?: string,
): Promise<BenchmarkFiles> {
  for (const { dataset } of benchmark.itemFiles) await pathsOf(dataset, { cacheFolder, file: /./ });
  return (await cachedBenchmarkFiles(benchmark, cacheFolder)) ?? { files: [], companions: [] };
}

/** Whether a data set is in the cache. @throws DataError if it is not as it was pulled: changed gold labels must not go unnoticed */
async function isCached(dataset: string, cacheFolder: string | undefined): Promise<boolean> {
  const places = datasetPlaces(process.env, cacheFolder === undefined ? {} : { cacheFolder });
  const record = await readCachedDataset(places.cacheFolder, dataset);
  if (record === null) return false;
  const isPinned = record.source.revision === revisionOf(datasetNamed(dataset));
  const [problem] = await verifyCachedDataset(places.cacheFolder, record);
  if (isPinned && problem === undefined) return true;
  throw new DataError({
    subject: `data set ${dataset}`,
    expected: 'the files as they were pulled, at the commit of the registry',
    received: problem ? `${problem.file} ${problem.problem}` : `commit ${record.source.revision}`,
    remedy: `Pull it again: autodidact data pull ${dataset}`,
  });
}

async function pathsOf(
  dataset: string,
  { cacheFolder, file }: { cacheFolder: string | undefined; file: RegExp },
): Promise<string[]> {
  const paths = await datasetPaths(dataset, cacheFolder === undefined ? {} : { cacheFolder });
  return paths.filter((each) => file.test(each.file)).map(({ path }) => path);
}

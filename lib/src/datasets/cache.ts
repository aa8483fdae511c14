// The data sets on this machine: <cache>/<name>/<file>, and <cache>/<name>/dataset.json, which is written last and marks them complete.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import { readError, readTextIfPresent, writeFileAtomic } from '../core/files.js';
import { fileHash } from '../core/hash.js';
import { parseJson } from '../core/jsonl.js';
import { datasetPlaces } from './places.js';
import { filePathSchema, sha256Schema } from './dataset.js';
import { datasetNamed } from './registry.js';

/** What `dataset.json` records of a data set that was pulled. */
export const cachedDatasetSchema = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  /** Where it came from; `revision` is the commit. */
  source: z.object({ kind: z.enum(['huggingface', 'github']), repo: z.string(), revision: z.string() }),
  /** In the order of the data set; `sha256` is of the bytes received, and is compared with what is there later. */
  files: z
    .array(z.object({ path: filePathSchema, sha256: sha256Schema, bytes: z.int().nonnegative() }))
    .min(1),
  /** ISO 8601, UTC. */
  pulledAt: z.iso.datetime(),
});

/** See {@link cachedDatasetSchema}. */
export type CachedDataset = z.infer<typeof cachedDatasetSchema>;

/** A file of a data set that is not as it was pulled. */
export interface CacheProblem {
  file: string;
  problem: 'missing' | 'differs';
}

/** The folder of a data set. */
export function datasetFolder(cacheFolder: string, name: string): string {
  return join(cacheFolder, name);
}

/** The record of a data set, or null when it was never pulled completely. @throws DataError when the record is damaged */
export async function readCachedDataset(cacheFolder: string, name: string): Promise<CachedDataset | null> {
  const path = recordPath(cacheFolder, name);
  const text = await readTextIfPresent(path);
  if (text === null) return null;
  const parsed = parseJson(text, cachedDatasetSchema);
  if (parsed.ok && parsed.value.name === name) return parsed.value;
  throw new DataError({
    subject: path,
    expected: 'the record of a data set',
    received: parsed.ok ? 'that of another data set' : parsed.problems,
    remedy: `Remove that file; then run: autodidact data pull ${name}`,
  });
}

/** Writes the record of a data set whose files are all there. @throws DataError */
export async function writeCachedDataset(cacheFolder: string, record: CachedDataset): Promise<void> {
  await writeFileAtomic(recordPath(cacheFolder, record.name), `${JSON.stringify(record, null, 2)}\n`);
}

/** Where the record of a data set is. */
export function recordPath(cacheFolder: string, name: string): string {
  return join(datasetFolder(cacheFolder, name), 'dataset.json');
}

/** Compares the files of a data set with their recorded sums. @returns what is wrong @throws DataError when one cannot be read */
export async function verifyCachedDataset(
  cacheFolder: string,
  record: CachedDataset,
): Promise<CacheProblem[]> {
  const problems: CacheProblem[] = [];
  for (const { path: file, sha256, bytes } of record.files) {
    const path = join(datasetFolder(cacheFolder, record.name), file);
    const size = await sizeOf(path);
    if (size === null) problems.push({ file, problem: 'missing' });
    else if (size !== bytes || sha256 !== (await hashOf(path))) problems.push({ file, problem: 'differs' });
  }
  return problems;
}

/**
 * Where a file of a data set is in the cache. Its content is not read; `autodidact data verify` does that.
 * @param options.file one of its files; absent: its first
 * @param options.cacheFolder absent: that of AUTODIDACT_DATASETS
 * @throws ConfigError for an unknown data set; DataError when it is not in the cache
 */
export async function datasetPath(
  name: string,
  options: { file?: string; cacheFolder?: string } = {},
): Promise<string> {
  const paths = await datasetPaths(name, options);
  const { file } = options;
  const path = file === undefined ? paths[0]?.path : paths.find((each) => each.file === file)?.path;
  if (path !== undefined) return path;
  throw new DataError({
    subject: `data set ${name}`,
    expected: `one of ${paths.map((each) => each.file).join(', ')}`,
    received: file ?? 'no file',
    remedy: 'Name one of its files.',
  });
}

/** Where all files of a data set are in the cache, in its order. @throws as {@link datasetPath} */
export async function datasetPaths(
  name: string,
  options: { cacheFolder?: string } = {},
): Promise<{ file: string; path: string }[]> {
  datasetNamed(name);
  const { cacheFolder } = datasetPlaces(
    process.env,
    options.cacheFolder ? { cacheFolder: options.cacheFolder } : {},
  );
  const record = await readCachedDataset(cacheFolder, name);
  if (record === null) throw notInCache(name, cacheFolder, 'it was not pulled');
  const paths: { file: string; path: string }[] = [];
  for (const { path: file, bytes } of record.files) {
    const path = join(datasetFolder(cacheFolder, name), file);
    if ((await sizeOf(path)) !== bytes) throw notInCache(name, cacheFolder, `${file} is missing or changed`);
    paths.push({ file, path });
  }
  return paths;
}

function notInCache(name: string, cacheFolder: string, received: string): DataError {
  return new DataError({
    subject: `data set ${name}`,
    expected: `it in the cache ${cacheFolder}`,
    received,
    remedy: `Not in the cache, so run: autodidact data pull ${name}`,
  });
}

/** The length of a file in bytes; null where there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.size : null;
  } catch {
    return null;
  }
}

async function hashOf(path: string): Promise<string> {
  try {
    return await fileHash(path);
  } catch (thrown) {
    throw readError(path, thrown);
  }
}

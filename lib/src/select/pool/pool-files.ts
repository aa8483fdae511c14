// The files of a pool on this machine: paths, patterns of file names, and pulled data sets.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { exists, readError } from '../../core/files.js';
import { datasetPath, datasetPaths, formatOf, type RowFormat } from '../../datasets/index.js';
import type { Pool, PoolFile } from './pool-config.js';

/** An existing file. */
export interface FoundPoolFile {
  /** As the pool names it; used in records, which must not depend on the machine. */
  name: string;
  /** Absolute. */
  path: string;
  format: RowFormat;
  config: PoolFile;
}

/** Where files are looked for. */
export interface PoolPlaces {
  /** The folder that relative paths start from. */
  folder: string;
  /** Cache of the pulled data sets; absent: from the environment. */
  cacheFolder?: string | undefined;
}

/**
 * The files of a pool in the order in which they are read; those of a pattern in the order of their names.
 * @throws ConfigError for a path that does not exist, a pattern without a match, or a file that is named twice; DataError for a data set
 * that was not pulled, or a file of an unknown format
 */
export async function findPoolFiles(pool: Pool, places: PoolPlaces): Promise<FoundPoolFile[]> {
  const found: FoundPoolFile[] = [];
  for (const [i, config] of pool.files.entries()) {
    const subject = `pool, files.${i}`;
    for (const { name, path } of await pathsOf(config, places, subject)) {
      if (found.some((earlier) => earlier.path === path))
        throw new ConfigError({
          subject,
          expected: 'every file once',
          received: `${name} a second time`,
          remedy: 'Leave one of them out.',
        });
      found.push({ name, path, format: config.format ?? (await formatOf(path)), config });
    }
  }
  return found;
}

async function pathsOf(
  { path, dataset, file }: PoolFile,
  { folder, cacheFolder }: PoolPlaces,
  subject: string,
): Promise<{ name: string; path: string }[]> {
  if (dataset !== undefined) {
    const cache = cacheFolder === undefined ? {} : { cacheFolder };
    const files =
      file === undefined
        ? await datasetPaths(dataset, cache)
        : [{ file, path: await datasetPath(dataset, { ...cache, file }) }];
    return files.map((each) => ({ name: `${dataset}/${each.file}`, path: each.path }));
  }
  const named = path ?? '';
  const absolute = resolve(folder, named);
  if (basename(named).includes('*')) return matching(named, absolute, subject);
  if (await exists(absolute)) return [{ name: named, path: absolute }];
  throw notThere(subject, `nothing at ${absolute}`);
}

async function matching(
  named: string,
  absolute: string,
  subject: string,
): Promise<{ name: string; path: string }[]> {
  const pattern = new RegExp(
    `^${basename(named)
      .split('*')
      .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
      .join('.*')}$`,
  );
  const folder = dirname(absolute);
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw readError(folder, thrown);
  });
  const matches = names.filter((name) => pattern.test(name)).sort();
  if (matches.length === 0) throw notThere(subject, `no file of ${folder} that matches ${basename(named)}`);
  return matches.map((name) => ({ name: join(dirname(named), name), path: join(folder, name) }));
}

function notThere(subject: string, received: string): ConfigError {
  return new ConfigError({
    subject,
    expected: 'a file',
    received,
    remedy: 'Fix the path; it is relative to the folder of the file that names it.',
  });
}

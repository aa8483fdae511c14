// Gets a data set into the cache: all its files, one after the other, and its record last.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Connections, type Environment } from '../core/connections.js';
import { AutodidactError, DataError } from '../core/errors.js';
import { lockFolder } from '../core/folder-lock.js';
import { fileHash } from '../core/hash.js';
import {
  datasetFolder,
  readCachedDataset,
  recordPath,
  sizeOf,
  verifyCachedDataset,
  writeCachedDataset,
  type CachedDataset,
} from './cache.js';
import { revisionOf, type Dataset } from './dataset.js';
import { downloadFile, type DownloadProgress } from './download.js';
import { hubAuthorization, remoteFiles, type RemoteFile } from './hub.js';
import type { DatasetPlaces } from './places.js';
import { WEB_RETRIES, type WebRetries } from './web-retries.js';
import type { WebOptions } from './web.js';

/** How far a pull has come. */
export interface PullProgress extends DownloadProgress {
  name: string;
  file: string;
  /** Position of the file among those of the data set, from 1. */
  fileNumber: number;
  nFiles: number;
}

/** What a pull needs. */
export interface PullOptions {
  places: DatasetPlaces;
  /** For the record: ISO 8601, UTC. */
  pulledAt: string;
  signal: AbortSignal;
  /** Its HTTP_PROXY, HTTPS_PROXY and NO_PROXY are followed. Default: no proxy. */
  environment?: Environment;
  onProgress?: (progress: PullProgress) => void;
  /** Default: the retries for servers on the internet. */
  retries?: Partial<WebRetries>;
}

/** The outcome of a pull. */
export interface PullResult {
  /** Whether everything was there before and is as it should be. */
  wasThere: boolean;
  record: CachedDataset;
}

/** One file of a data set, and where it is or will be. */
interface WantedFile extends RemoteFile {
  localPath: string;
}

/**
 * Gets a data set, unless it is there and verified. What an interrupted pull left is used; it does not count as the data set
 * until the last file is there and the record is written.
 * @throws DataError naming what is missing, the address and the command that gets it; the signal's reason when it aborts
 */
export async function pullDataset(dataset: Dataset, options: PullOptions): Promise<PullResult> {
  const { cacheFolder } = options.places;
  const { name } = dataset;
  const taken = {
    subject: `data set ${name}`,
    expected: 'a data set that no other process is getting',
    does: 'is getting it',
    remedy: 'Wait for it, then run the same command again.',
  };
  const unlock = await lockFolder(datasetFolder(cacheFolder, name), { name: 'pull', taken });
  const connections = new Connections({ connections: 1, environment: options.environment });
  try {
    const earlier = await usableRecord(dataset, cacheFolder);
    if (earlier !== null && (await verifyCachedDataset(cacheFolder, earlier)).length === 0) {
      return { wasThere: true, record: earlier };
    }
    const web: Omit<WebOptions, 'authorization'> = {
      fetch: connections.fetch,
      retries: { ...WEB_RETRIES, ...options.retries },
      signal: options.signal,
    };
    const wanted = await wantedFiles(dataset, { ...web, places: options.places, earlier });
    // Files of another commit stop counting before the first of this one arrives. Those of this commit are compared with their
    // recorded sums, so that their record may stay.
    if (earlier === null) await rm(recordPath(cacheFolder, name), { force: true });
    const record: CachedDataset = {
      schemaVersion: 1,
      name,
      source: sourceOf(dataset),
      files: await getAll(dataset, wanted, { ...options, ...web }),
      pulledAt: options.pulledAt,
    };
    await writeCachedDataset(cacheFolder, record);
    return { wasThere: false, record };
  } finally {
    await connections.close();
    await unlock();
  }
}

function sourceOf(dataset: Dataset): CachedDataset['source'] {
  const { kind, repo } = dataset.source;
  return { kind, repo, revision: revisionOf(dataset) };
}

/** The record of an earlier pull of the same commit; null where there is none, or one of another commit. */
async function usableRecord(dataset: Dataset, cacheFolder: string): Promise<CachedDataset | null> {
  const record = await readCachedDataset(cacheFolder, dataset.name);
  const { kind, repo, revision } = sourceOf(dataset);
  const isSame =
    record?.source.kind === kind && record.source.repo === repo && record.source.revision === revision;
  return isSame ? record : null;
}

async function wantedFiles(
  dataset: Dataset,
  options: Parameters<typeof remoteFiles>[1] & { earlier: CachedDataset | null },
): Promise<WantedFile[]> {
  const { places, earlier } = options;
  let files: RemoteFile[];
  try {
    files = await remoteFiles(dataset, options);
  } catch (thrown) {
    throw explained(thrown, dataset, []);
  }
  return files.map((file) => {
    const before = earlier?.files.find(({ path }) => path === file.path);
    return {
      ...file,
      // Where no source publishes the sum, later pulls are compared with the first one.
      sha256: file.sha256 ?? before?.sha256 ?? null,
      bytes: file.bytes ?? before?.bytes ?? null,
      localPath: join(datasetFolder(places.cacheFolder, dataset.name), file.path),
    };
  });
}

async function getAll(
  dataset: Dataset,
  wanted: readonly WantedFile[],
  options: PullOptions & Omit<WebOptions, 'authorization'>,
): Promise<CachedDataset['files']> {
  const { places, onProgress } = options;
  const authorization = dataset.source.kind === 'huggingface' ? hubAuthorization(places) : null;
  const files: CachedDataset['files'] = [];
  for (const [i, file] of wanted.entries()) {
    const { path, localPath } = file;
    const place = { name: dataset.name, file: path, fileNumber: i + 1, nFiles: wanted.length };
    try {
      const received =
        (await sumIfRight(file)) ??
        (await downloadFile({
          ...options,
          ...file,
          path: localPath,
          authorization,
          onProgress: (progress) => onProgress?.({ ...place, ...progress }),
        }));
      files.push({ path, ...received });
    } catch (thrown) {
      throw explained(thrown, dataset, wanted.slice(i));
    }
  }
  return files;
}

/** Sum and length of a file that an earlier pull brought, where it is known to be right. */
async function sumIfRight({
  localPath,
  sha256,
}: WantedFile): Promise<{ sha256: string; bytes: number } | null> {
  const bytes = await sizeOf(localPath);
  if (sha256 === null || bytes === null) return null;
  // A file that cannot be read is downloaded; if it cannot be written either, the download reports that.
  const found = await fileHash(localPath).catch(() => null);
  return found === sha256 ? { sha256, bytes } : null;
}

/** A failure with the data set and its missing files; what is no error of this project stays as it is. */
function explained(thrown: unknown, { name }: Dataset, missing: readonly RemoteFile[]): unknown {
  if (!(thrown instanceof AutodidactError)) return thrown;
  const names = missing.slice(0, 5).map(({ path }) => path);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  const list = missing.length === 0 ? '' : ` Still missing: ${names.join(', ')}${more}.`;
  return new DataError({
    subject: `data set ${name}`,
    expected: thrown.expected,
    received: `${thrown.received ?? 'nothing'} (${thrown.subject})`,
    remedy: `${thrown.remedy}${list} Get it with: autodidact data pull ${name}`,
    cause: thrown,
  });
}

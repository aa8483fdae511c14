// Getting a data set into the cache: all its files, one after the other, and its record last.
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AutodidactError, DataError } from '../core/errors.js';
import { fileHash } from '../core/hash.js';
import {
  datasetFolder,
  readCachedDataset,
  recordPath,
  verifyCachedDataset,
  writeCachedDataset,
  type CachedDataset,
} from './cache.js';
import { lockDataset } from './dataset-lock.js';
import { downloadFile, type DownloadProgress } from './download.js';
import { hubAuthorization, remoteFiles, type RemoteFile } from './hub.js';
import { DEFAULT_PATIENCE, type Patience } from './patience.js';
import type { DatasetPlaces } from './places.js';
import { revisionOf, type Dataset } from './dataset.js';

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
  onProgress?: (progress: PullProgress) => void;
  /** Absent: what is right for servers of the internet. */
  patience?: Partial<Patience>;
}

/** The outcome of a pull. */
export interface PullResult {
  /** Whether everything was there before and is as it should be. */
  wasThere: boolean;
  record: CachedDataset;
}

/** What a file must be, and whether it already is. */
interface WantedFile extends RemoteFile {
  /** Where it is, or will be. */
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
  const folder = datasetFolder(cacheFolder, name);
  const unlock = await lockDataset(folder, name);
  try {
    const earlier = await usableRecord(dataset, cacheFolder);
    if (earlier !== null && (await verifyCachedDataset(cacheFolder, earlier)).length === 0) {
      return { wasThere: true, record: earlier };
    }
    const wanted = await wantedFiles(dataset, { ...options, earlier });
    // Files of another commit stop counting before the first of this one arrives. Those of this commit are held against their
    // recorded sums, so that their record may stay.
    if (earlier === null) await rm(recordPath(cacheFolder, name), { force: true });
    const files = await getAll(dataset, wanted, options);
    const { kind, repo } = dataset.source;
    const record: CachedDataset = {
      schemaVersion: 1,
      name,
      source: { kind, repo, revision: revisionOf(dataset) },
      files,
      pulledAt: options.pulledAt,
    };
    await writeCachedDataset(cacheFolder, record);
    return { wasThere: false, record };
  } finally {
    await unlock();
  }
}

/** The record of an earlier pull of the same commit; another commit's is none. */
async function usableRecord(dataset: Dataset, cacheFolder: string): Promise<CachedDataset | null> {
  const record = await readCachedDataset(cacheFolder, dataset.name);
  const { kind, repo } = dataset.source;
  const isSame =
    record?.source.kind === kind &&
    record.source.repo === repo &&
    record.source.revision === revisionOf(dataset);
  return isSame ? record : null;
}

async function wantedFiles(
  dataset: Dataset,
  options: PullOptions & { earlier: CachedDataset | null },
): Promise<WantedFile[]> {
  const { places, earlier, signal } = options;
  const folder = datasetFolder(places.cacheFolder, dataset.name);
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  let files: RemoteFile[];
  try {
    files = await remoteFiles(dataset, { places, patience, signal });
  } catch (thrown) {
    throw explained(thrown, dataset, []);
  }
  return files.map((file) => {
    const before = earlier?.files.find(({ path }) => path === file.path);
    return {
      ...file,
      // Where nobody knows the sum, that of the first pull is held against all later ones.
      sha256: file.sha256 ?? before?.sha256 ?? null,
      bytes: file.bytes ?? before?.bytes ?? null,
      localPath: join(folder, file.path),
    };
  });
}

async function getAll(
  dataset: Dataset,
  wanted: readonly WantedFile[],
  options: PullOptions,
): Promise<CachedDataset['files']> {
  const { places, signal, onProgress } = options;
  const files: CachedDataset['files'] = [];
  for (const [i, file] of wanted.entries()) {
    const place = { name: dataset.name, file: file.path, fileNumber: i + 1, nFiles: wanted.length };
    const there = await sumIfRight(file);
    if (there !== null) {
      files.push({ path: file.path, ...there });
      continue;
    }
    try {
      const received = await downloadFile({
        url: file.url,
        path: file.localPath,
        sha256: file.sha256,
        bytes: file.bytes,
        authorization: dataset.source.kind === 'huggingface' ? hubAuthorization(places) : null,
        patience: { ...DEFAULT_PATIENCE, ...options.patience },
        signal,
        onProgress: (progress) => onProgress?.({ ...place, ...progress }),
      });
      files.push({ path: file.path, ...received });
    } catch (thrown) {
      throw explained(thrown, dataset, wanted.slice(i));
    }
  }
  return files;
}

/** Sum and length of a file that an earlier pull brought, if they can be told to be right. */
async function sumIfRight({
  localPath,
  sha256,
}: WantedFile): Promise<{ sha256: string; bytes: number } | null> {
  if (sha256 === null) return null;
  try {
    const { size } = await stat(localPath);
    return (await fileHash(localPath)) === sha256 ? { sha256, bytes: size } : null;
  } catch {
    // Not there, or not to be read: it is downloaded, and if it cannot be written either, that will say so.
    return null;
  }
}

/** A failure with the data set and what of it is missing; anything that is no failure of a file stays as it is. */
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

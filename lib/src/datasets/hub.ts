// The files of a data set, with their sums and sizes: from the registry, and from the API of the hub for what the registry leaves open.
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import type { DatasetPlaces } from './places.js';
import { filePathSchema, sha256Schema, type Dataset } from './dataset.js';
import { getJson, type Authorization, type WebOptions } from './web.js';

/** A file of a data set, ready to be downloaded. */
export interface RemoteFile {
  path: string;
  url: string;
  /** Null when not known. */
  sha256: string | null;
  /** Null when not known. */
  bytes: number | null;
}

/** Pages of a listing that are followed, of 1,000 files each. */
const MAX_PAGES = 50;

/** https://huggingface.co/docs/hub/api: entries of a tree. The `oid` of `lfs` is the SHA-256 of the content. */
const treeSchema = z.array(
  z.object({
    type: z.string().optional(),
    path: z.string(),
    size: z.int().nonnegative().optional(),
    lfs: z.object({ oid: z.string(), size: z.int().nonnegative().optional() }).nullish(),
  }),
);

/** What the hub lists of a file. */
type ListedFile = Pick<RemoteFile, 'sha256' | 'bytes'>;

/**
 * The files of a data set. The hub is asked only when the registry lacks a sum or a list of files.
 * @throws DataError when the hub cannot be reached or has no such files; the signal's reason when it aborts
 */
export async function remoteFiles(
  { source, name }: Dataset,
  options: { places: DatasetPlaces } & Omit<WebOptions, 'authorization'>,
): Promise<RemoteFile[]> {
  const { places } = options;
  if (source.kind === 'github') {
    const url = `${places.rawUrl}/${source.repo}/${source.commit}`;
    return source.files.map(({ path, sha256, bytes }) => ({
      path,
      sha256,
      bytes,
      url: `${url}/${encoded(path)}`,
    }));
  }
  const { repo, revision, files, pattern } = source;
  const isComplete = pattern === null && files.every(({ sha256 }) => sha256 !== null);
  const listed = isComplete
    ? new Map<string, ListedFile>()
    : await listFiles(`${places.hubUrl}/api/datasets/${repo}/tree/${revision}?recursive=true`, {
        ...options,
        authorization: hubAuthorization(places),
      });
  const matching = [...listed].filter(([path]) => pattern?.test(path)).sort(([a], [b]) => (a < b ? -1 : 1));
  const found = [...files, ...matching.map(([path, { sha256, bytes }]) => ({ path, sha256, bytes }))];
  if (found.length === 0) throw noFiles(name, places.hubUrl, repo);
  return found.map(({ path, sha256, bytes }) => ({
    path,
    url: `${places.hubUrl}/datasets/${repo}/resolve/${revision}/${encoded(path)}`,
    sha256: sha256 ?? listed.get(path)?.sha256 ?? null,
    bytes: bytes ?? listed.get(path)?.bytes ?? null,
  }));
}

/** The token of the hub, for the hub alone; over plain http only to this machine. */
export function hubAuthorization({ hubUrl, hubToken }: DatasetPlaces): Authorization | null {
  const { origin, protocol, hostname } = new URL(hubUrl);
  const isSafe = protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return hubToken !== null && isSafe ? { origin, token: hubToken } : null;
}

async function listFiles(firstPage: string, options: WebOptions): Promise<Map<string, ListedFile>> {
  const files = new Map<string, ListedFile>();
  let page: string | null = firstPage;
  for (let nPages = 0; page !== null && nPages < MAX_PAGES; nPages++) {
    const listing: Awaited<ReturnType<typeof getJson<typeof treeSchema>>> = await getJson(
      page,
      treeSchema,
      options,
    );
    for (const { type, path, size, lfs } of listing.value) {
      // What the server names becomes a path on this machine.
      if (type === 'directory' || !filePathSchema.safeParse(path).success) continue;
      const sum = sha256Schema.safeParse(lfs?.oid);
      files.set(path, { sha256: sum.success ? sum.data : null, bytes: lfs?.size ?? size ?? null });
    }
    page = listing.next;
  }
  return files;
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function noFiles(name: string, hubUrl: string, repo: string): DataError {
  return new DataError({
    subject: `data set ${name}`,
    expected: 'files of this data set in the listing of the hub',
    received: 'none',
    remedy: `Look at ${hubUrl}/datasets/${repo}: the files may have been renamed.`,
  });
}

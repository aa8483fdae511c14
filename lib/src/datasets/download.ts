// Downloads one file over HTTP: resumes it where it was cut, checks its sum, and gives it its name only when it is whole.
import { DataError } from '../core/errors.js';
import { ResumableFile } from './resumable-file.js';
import { TransientFailure, withWebRetries } from './web-retries.js';
import { failForStatus, request, unlessStalled, type WebOptions } from './web.js';

/** How far a file has come. */
export interface DownloadProgress {
  /** Bytes that are here, including those of earlier attempts. */
  bytes: number;
  /** Bytes in all; null when not known. */
  totalBytes: number | null;
}

/** What to get, where to put it, and what it must be. */
export interface DownloadOptions extends WebOptions {
  url: string;
  /** Where the file appears when it is whole. */
  path: string;
  /** What its SHA-256 must be; null when not known. */
  sha256: string | null;
  /** How long it must be; null when not known. */
  bytes: number | null;
  onProgress?: (progress: DownloadProgress) => void;
}

/** An attempt that brings at least so much more than any before it counts as progress. */
const PROGRESS_BYTES = 1024 * 1024;

/**
 * Downloads a file. When it is cut - by the network, the server, a full disk or the signal - what has come stays in `<path>.partial`,
 * and the next call continues from there if the server still has the same version (`Range` with `If-Range`, RFC 9110, 14.2).
 * @returns its sum and length
 * @throws DataError when the server cannot be reached, refuses or sends something else, or the disk cannot take it; the signal's
 * reason when it aborts
 */
export async function downloadFile(options: DownloadOptions): Promise<{ sha256: string; bytes: number }> {
  const { url, path, sha256 } = options;
  options.signal.throwIfAborted();
  const file = await ResumableFile.open(path, { url, isSumKnown: sha256 !== null });
  try {
    for (;;) {
      const wasInherited = file.isInherited;
      await fetchToEnd(file, options);
      const received = file.digest();
      if (sha256 === null || sha256 === received) {
        await file.commit();
        return { sha256: received, bytes: file.size };
      }
      if (!wasInherited) throw await discarded(file, { url, expected: `SHA-256 ${sha256}`, received });
      // The part of an earlier run may be wrong: once more, from nothing.
      await file.restart(null);
    }
  } catch (thrown) {
    await file.keep();
    throw thrown;
  }
}

async function fetchToEnd(file: ResumableFile, options: DownloadOptions): Promise<void> {
  let furthest = file.size;
  const hasProgressed = (): boolean => {
    if (file.size < furthest + PROGRESS_BYTES) return false;
    furthest = file.size;
    return true;
  };
  await withWebRetries(() => fetchOnce(file, options), { ...options, hasProgressed });
}

/** One request, up to the end of its answer. */
async function fetchOnce(file: ResumableFile, options: DownloadOptions): Promise<void> {
  const { url } = options;
  // An earlier run got everything, but ended before it gave the file its name.
  if (options.sha256 !== null && file.size > 0 && file.size === options.bytes) return;
  await unlessStalled(options, async ({ signal, isAlive }) => {
    // Lengths and positions would be those of the compressed bytes.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (file.size > 0 && file.etag !== null) {
      headers.range = `bytes=${file.size}-`;
      headers['if-range'] = file.etag;
    }
    const response = await request(url, { ...options, headers, signal });
    isAlive();
    const totalBytes = await startOf(response, file, options);
    const most = totalBytes ?? options.bytes ?? Infinity;
    options.onProgress?.({ bytes: file.size, totalBytes: totalBytes ?? options.bytes });
    const body: AsyncIterable<Uint8Array> | null = response.body;
    for await (const chunk of body ?? []) {
      isAlive();
      if (file.size + chunk.length > most) {
        throw await discarded(file, { url, expected: `${most} bytes`, received: 'more' });
      }
      await file.append(chunk);
      options.onProgress?.({ bytes: file.size, totalBytes: totalBytes ?? options.bytes });
    }
    if (most !== Infinity && file.size < most) {
      throw new TransientFailure(`an answer that ends after ${file.size} of ${most} bytes`);
    }
  });
}

/** Reads the head of an answer and makes the part agree with it. @returns the length of the whole file, or null */
async function startOf(
  response: Response,
  file: ResumableFile,
  options: DownloadOptions,
): Promise<number | null> {
  if (response.status === 416) {
    // The file has no bytes after those that are here, so the part belongs to another file.
    await file.restart(null);
    throw new TransientFailure('a file that is shorter than what is here');
  }
  if (response.status !== 200 && response.status !== 206) failForStatus(response, options.url);
  const isEncoded = !['', 'identity'].includes(response.headers.get('content-encoding') ?? '');
  let totalBytes: number | null;
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    const etag = response.headers.get('etag');
    if (isEncoded || Number(range?.[1]) !== file.size || (etag !== null && etag !== file.etag)) {
      await file.restart(null);
      throw new TransientFailure('another part of the file than the one asked for');
    }
    totalBytes = lengthOf(range?.[2]);
  } else {
    const etag = response.headers.get('etag');
    // A weak tag does not promise the same bytes.
    await file.restart(etag !== null && etag.startsWith('"') && !isEncoded ? etag : null);
    totalBytes = isEncoded ? null : lengthOf(response.headers.get('content-length'));
  }
  if (options.bytes !== null && totalBytes !== null && totalBytes !== options.bytes) {
    const expected = `${options.bytes} bytes`;
    throw await discarded(file, { url: options.url, expected, received: `${totalBytes} bytes` });
  }
  return totalBytes;
}

function lengthOf(text: string | null | undefined): number | null {
  return /^\d+$/.test(text ?? '') ? Number(text) : null;
}

/** The server has another file than the one asked for: what came is removed. */
async function discarded(
  file: ResumableFile,
  { url, expected, received }: { url: string; expected: string; received: string },
): Promise<DataError> {
  await file.discard();
  const remedy =
    'The file was changed at its source or on its way, and nothing of it was kept. Try again, or try another mirror.';
  return new DataError({ subject: url, expected, received, remedy });
}

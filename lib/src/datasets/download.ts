// One file over HTTP: resumed where it was cut, checked against its sum, and never there in part.
import { DataError } from '../core/errors.js';
import { TransientFailure, withPatience } from './patience.js';
import { ResumableFile } from './resumable-file.js';
import { failForStatus, request, unlessStalled, type WebOptions } from './web.js';

/** How far a file has come. */
export interface DownloadProgress {
  /** Bytes that are here, those of earlier attempts included. */
  bytes: number;
  /** Bytes in all; null when nobody has said. */
  totalBytes: number | null;
}

/** What to get, where to put it, and what it must be. */
export interface DownloadOptions extends WebOptions {
  url: string;
  /** Where the file appears when it is whole. */
  path: string;
  /** What its SHA-256 must be; null when nobody knows. */
  sha256: string | null;
  /** How long it must be; null when nobody knows. */
  bytes: number | null;
  onProgress?: (progress: DownloadProgress) => void;
}

/** An attempt that brings at least so much more than any before it counts as progress. */
const PROGRESS_BYTES = 1024 * 1024;

/**
 * Downloads a file. When it is cut - by the network, the server, a full disk or the signal - what came stays in `<path>.partial`,
 * and the next call goes on from there if the server still has the same version (`Range` with `If-Range`, RFC 9110, 14.2).
 * @returns its sum and length
 * @throws DataError when the server cannot be reached, refuses or sends something else, or the disk cannot take it; the signal's
 * reason when it aborts
 */
export async function downloadFile(options: DownloadOptions): Promise<{ sha256: string; bytes: number }> {
  const { url, path, sha256, patience, signal } = options;
  signal.throwIfAborted();
  const file = await ResumableFile.open(path, { url, isSumKnown: sha256 !== null });
  try {
    for (;;) {
      const wasInherited = file.isInherited;
      await fetchToEnd(file, { ...options, patience, signal });
      const received = file.digest();
      if (sha256 === null || sha256 === received) {
        await file.commit();
        return { sha256: received, bytes: file.size };
      }
      if (!wasInherited) throw differs(options, `SHA-256 ${sha256}`, received);
      // The part of an earlier run may be at fault: once more, from nothing.
      await file.restart(null);
    }
  } catch (thrown) {
    if (thrown instanceof UnusableContent) {
      await file.discard();
      throw thrown.error;
    }
    await file.keep();
    throw thrown;
  }
}

/** The server has another file than the one asked for: what came is of no use. */
class UnusableContent extends Error {
  readonly error: DataError;

  constructor(error: DataError) {
    super(error.message);
    this.error = error;
  }
}

async function fetchToEnd(file: ResumableFile, options: DownloadOptions): Promise<void> {
  let furthest = file.size;
  const hasProgressed = (): boolean => {
    if (file.size < furthest + PROGRESS_BYTES) return false;
    furthest = file.size;
    return true;
  };
  await withPatience(() => fetchOnce(file, options), { ...options, hasProgressed });
}

/** One request, up to the end of its answer. */
async function fetchOnce(file: ResumableFile, options: DownloadOptions): Promise<void> {
  const { url, authorization } = options;
  // An earlier run got everything, but did not come to give it its name.
  if (options.sha256 !== null && file.size > 0 && file.size === options.bytes) return;
  await unlessStalled(options, async ({ signal, isAlive }) => {
    // Compressed answers would have lengths and positions of their own.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (file.size > 0 && file.etag !== null) {
      headers.range = `bytes=${file.size}-`;
      headers['if-range'] = file.etag;
    }
    const response = await request(url, { headers, authorization, signal });
    isAlive();
    const totalBytes = await startOf(response, file, options);
    const most = totalBytes ?? options.bytes ?? Infinity;
    options.onProgress?.({ bytes: file.size, totalBytes: totalBytes ?? options.bytes });
    const body: AsyncIterable<Uint8Array> | null = response.body;
    for await (const chunk of body ?? []) {
      isAlive();
      if (file.size + chunk.length > most) throw differs(options, `${most} bytes`, 'more');
      await file.append(chunk);
      options.onProgress?.({ bytes: file.size, totalBytes: totalBytes ?? options.bytes });
    }
    if (most !== Infinity && file.size < most) {
      throw new TransientFailure(`an answer that ends after ${file.size} of ${most} bytes`);
    }
  });
}

/** Reads the head of an answer and brings the part into agreement with it. @returns how long the whole file is, if it says so */
async function startOf(
  response: Response,
  file: ResumableFile,
  options: DownloadOptions,
): Promise<number | null> {
  if (response.status === 416) {
    // Nothing behind what is here, so this is not a part of that file.
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
    throw differs(options, `${options.bytes} bytes`, `${totalBytes} bytes`);
  }
  return totalBytes;
}

function lengthOf(text: string | null | undefined): number | null {
  return /^\d+$/.test(text ?? '') ? Number(text) : null;
}

function differs(options: DownloadOptions, expected: string, received: string): UnusableContent {
  return new UnusableContent(
    new DataError({
      subject: options.url,
      expected,
      received,
      remedy:
        'The file was changed at its source or on its way, and nothing of it was kept. Try again, or try another mirror.',
    }),
  );
}

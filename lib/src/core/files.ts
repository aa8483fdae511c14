// Atomic file writes: files are written to a temporary name, synced, and renamed.
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DataError, hasErrorCode, messageOf } from './errors.js';

/** The error of a file that cannot be written, with what to do about the common reasons; a DataError stays as it is. */
export function writeError(path: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  const remedies: readonly (readonly [string, string])[] = [
    [
      'ENOSPC',
      'The disk is full: free some space and run the same command again; it continues where it stopped.',
    ],
    ['EDQUOT', 'The disk quota is used up: free some space and run the same command again.'],
    ['EACCES', 'Give this user write permission there, or choose another folder.'],
    ['EPERM', 'Give this user write permission there, or choose another folder.'],
    ['EROFS', 'That file system is read-only: choose another folder.'],
    ['ENOTDIR', 'A part of that path is a file, not a folder: choose another folder.'],
    ['EEXIST', 'A part of that path is a file, not a folder: choose another folder.'],
  ];
  const remedy = remedies.find(([code]) => hasErrorCode(cause, code))?.[1] ?? 'Check the path and the disk.';
  return new DataError({
    subject: path,
    expected: 'a writable path',
    received: messageOf(cause),
    remedy,
    cause,
  });
}

/** Creates a folder and its parents. @throws DataError when it cannot */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolders(resolve(path));
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** One folder at a time: the recursive `mkdir` of Node never ends on file systems that report an existing parent as missing. */
async function makeFolders(path: string, { mayRetry = true } = {}): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if (hasErrorCode(thrown, 'EEXIST') && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (!hasErrorCode(thrown, 'ENOENT')) throw thrown;
    // Another process may have made the parent meanwhile; a second failure has another cause.
    const isThere = await exists(parent);
    if (isThere && !mayRetry) throw thrown;
    if (!isThere) await makeFolders(parent);
    await makeFolders(path, { mayRetry: !isThere });
  }
}

/** A file that is being written: chunks are appended, and {@link commit} publishes it under its real name. */
export class PartialFile {
  readonly #path: string;
  readonly #handle: Awaited<ReturnType<typeof open>>;

  private constructor(path: string, handle: Awaited<ReturnType<typeof open>>) {
    this.#path = path;
    this.#handle = handle;
  }

  /**
   * Starts writing `<path>.partial`, replacing any earlier attempt. A link is followed. @throws DataError, also for a device, a pipe or a
   * folder, which a rename would replace
   */
  static async create(name: string): Promise<PartialFile> {
    const path = await targetOf(name);
    await makeFolder(dirname(path));
    try {
      return new PartialFile(path, await open(`${path}.partial`, 'w'));
    } catch (cause) {
      throw writeError(path, cause);
    }
  }

  /** Appends. @throws DataError */
  async append(chunk: string | Uint8Array): Promise<void> {
    try {
      await this.#handle.appendFile(chunk);
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  /** Syncs the appended content to disk. @throws DataError */
  async sync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  /** Syncs the content and renames the file to its place. @throws DataError */
  async commit(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(`${this.#path}.partial`, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  /** Aborts and removes the partial file. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(`${this.#path}.partial`, { force: true });
  }
}

/** The file behind a name. @throws DataError where it is not a file */
async function targetOf(name: string): Promise<string> {
  try {
    const path = await realpath(name);
    if ((await stat(path)).isFile()) return path;
  } catch (thrown) {
    if (isAbsence(thrown)) return name;
    throw writeError(name, thrown);
  }
  throw new DataError({
    subject: name,
    expected: 'a path for a file',
    received: 'a device, a pipe or a folder',
    remedy: 'Name a file, or a path that does not exist yet.',
  });
}

/** Syncs a folder, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync folders; there the rename has to be enough.
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Text that is buffered before it is written, in characters. */
const GATHERED_LENGTH = 1 << 16;

/** Writes a whole file atomically: a reader sees the old content or the new, never a part. @throws DataError */
export function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  return writeChunksAtomic(path, [content]);
}

/** The same for content in chunks, such as lines with their ends. @throws DataError, and errors of the chunks */
export async function writeChunksAtomic(
  path: string,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
  const file = await PartialFile.create(path);
  try {
    let gathered = '';
    for await (const chunk of chunks) {
      if (typeof chunk === 'string') gathered += chunk;
      if (typeof chunk === 'string' && gathered.length < GATHERED_LENGTH) continue;
      if (gathered !== '') await file.append(gathered);
      gathered = '';
      if (typeof chunk !== 'string') await file.append(chunk);
    }
    if (gathered !== '') await file.append(gathered);
    await file.commit();
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}

/**
 * Writes a file that must not exist yet; of several writers exactly one succeeds.
 * @returns whether this call wrote it
 * @throws DataError
 */
export async function createExclusive(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFileAtomic(draft, content);
  try {
    // Unlike a rename, a link never replaces what is there.
    await link(draft, path);
    return true;
  } catch (thrown) {
    if (hasErrorCode(thrown, 'EEXIST')) return false;
    throw writeError(path, thrown);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Whether this path exists. @throws DataError when that cannot be determined */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (isAbsence(thrown)) return false;
    throw readError(path, thrown);
  }
}

/** The text of a file, or null where there is none. @throws DataError when it cannot be read */
export async function readTextIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (isAbsence(thrown)) return null;
    throw readError(path, thrown);
  }
}

/**
 * A part of a file; fewer bytes where it ends before.
 * @param start its first byte, from 0; `last` for the last bytes of the file
 * @throws the system's error
 */
export async function readBytes(
  path: string,
  nBytes: number,
  start: number | 'last' = 0,
): Promise<{ bytes: Buffer; start: number }> {
  const handle = await open(path, 'r');
  try {
    const from = start === 'last' ? Math.max(0, (await handle.stat()).size - nBytes) : start;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(nBytes), 0, nBytes, from);
    return { bytes: buffer.subarray(0, bytesRead), start: from };
  } finally {
    await handle.close();
  }
}

/** The sorted names in a folder; none where there is no such folder. @throws DataError when it cannot be read */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT')) return [];
    throw readError(folder, thrown);
  }
}

/** The names of the folders in a folder, in order. @throws DataError when it cannot be read, also where it is not there */
export async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (thrown) {
    throw readError(folder, thrown);
  }
}

/** The error of something that is there, or may be, and cannot be read; a DataError stays as it is. */
export function readError(path: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  return new DataError({
    subject: path,
    expected: 'a readable file or folder',
    received: messageOf(cause),
    remedy: hasErrorCode(cause, 'EISDIR')
      ? 'That is a folder: name a file in it.'
      : 'Check the path and its permissions.',
    cause,
  });
}

function isAbsence(thrown: unknown): boolean {
  return hasErrorCode(thrown, 'ENOENT') || hasErrorCode(thrown, 'ENOTDIR');
}

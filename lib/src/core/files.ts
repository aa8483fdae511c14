// Files that are whole or absent: everything is written beside its place, made durable, and renamed.
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError, hasErrorCode, messageOf } from './errors.js';

/** What to do about the common reasons for which a file cannot be written. */
export function writeError(path: string, cause: unknown): DataError {
  const remedies: readonly (readonly [string, string])[] = [
    [
      'ENOSPC',
      'The disk is full: free some space and run the same command again; it continues where it stopped.',
    ],
    ['EDQUOT', 'The disk quota is used up: free some space and run the same command again.'],
    ['EACCES', 'Give this user write permission there, or choose another folder (for a run: --results).'],
    ['EPERM', 'Give this user write permission there, or choose another folder (for a run: --results).'],
    ['EROFS', 'That file system is read-only: choose another folder (for a run: --results).'],
    ['ENOTDIR', 'A part of that path is a file, not a folder: choose another folder (for a run: --results).'],
    ['EEXIST', 'A part of that path is a file, not a folder: choose another folder (for a run: --results).'],
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

/** Creates a folder and its parents. @throws DataError when it cannot. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** A file under construction: chunks are appended, and {@link commit} makes it appear whole under its real name. */
export class PartialFile {
  readonly #path: string;
  readonly #handle: Awaited<ReturnType<typeof open>>;

  private constructor(path: string, handle: Awaited<ReturnType<typeof open>>) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Starts writing `<path>.partial`, in place of any earlier attempt. @throws DataError */
  static async create(path: string): Promise<PartialFile> {
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

  /** Makes the content durable and moves it to its place. @throws DataError */
  async commit(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(`${this.#path}.partial`, this.#path);
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  /** Gives the attempt up and removes what was written. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(`${this.#path}.partial`, { force: true });
  }
}

/** Writes a whole file so that a reader sees the old content or the new, never a part. @throws DataError */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const file = await PartialFile.create(path);
  try {
    await file.append(content);
    await file.commit();
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}

/** Whether something stands at this path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT') || hasErrorCode(thrown, 'ENOTDIR')) return false;
    throw thrown;
  }
}

/** The text of a file, or null where there is none. */
export async function readTextIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT') || hasErrorCode(thrown, 'ENOTDIR')) return null;
    throw thrown;
  }
}

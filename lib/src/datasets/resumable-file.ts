// A file that arrives in pieces, possibly over several runs of the program, and appears under its name only when it is whole.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFolder, readTextIfPresent, writeError, writeFileAtomic } from '../core/files.js';

/** What is remembered beside a part: of which version of which document it is, and how much of it is surely on disk. */
const noteSchema = z.object({ url: z.string(), etag: z.string(), nDurable: z.int().nonnegative() });

/**
 * `<path>.partial` and a note beside it, `<path>.partial.json`. The hash runs along, so that a file need not be read again.
 */
export class ResumableFile {
  readonly #path: string;
  readonly #url: string;
  #handle: FileHandle;
  #hash: Hash = createHash('sha256');
  #size = 0;
  #etag: string | null = null;
  #isInherited = false;

  private constructor(path: string, url: string, handle: FileHandle) {
    this.#path = path;
    this.#url = url;
    this.#handle = handle;
  }

  /**
   * Opens what an earlier attempt left of this document, or an empty part.
   * @param options.isSumKnown whether the whole will be checked; if not, only what was surely written is used
   * @throws DataError when it cannot be written
   */
  static async open(path: string, options: { url: string; isSumKnown: boolean }): Promise<ResumableFile> {
    await makeFolder(dirname(path));
    try {
      const note = await readNote(path);
      if (note?.url !== options.url) return await ResumableFile.#empty(path, options.url);
      const { size } = await stat(`${path}.partial`);
      const file = new ResumableFile(path, options.url, await open(`${path}.partial`, 'r+'));
      await file.#inherit(options.isSumKnown ? size : Math.min(size, note.nDurable), note.etag);
      return file;
    } catch (thrown) {
      if (isAbsent(thrown)) return await ResumableFile.#empty(path, options.url);
      throw writeError(path, thrown);
    }
  }

  static async #empty(path: string, url: string): Promise<ResumableFile> {
    try {
      await rm(notePath(path), { force: true });
      return new ResumableFile(path, url, await open(`${path}.partial`, 'w'));
    } catch (cause) {
      throw writeError(path, cause);
    }
  }

  async #inherit(size: number, etag: string): Promise<void> {
    await this.#handle.truncate(size);
    for await (const chunk of createReadStream(`${this.#path}.partial`)) this.#hash.update(chunk as Buffer);
    this.#size = size;
    this.#etag = etag;
    this.#isInherited = size > 0;
  }

  /** Bytes that are there. */
  get size(): number {
    return this.#size;
  }

  /** The strong entity tag (RFC 9110, 8.8.3) of the document that the part is of; null when it has none. */
  get etag(): string | null {
    return this.#etag;
  }

  /** Whether some of it was written by an earlier run of the program. */
  get isInherited(): boolean {
    return this.#isInherited;
  }

  /** Starts from nothing, with this version of the document. @throws DataError */
  async restart(etag: string | null): Promise<void> {
    try {
      if (this.#size > 0) await this.#handle.truncate(0);
      this.#size = 0;
      this.#hash = createHash('sha256');
      this.#etag = etag;
      this.#isInherited = false;
      // From here on a part that is found after a crash is known to be of this version.
      await this.#writeNote(0);
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  /** Appends. @throws DataError; what was there before is kept */
  async append(chunk: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < chunk.length;) {
        const { bytesWritten } = await this.#handle.write(
          chunk,
          written,
          chunk.length - written,
          this.#size + written,
        );
        written += bytesWritten;
      }
    } catch (cause) {
      // A part of the chunk may have been written: the hash does not have it.
      await this.#handle.truncate(this.#size).catch(() => undefined);
      throw writeError(this.#path, cause);
    }
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  /** SHA-256 of what is there. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Gives the whole file its name. @throws DataError */
  async commit(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(`${this.#path}.partial`, this.#path);
      await rm(notePath(this.#path), { force: true });
      // Windows cannot open folders; there the rename has to do.
      const folder = await open(dirname(this.#path), 'r').catch(() => null);
      await folder?.sync().catch(() => undefined);
      await folder?.close();
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  /** Leaves the part for a later attempt, or nothing when no later attempt could use it. Never throws. */
  async keep(): Promise<void> {
    try {
      if (this.#etag === null || this.#size === 0) {
        await this.discard();
        return;
      }
      await this.#handle.sync();
      await this.#writeNote(this.#size);
    } catch {
      // The note of the start still stands; it promises less.
    }
    await this.#handle.close().catch(() => undefined);
  }

  /** Gives the part up. Never throws. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(`${this.#path}.partial`, { force: true }).catch(() => undefined);
    await rm(notePath(this.#path), { force: true }).catch(() => undefined);
  }

  async #writeNote(nDurable: number): Promise<void> {
    if (this.#etag === null) return rm(notePath(this.#path), { force: true });
    const note = { url: this.#url, etag: this.#etag, nDurable };
    await writeFileAtomic(notePath(this.#path), JSON.stringify(note));
  }
}

function notePath(path: string): string {
  return `${path}.partial.json`;
}

async function readNote(path: string): Promise<z.infer<typeof noteSchema> | null> {
  const text = await readTextIfPresent(notePath(path));
  try {
    return text === null ? null : noteSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isAbsent(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}

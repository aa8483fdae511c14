// A file that arrives in pieces, possibly over several runs of the program, and appears under its name only when it is whole.
import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFolder, readTextIfPresent, syncFolder, writeError, writeFileAtomic } from '../core/files.js';
import { parseJson } from '../core/jsonl.js';

/** What is kept beside a part: which version of which document it belongs to, and how many bytes of it are surely on disk. */
const noteSchema = z.object({ url: z.string(), etag: z.string(), nDurable: z.int().nonnegative() });

/** `<path>.partial` and a note beside it, `<path>.partial.json`. The hash is computed along the way. */
export class ResumableFile {
  readonly #path: string;
  readonly #url: string;
  readonly #handle: FileHandle;
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
    const note = await readNote(path);
    return orWriteError(path, async () => {
      const handle = await open(`${path}.partial`, constants.O_RDWR | constants.O_CREAT);
      const file = new ResumableFile(path, options.url, handle);
      const { size } = await handle.stat();
      if (note?.url !== options.url) await file.#keepFirst(0, size);
      else {
        await file.#keepFirst(options.isSumKnown ? size : Math.min(size, note.nDurable), size);
        file.#etag = note.etag;
      }
      file.#isInherited = file.#size > 0;
      return file;
    });
  }

  /** Cuts the file off after its first bytes, and computes their hash. */
  async #keepFirst(nBytes: number, size: number): Promise<void> {
    if (nBytes < size) await this.#handle.truncate(nBytes);
    this.#hash = createHash('sha256');
    this.#size = nBytes;
    if (nBytes === 0) return;
    for await (const chunk of createReadStream(`${this.#path}.partial`)) this.#hash.update(chunk as Buffer);
  }

  /** Bytes that are there. */
  get size(): number {
    return this.#size;
  }

  /** The strong entity tag (RFC 9110, 8.8.3) of the document that the part belongs to; null when it has none. */
  get etag(): string | null {
    return this.#etag;
  }

  /** Whether some of it was written by an earlier run of the program. */
  get isInherited(): boolean {
    return this.#isInherited;
  }

  /** Starts from nothing, with this version of the document. @throws DataError */
  async restart(etag: string | null): Promise<void> {
    await orWriteError(this.#path, async () => {
      await this.#keepFirst(0, this.#size);
      this.#etag = etag;
      this.#isInherited = false;
      // A part that is found after a crash is now known to be of this version.
      await this.#writeNote(0);
    });
  }

  /** Appends. @throws DataError; what was there before is kept */
  async append(chunk: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < chunk.length;) {
        const at = this.#size + written;
        const { bytesWritten } = await this.#handle.write(chunk, written, chunk.length - written, at);
        written += bytesWritten;
      }
    } catch (cause) {
      // A part of the chunk may have been written, which the hash does not include.
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
    await orWriteError(this.#path, async () => {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(`${this.#path}.partial`, this.#path);
      await rm(notePath(this.#path), { force: true });
      await syncFolder(dirname(this.#path));
    });
  }

  /** Leaves the part for a later attempt, or nothing when no later attempt could use it. Never throws. */
  async keep(): Promise<void> {
    if (this.#etag === null || this.#size === 0) return this.discard();
    try {
      await this.#handle.sync();
      await this.#writeNote(this.#size);
    } catch {
      // The note of the start still stands; it promises less.
    }
    await this.#handle.close().catch(() => undefined);
  }

  /** Removes the part. Never throws. */
  async discard(): Promise<void> {
    this.#size = 0;
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

/** The note beside a part; null where there is none that can be read. */
async function readNote(path: string): Promise<z.infer<typeof noteSchema> | null> {
  const parsed = parseJson((await readTextIfPresent(notePath(path))) ?? '', noteSchema);
  return parsed.ok ? parsed.value : null;
}

async function orWriteError<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (cause) {
    throw writeError(path, cause);
  }
}

// A file of an export: it appears whole or not at all, and its content is hashed while it is written.
import { createHash } from 'node:crypto';
import { PartialFile } from '../core/files.js';

/** Characters gathered before they are written. */
const CHUNK_LENGTH = 1 << 18;

/** Size and hash of a file. */
export interface FileDigest {
  bytes: number;
  /** SHA-256 as 64 lower-case hex digits. */
  sha256: string;
}

/** A file under construction. */
export class HashedFile {
  readonly #file: PartialFile;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #pending = '';

  private constructor(file: PartialFile) {
    this.#file = file;
  }

  /** Starts a file. @throws DataError */
  static async create(path: string): Promise<HashedFile> {
    return new HashedFile(await PartialFile.create(path));
  }

  /** Writes a file that appears once `write` is done, or not at all. @returns what `write` does @throws what it throws; DataError */
  static async whole<Result>(path: string, write: (file: HashedFile) => Promise<Result>): Promise<Result> {
    const file = await HashedFile.create(path);
    try {
      const result = await write(file);
      await file.finish();
      await file.commit();
      return result;
    } catch (thrown) {
      await file.discard();
      throw thrown;
    }
  }

  /** Appends bytes; the caller may reuse the buffer afterwards. @throws DataError */
  async append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#file.append(bytes);
  }

  /** Appends text, in chunks. @throws DataError */
  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= CHUNK_LENGTH) await this.#flush();
  }

  /** Writes what is pending. The file is complete then, but has not its name yet. @throws DataError */
  async finish(): Promise<FileDigest> {
    await this.#flush();
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Gives the file its name. @throws DataError */
  async commit(): Promise<void> {
    await this.#file.commit();
  }

  /** Removes the file. */
  async discard(): Promise<void> {
    await this.#file.discard();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    if (bytes.length > 0) await this.append(bytes);
  }
}

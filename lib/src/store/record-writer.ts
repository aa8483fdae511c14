// Writes records as JSON Lines: in chunks, one of which is written while the next one fills.
import type { PartialFile } from '../core/files.js';

/** Characters gathered before they are written. */
const CHUNK_LENGTH = 1 << 18;

/** A JSON Lines file under construction. */
export class RecordWriter {
  readonly #file: PartialFile;
  #pending = '';
  #writing: Promise<void> = Promise.resolve();

  constructor(file: PartialFile) {
    this.#file = file;
  }

  /**
   * Adds a record.
   * @returns a promise now and then, to be awaited before the next record: when the disk is slower than the records come
   */
  write(record: unknown): Promise<void> | undefined {
    this.#pending += `${JSON.stringify(record)}\n`;
    return this.#pending.length >= CHUNK_LENGTH ? this.#flush() : undefined;
  }

  /** Makes the file whole and moves it to its place. @throws DataError */
  async commit(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.#file.commit();
  }

  /** Gives the file up. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.discard();
  }

  /** Begins to write what is pending, once what was begun before has been written. @throws DataError of the chunk before */
  async #flush(): Promise<void> {
    const chunk = this.#pending;
    this.#pending = '';
    await this.#writing;
    if (chunk === '') return;
    this.#writing = this.#file.append(chunk);
    // Told by the next call, or by commit.
    this.#writing.catch(() => undefined);
  }
}

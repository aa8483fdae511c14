// Writes records as JSON Lines: in chunks, one of which is written while the next one fills.
import type { PartialFile } from '../core/files.js';

/** Bytes that are gathered before they are written. */
const CHUNK_BYTES = 2 ** 18;
/** Bytes after which the disk is asked to begin: what is made durable at the end is then mostly there already. */
const SYNC_BYTES = 2 ** 25;
/** UTF-8 takes at most so many bytes for a character of a string. */
const MOST_BYTES_EACH = 3;
/** Of lines that are longer, the bytes are counted, since room for the most would be felt. */
const LONG_LINE = 2 ** 15;
const LINE_END = 0x0a;

/** A file of records under construction. */
export interface RecordSink<Value> {
  /** Adds a record. @returns a promise now and then, to be awaited before the next record */
  write(record: Value): Promise<void> | undefined;
  /** Makes the file whole and moves it to its place. @throws DataError */
  commit(): Promise<void>;
  /** Gives the file up. */
  discard(): Promise<void>;
}

/** A JSON Lines file under construction. */
export class RecordWriter implements RecordSink<unknown> {
  readonly #file: PartialFile;
  #chunk = Buffer.allocUnsafeSlow(2 * CHUNK_BYTES);
  /** Takes turns with the chunk: one fills while the other is written. */
  #spare = Buffer.allocUnsafeSlow(2 * CHUNK_BYTES);
  #nFilled = 0;
  #nUnsynced = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> | null = null;

  constructor(file: PartialFile) {
    this.#file = file;
  }

  /**
   * Adds a record.
   * @returns a promise now and then, to be awaited before the next record: when the disk is slower than the records come
   */
  write(record: unknown): Promise<void> | undefined {
    return this.writeLine(JSON.stringify(record));
  }

  /** Adds a record that is JSON already. @returns as {@link write} does */
  writeLine(line: string): Promise<void> | undefined {
    // Written to bytes line by line: joined as texts first, 300,000 rows took half a second more.
    this.#makeRoom(line);
    this.#nFilled += this.#chunk.write(line, this.#nFilled);
    this.#chunk[this.#nFilled++] = LINE_END;
    return this.#nFilled >= CHUNK_BYTES ? this.#flush() : undefined;
  }

  #makeRoom(line: string): void {
    const nBytes = line.length > LONG_LINE ? Buffer.byteLength(line) : MOST_BYTES_EACH * line.length;
    const needed = this.#nFilled + nBytes + 1;
    if (needed <= this.#chunk.length) return;
    const larger = Buffer.allocUnsafeSlow(needed);
    this.#chunk.copy(larger, 0, 0, this.#nFilled);
    this.#chunk = larger;
  }

  /** Makes the file whole and moves it to its place. @throws DataError */
  async commit(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.#syncing;
    await this.#file.commit();
  }

  /** Gives the file up. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#syncing;
    await this.#file.discard();
  }

  /** Begins to write what is pending, once what was begun before has been written. @throws DataError of the chunk before */
  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#nFilled === 0) return;
    const bytes = this.#chunk.subarray(0, this.#nFilled);
    [this.#chunk, this.#spare] = [this.#spare, this.#chunk];
    this.#nFilled = 0;
    this.#writing = this.#append(bytes);
    // Reported by the next call, or by commit.
    this.#writing.catch(() => undefined);
  }

  async #append(bytes: Buffer): Promise<void> {
    await this.#file.append(bytes);
    this.#nUnsynced += bytes.length;
    if (this.#nUnsynced < SYNC_BYTES || this.#syncing !== null) return;
    this.#nUnsynced = 0;
    // Not awaited, since the next bytes can be written meanwhile; commit reports what cannot be synced.
    this.#syncing = this.#file
      .sync()
      .catch(() => undefined)
      .finally(() => (this.#syncing = null));
  }
}

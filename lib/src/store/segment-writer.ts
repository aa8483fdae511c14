// Appending to the segment of this process: many puts share one write, and each is on disk before it counts.
import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode } from '../core/errors.js';
import { makeFolder, syncFolder, writeError } from '../core/files.js';
import { coalesced } from './coalesced.js';

/** Where a line was written. */
export interface WrittenLine {
  /** The segment, the same for all lines. */
  path: string;
  /** Bytes from the start of the segment. */
  offset: number;
  /** Bytes without the line end. */
  length: number;
}

/** The part of a file handle that is needed here. */
export interface AppendedFile {
  appendFile(bytes: Uint8Array): Promise<void>;
  datasync(): Promise<void>;
  stat(): Promise<{ size: number }>;
  close(): Promise<void>;
}

interface PendingLine {
  bytes: Buffer;
  /** Bytes from the start of the segment; set when it is written. */
  offset: number;
}

/** Writes the lines of one process for one partition to a file that no other process writes. */
export class SegmentWriter {
  readonly #folder: string;
  readonly #segmentName: string;
  readonly #create: (path: string) => Promise<AppendedFile>;
  /** Where it writes, or tries to. */
  #path: string;
  #file: AppendedFile | null = null;
  #pending: PendingLine[] = [];
  /** Group commit: everything that gathers while one write is under way goes out in the next. */
  readonly #flush = coalesced(() => this.#writePending());
  #hasFile = false;
  #nBytes = 0;
  #hasFailed = false;
  /** After a failed write the last line may be torn: the next line must not be joined to it. */
  #lineMayBeOpen = false;

  /** @param create opens a file that must not exist yet; `EEXIST` where it does */
  constructor(folder: string, segmentName: string, create = createSegment) {
    this.#folder = folder;
    this.#segmentName = segmentName;
    this.#create = create;
    this.#path = join(folder, `${segmentName}.jsonl`);
  }

  /** The file that is this process's own, or null before there is one. */
  get ownPath(): string | null {
    return this.#hasFile ? this.#path : null;
  }

  /** Bytes that were written, or null where a failed write left something else in the file than what was put. */
  get writtenBytes(): number | null {
    return this.#hasFailed ? null : this.#nBytes;
  }

  /**
   * Appends a line; resolves when it is on disk.
   * @param line with its end
   * @throws DataError when it cannot be written; later lines may well be
   */
  async append(line: string): Promise<WrittenLine> {
    const pending = { bytes: Buffer.from(line), offset: 0 };
    this.#pending.push(pending);
    await this.#flush();
    return { path: this.#path, offset: pending.offset, length: pending.bytes.length - 1 };
  }

  async #writePending(): Promise<void> {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    try {
      let offset = await this.#write(Buffer.concat(batch.map(({ bytes }) => bytes)));
      for (const pending of batch) {
        pending.offset = offset;
        offset += pending.bytes.length;
      }
    } catch (thrown) {
      throw writeError(this.#path, thrown);
    }
  }

  /** Gives the offset at which the lines start. */
  async #write(lines: Buffer): Promise<number> {
    this.#file ??= await this.#open();
    try {
      if (this.#lineMayBeOpen) {
        this.#nBytes = (await this.#file.stat()).size;
        await this.#file.appendFile(Buffer.from('\n'));
        this.#nBytes++;
        this.#lineMayBeOpen = false;
      }
      await this.#file.appendFile(lines);
      await this.#file.datasync();
    } catch (thrown) {
      this.#hasFailed = true;
      this.#lineMayBeOpen = true;
      throw thrown;
    }
    const offset = this.#nBytes;
    this.#nBytes += lines.length;
    return offset;
  }

  /** A name that was used before is not used again. */
  async #open(): Promise<AppendedFile> {
    await makeFolder(this.#folder);
    for (;;) {
      // Set before the file exists, so that it is never read as the file of another process.
      this.#hasFile = true;
      try {
        return await this.#create(this.#path);
      } catch (thrown) {
        this.#hasFile = false;
        if (!hasErrorCode(thrown, 'EEXIST')) throw thrown;
        this.#path = join(this.#folder, `${this.#segmentName}-${randomUUID().slice(0, 8)}.jsonl`);
      }
    }
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#flush();
    await this.#file?.close();
    this.#file = null;
  }
}

async function createSegment(path: string): Promise<AppendedFile> {
  const file = await open(path, 'ax');
  // The names of the file and of its folder must last as long as what is in it.
  await syncFolder(dirname(path));
  await syncFolder(dirname(dirname(path)));
  return file;
}

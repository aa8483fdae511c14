// Reading lines of segments: through a few open files with a block of each in memory, however many segments there are.
import { closeSync, openSync } from 'node:fs';
import { readInto } from '../core/byte-lines.js';

const BLOCK_BYTES = 2 ** 18;
/** 6 MiB of blocks. */
const MOST_OPEN = 24;

interface OpenFile {
  descriptor: number;
  /** Where it was last read. */
  lastOffset: number;
  /** Made when two reads come near to each other. */
  block: Buffer | null;
  /** What the block holds: from where on, and how many bytes. */
  blockStart: number;
  nBytes: number;
}

/**
 * Files to read from, each under a number.
 *
 * A rerun asks for completions in about the order in which they were written, so what is read near the last place comes with what is
 * around it, some hundred lines; what is read elsewhere comes alone. Reads are synchronous, as in other embedded stores: from the page
 * cache they take microseconds, less than handing them to a thread and back.
 */
export class SegmentFiles {
  readonly #paths: string[] = [];
  /** Least recently used first. */
  readonly #open = new Map<number, OpenFile>();

  /** Makes a file known and gives its number. */
  add(path: string): number {
    return this.#paths.push(path) - 1;
  }

  /** The path of a file. */
  pathOf(file: number): string {
    return this.#paths[file] ?? '';
  }

  /**
   * Bytes of a file; fewer where it ends before. The buffer is used again: it is good until the next read.
   * @throws system errors
   */
  read(number: number, offset: number, length: number): Buffer {
    const file = this.#fileOf(number);
    const isNear = Math.abs(offset - file.lastOffset) < BLOCK_BYTES;
    file.lastOffset = offset;
    const isIn = offset >= file.blockStart && offset + length <= file.blockStart + file.nBytes;
    if (!isIn && (!isNear || length > BLOCK_BYTES / 2)) {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readInto(bytes, file.descriptor, offset));
    }
    file.block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
    if (!isIn) {
      // A little before the line, since lines that were asked for at once are not quite in order.
      file.blockStart = Math.max(0, offset - BLOCK_BYTES / 4);
      file.nBytes = readInto(file.block, file.descriptor, file.blockStart);
    }
    const start = offset - file.blockStart;
    return file.block.subarray(start, Math.min(start + length, file.nBytes));
  }

  #fileOf(number: number): OpenFile {
    const file = this.#open.get(number) ?? {
      descriptor: openSync(this.pathOf(number), 'r'),
      lastOffset: -Infinity,
      block: null,
      blockStart: 0,
      nBytes: 0,
    };
    this.#open.delete(number);
    this.#open.set(number, file);
    const [oldest] = this.#open;
    if (this.#open.size > MOST_OPEN && oldest !== undefined) {
      this.#open.delete(oldest[0]);
      closeSync(oldest[1].descriptor);
    }
    return file;
  }

  /** Closes the files and lets go of what was read. */
  close(): void {
    for (const { descriptor } of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }
}

// Reading lines of segments: through a few open files and a few blocks in memory, however many segments there are.
import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 2 ** 18;
/** 6 MiB of blocks. */
const MOST_BLOCKS = 24;
const MOST_OPEN = 32;
/** Keeps the blocks of one file apart from those of the next; 2^30 blocks are 2^48 bytes. */
const BLOCKS_PER_FILE = 2 ** 30;

interface Block {
  bytes: Buffer;
  /** Of these, how many are of the file. */
  nBytes: number;
}

/**
 * Files to read from, each under a number.
 *
 * A rerun asks for completions in about the order in which they were written, so what is read next to the last place comes as a whole
 * block, which some hundred lines share; what is read elsewhere comes alone. Reads are synchronous, as in other embedded stores: what
 * they cost comes out of the page cache in microseconds, less than handing them to a thread and back.
 */
export class SegmentFiles {
  readonly #paths: string[] = [];
  /** Where each file was last read. */
  readonly #lastOffsets: number[] = [];
  /** Least recently used first. */
  readonly #open = new Map<number, number>();
  /** Least recently used first. */
  readonly #blocks = new Map<number, Block>();

  /** Makes a file known and gives its number. */
  add(path: string): number {
    this.#lastOffsets.push(-Infinity);
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
  read(file: number, offset: number, length: number): Buffer {
    const isNear = Math.abs(offset - (this.#lastOffsets[file] ?? 0)) < BLOCK_BYTES;
    this.#lastOffsets[file] = offset;
    const blockNumber = Math.floor(offset / BLOCK_BYTES);
    const start = offset - blockNumber * BLOCK_BYTES;
    const end = start + length;
    const blockKey = file * BLOCKS_PER_FILE + blockNumber;
    const known = this.#blocks.get(blockKey);
    if (end > BLOCK_BYTES || (known === undefined && !isNear)) {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, this.#fill(bytes, file, offset));
    }
    const block = known ?? { bytes: this.#freeBuffer(), nBytes: 0 };
    this.#blocks.delete(blockKey);
    // A block at the end of a growing file is read again when more of it is wanted.
    if (block.nBytes < end) block.nBytes = this.#fill(block.bytes, file, blockNumber * BLOCK_BYTES);
    this.#blocks.set(blockKey, block);
    return block.bytes.subarray(start, Math.min(end, block.nBytes));
  }

  /** Of the block that was not used for the longest time, once there are enough of them. */
  #freeBuffer(): Buffer {
    if (this.#blocks.size >= MOST_BLOCKS) {
      for (const [oldest, { bytes }] of this.#blocks) {
        this.#blocks.delete(oldest);
        return bytes;
      }
    }
    return Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** Gives how many bytes the file had for the buffer. */
  #fill(buffer: Buffer, file: number, offset: number): number {
    const descriptor = this.#descriptorOf(file);
    let nRead = 0;
    while (nRead < buffer.length) {
      const n = readSync(descriptor, buffer, nRead, buffer.length - nRead, offset + nRead);
      if (n === 0) break;
      nRead += n;
    }
    return nRead;
  }

  #descriptorOf(file: number): number {
    const descriptor = this.#open.get(file) ?? openSync(this.pathOf(file), 'r');
    this.#open.delete(file);
    this.#open.set(file, descriptor);
    for (const [oldest, unused] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      this.#open.delete(oldest);
      closeSync(unused);
    }
    return descriptor;
  }

  /** Closes the files and lets go of what was read. */
  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
    this.#blocks.clear();
  }
}
